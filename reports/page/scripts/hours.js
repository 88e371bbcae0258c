// Counts by the hour, or in a long window by the UTC day, stacked. Each is a stretch of a time axis: a change
// of clocks neither doubles nor hides one.
const OUTCOMES = [
  ["SUCCEEDED", "Succeeded"], ["FAILED", "Failed"], ["TIMED_OUT", "Timed out"], ["ABORTED", "Stopped"],
  ["RUNNING", "Running"],
];
const ANSWERS = [["confident", "Confident"], ["low", "Low confidence"]];

function drawExecutions({ executionHours, periodHours, start, stop }) {
  const words = ["execution", "executions"];
  const window = [start, stop];
  return drawHours({ rows: executionHours, periodHours, series: OUTCOMES, window, words, height: 220 });
}

function drawInferenceHours({ hours, periodHours, start, stop }) {
  const words = ["inference", "inferences"];
  const rows = hours.map((hour) => ({
    start: hour.start, confident: hour.inferences - hour.low_confidence, low: hour.low_confidence,
  }));
  return drawHours({
    rows, periodHours, series: ANSWERS, window: [start, stop], words, height: 150, withLegend: true,
  });
}

// series: [[field, name]] from the bottom to the top.
function drawHours({ rows, periodHours, series, window, words, height, withLegend }) {
  const hours = rows.map((row) => readHour(row, series, periodHours));
  const parts = (hour) => series.map(([field]) => ({ ...hour, field, count: hour.row[field] ?? 0 }));
  const filled = hours.flatMap(parts).filter((part) => part.count > 0);
  const used = series.filter(([field]) => filled.some((part) => part.field === field));
  const total = d3.sum(hours, (hour) => hour.total);
  const label = `${counted(total, ...words)} in ${counted(hours.length, "column")}. Arrow keys walk them.`;

  return (width) => {
    const svg = plotHours({ hours, filled, series, domain: hoursDomain(hours, window), width, height });
    const points = hourPoints(svg, hours, series, words);
    const entries = withLegend ? legend(used.map(([field, name]) => [swatch(field), name])) : null;
    return { svg, points, find: column(points), label, legend: entries };
  };
}

function readHour(row, series, periodHours) {
  const start = new Date(row.start);
  const stop = new Date(+start + periodHours * HOUR);
  return { row, start, stop, total: d3.sum(series, ([field]) => row[field] ?? 0) };
}

// The window, and the whole of the hours at its ends.
function hoursDomain(hours, [start, stop]) {
  const [starts, stops] = [hours.map((hour) => hour.start), hours.map((hour) => hour.stop)];
  return [d3.min([start, ...starts]), d3.max([stop, ...stops])];
}

function plotHours({ hours, filled, series, domain, width, height }) {
  const top = Math.max(1, d3.max(hours, (hour) => hour.total) ?? 1);
  const inset = width / hours.length > 8 ? 0.5 : 0;
  const span = { x1: "start", x2: "stop", insetLeft: inset, insetRight: inset };
  const order = series.map(([field]) => field);
  const fill = (part) => `url(#fill-${part.field})`;
  return plot({
    width, height, ...MARGINS, x: { type: "time", domain }, y: { domain: [0, top], nice: true },
    marks: [
      ...valueAxis(d3.ticks(0, top, 3).filter(Number.isInteger), count),
      ...timeAxis(domain, width - MARGINS.marginLeft - MARGINS.marginRight),
      Plot.rectY(filled, Plot.stackY({ ...span, y: "count", z: "field", order, fill, render: named("bars") })),
      Plot.ruleY([0], { stroke: "var(--muted)" }),
      Plot.rect(hours, asPoints({ ...span, y1: () => 0, y2: () => top, fill: "transparent" })),
    ],
  });
}

function hourPoints(svg, hours, series, words) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  return pointElements(svg, hours).map(({ element, datum: hour }) => {
    const counts = series.filter(([field]) => hour.row[field]);
    const read = () => counts.map(([field, name]) => `${name} ${count(hour.row[field])}`);
    return {
      element, x: (x(hour.start) + x(hour.stop)) / 2, y: y(hour.total),
      left: x(hour.start), right: x(hour.stop),
      label: () => [hourName(hour), ...read()].join(", "),
      content: () => hourContent(hour, counts, words),
    };
  });
}

function hourName({ start, stop }) {
  return stop - start === HOUR ? fullTime(start, "hour") : `${fullTime(start)} to ${fullTime(stop)}`;
}

function hourContent(hour, counts, words) {
  const items = counts.map(([field, name]) =>
    make("li", {}, swatch(field), make("span", {}, name), make("strong", {}, count(hour.row[field]))),
  );
  const title = make("h4", { title: `from ${inUtc(hour.start)}` }, hourName(hour));
  const total = make("p", {}, counted(hour.total, ...words));
  return [make("div", { class: "words" }, title, total, make("ul", { class: "counts" }, items))];
}

// The column that holds this x.
const column = (points) => (x) => points.findIndex((point) => x >= point.left && x < point.right);
