// A time axis in the reader's zone: d3's own would name the hour of a clock change twice.
const MINUTES = [1, 5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 10080];

// Times at round local clock times, as many as there is room for.
function timeTicks(start, stop, width) {
  const minutes = (stop - start) / 60e3;
  // The name of a day is longer than a clock time.
  const wanted = (step) => Math.max(2, width / (step < 1440 ? 60 : 84));
  const step = MINUTES.find((candidate) => minutes / candidate <= wanted(candidate)) ?? 43200;
  // Zones differ from UTC by quarters of an hour, so a round local time is a round quarter.
  const each = Math.min(step, 15) * 60e3;
  const ticks = [];
  for (let moment = Math.ceil(start / each) * each; moment <= stop; moment += each) {
    const date = new Date(moment);
    const ofDay = date.getHours() * 60 + date.getMinutes();
    if (ofDay % Math.min(step, 1440) === 0) ticks.push(date);
  }
  return ticks.filter((_, index) => index % Math.max(1, Math.ceil(step / 1440)) === 0);
}

// The clock time; below it the day where a day begins, and the zone where clocks are changed.
function timeLabels(ticks) {
  if (ticks.every((date) => clockTime(date) === "00:00")) return ticks.map(dayName);
  const times = ticks.map(clockTime);
  return ticks.map((date, index) => {
    const again = index > 0 && offsetName(date) !== offsetName(ticks[index - 1]);
    const twice = sameDayTwice(ticks, index);
    const newDay = index === 0 || dayName(date) !== dayName(ticks[index - 1]);
    const below = again || twice ? offsetName(date) : newDay ? dayName(date) : "";
    return below ? `${times[index]}\n${below}` : times[index];
  });
}

function sameDayTwice(ticks, index) {
  const name = (date) => `${dayName(date)} ${clockTime(date)}`;
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
