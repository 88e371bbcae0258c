// A time axis in the reader's zone: d3's own would name the hour of a clock change twice.
const MINUTE = 60; // seconds
const DAY = 24 * 60 * MINUTE;
const STEPS_OF_TIME = [
  1, 5, 15, 30, ...[1, 5, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 7, 30].map((days) => days * DAY),
];

// Times at round local clock times, as many as there is room for.
function timeTicks(start, stop, width) {
  const seconds = (stop - start) / 1e3;
  // The name of a day is longer than a clock time.
  const wanted = (step) => Math.max(2, width / (step < DAY ? 60 : 84));
  const step = STEPS_OF_TIME.find((candidate) => seconds / candidate <= wanted(candidate)) ?? 90 * DAY;
  // Zones differ from UTC by quarters of an hour, so a round local time is a round quarter.
  const each = Math.min(step, 15 * MINUTE) * 1e3;
  const ticks = [];
  for (let moment = Math.ceil(start / each) * each; moment <= stop; moment += each) {
    const date = new Date(moment);
    const ofDay = (date.getHours() * 60 + date.getMinutes()) * MINUTE + date.getSeconds();
    if (ofDay % Math.min(step, DAY) === 0) ticks.push(date);
  }
  return ticks.filter((_, index) => index % Math.max(1, step / DAY) === 0);
}

// The clock time; below it the day where a day begins, and the zone where clocks are changed. Or days. The year
// is with the first day, and with each that begins another.
function timeLabels(ticks) {
  const year = (index) =>
    ticks[index].getFullYear() === ticks[index - 1]?.getFullYear() ? null : ticks[index].getFullYear();
  if (ticks.every((date) => clockTime(date) === "00:00")) {
    return ticks.map((date, index) => [dayName(date), year(index)].filter(Boolean).join("\n"));
  }
  const withSeconds = ticks.some((date) => date.getSeconds());
  const times = ticks.map((date) => clockTime(date) + (withSeconds ? `:${two(date.getSeconds())}` : ""));
  return ticks.map((date, index) => {
    const again = index > 0 && offsetName(date) !== offsetName(ticks[index - 1]);
    const twice = sameDayTwice(ticks, index);
    const newDay = index === 0 || dayName(date) !== dayName(ticks[index - 1]);
    const below = again || twice ? offsetName(date) : newDay ? (year(index) ? dayOfYear(date) : dayName(date)) : "";
    return below ? `${times[index]}\n${below}` : times[index];
  });
}

function sameDayTwice(ticks, index) {
  const name = (date) => `${dayName(date)} ${date.toTimeString().slice(0, 8)}`;
  return ticks.filter((date) => name(date) === name(ticks[index])).length > 1;
}

function midnights(start, stop) {
  const days = [];
  const day = new Date(start);
  day.setHours(24, 0, 0, 0);
  for (; day < stop; day.setDate(day.getDate() + 1)) days.push(new Date(day));
  return days;
}

// Marks of the axis: ticks, a line where a day begins, and one where clocks are changed.
function timeAxis(domain, width) {
  const [start, stop] = domain;
  const ticks = timeTicks(start, stop, width);
  const labels = new Map(timeLabels(ticks).map((label, index) => [+ticks[index], label]));
  const tickFormat = (date) => labels.get(+date);
  const days = midnights(start, stop);
  const change = clockChange(start, stop);
  return [
    Plot.axisX(ticks, { tickFormat, label: null, tickSize: 4, stroke: null, fill: "var(--muted)" }),
    Plot.ruleX(days.length > 16 ? ticks : days, { stroke: "var(--day)" }),
    change && Plot.ruleX([change], { stroke: "var(--muted)", strokeDasharray: "2 3" }),
    change && Plot.text([change], {
      x: (date) => date, frameAnchor: "top", dy: -14, text: () => "clocks change", fill: "var(--muted)",
    }),
  ];
}
