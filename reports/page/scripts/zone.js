// Times in the reader's zone.
const HOUR = 3600e3;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (number) => String(number).padStart(2, "0");

const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "your zone";

// "UTC+2", "UTC+5:30": what the zone is at that moment.
function offsetName(date) {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  const rest = size % 60 ? `:${two(size % 60)}` : "";
  return `UTC${minutes < 0 ? "\u2212" : "+"}${Math.floor(size / 60)}${rest}`;
}

// Whether each time says its offset: only where clocks are changed, else the head of the page says it once.
const zone = { changes: true };
const offset = (date) => (zone.changes ? ` ${offsetName(date)}` : "");

const clockTime = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

const dayName = (date) => `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}`;

// No longer than dayName, so that it has room where that has: without the day of the week.
const dayOfYear = (date) => `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;

// A time in full. `shown` is "second", "minute", "brief" (no year) or "hour" (what it spans).
function fullTime(date, shown = "minute") {
  const day = `${dayName(date)} ${date.getFullYear()}`;
  if (shown === "hour") {
    return `${day}, ${clockTime(date)}\u2013${clockTime(new Date(+date + HOUR))}${offset(date)}`;
  }
  if (shown === "brief") return `${dayName(date)}, ${clockTime(date)}${offset(date)}`;
  const seconds = shown === "second" ? `:${two(date.getSeconds())}` : "";
  return `${day}, ${clockTime(date)}${seconds}${offset(date)}`;
}

const inUtc = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

// The moment between two times at which clocks are changed, to the minute; null when they are not.
function clockChange(start, stop) {
  const offset = (moment) => new Date(moment).getTimezoneOffset();
  for (let early = +start; early < +stop; early += 24 * HOUR) {
    let [low, high] = [early, Math.min(early + 24 * HOUR, +stop)];
    if (offset(low) === offset(high)) continue;
    while (high - low > 60e3) {
      const middle = low + Math.floor((high - low) / 2);
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    return new Date(Math.floor(high / 60e3) * 60e3);
  }
  return null;
}

// "Europe/Berlin (UTC+2, from Sun 25 Oct, 02:00 UTC+1)"
function describeZone(start, stop) {
  if (zoneName() === offsetName(start)) return zoneName();
  const change = clockChange(start, stop);
  const later = change ? `, from ${dayName(change)}, ${clockTime(change)} ${offsetName(change)}` : "";
  return `${zoneName()} (${offsetName(start)}${later})`;
}

// Every time of the page, which was written in UTC, in the reader's zone, and UTC when pointed at.
function localizeTimes(root) {
  for (const tag of root.querySelectorAll("time[datetime]")) {
    const date = new Date(tag.dateTime);
    tag.textContent = fullTime(date, tag.dataset.shown);
    tag.title = inUtc(date);
  }
}
