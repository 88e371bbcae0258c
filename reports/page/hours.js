// Counts by the hour, stacked. Hours are stretches of a time axis, so a clock change neither doubles nor hides one.
const OUTCOMES = [
  ["SUCCEEDED", "Succeeded"], ["FAILED", "Failed"], ["TIMED_OUT", "Timed out"],
  ["ABORTED", "Stopped"], ["RUNNING", "Running"],
];
const ANSWERS = [["confident", "Confident"], ["low", "Low confidence"]];

function drawExecutions({ executionHours, start, stop }) {
  return drawHours(executionHours, OUTCOMES, [start, stop], ["execution", "executions"], 220);
}

function drawInferenceHours({ hours, start, stop }) {
  const rows = hours.map((hour) => ({ ...hour, confident: hour.inferences - hour.low_confidence, low: hour.low_confidence }));
  return drawHours(rows, ANSWERS, [start, stop], ["inference", "inferences"], 150, true);
}

// series: [[field, name]] from the bottom to the top.
function drawHours(rows, series, window, words, height, withLegend = false) {
  const hours = rows.map((row) => ({ row, start: new Date(row.start), stop: new Date(+new Date(row.start) + HOUR) }));
  for (const hour of hours) hour.total = d3.sum(series, ([field]) => hour.row[field] ?? 0);
  const parts = hours.flatMap((hour) => series.map(([field]) => ({ ...hour, field, count: hour.row[field] ?? 0 })));
  const domain = [d3.min([window[0], ...hours.map((hour) => hour.start)]), d3.max([window[1], ...hours.map((hour) => hour.stop)])];
  const top = Math.max(1, d3.max(hours, (hour) => hour.total) ?? 1);

  return (width) => {
    const inset = width / hours.length > 8 ? 0.5 : 0;
    const span = { x1: "start", x2: "stop", insetLeft: inset, insetRight: inset };
    const svg = plot({
      width, height, marginLeft: 52, marginRight: 14, marginTop: 28, marginBottom: 38,
      x: { type: "time", domain }, y: { domain: [0, top], nice: true },
      marks: [
        Plot.axisY({ label: null, ticks: wholeTicks(top), tickFormat: count, tickSize: 0, fill: "var(--muted)" }),
        Plot.gridY({ ticks: wholeTicks(top), stroke: "var(--grid)", strokeOpacity: 1 }),
        ...timeAxis(domain, width - 66),
        Plot.rectY(
          parts.filter((part) => part.count > 0),
          Plot.stackY({ ...span, y: "count", z: "field", order: series.map(([field]) => field), fill: (part) => `url(#fill-${part.field})` , render: named("bars") }),
        ),
        Plot.ruleY([0], { stroke: "var(--muted)" }),
        Plot.rect(hours, asPoints({ ...span, y1: () => 0, y2: () => top, fill: "transparent" })),
      ],
    });
    const points = hourPoints(svg, hours, series, words);
    const names = series.filter(([field]) => parts.some((part) => part.field === field && part.count > 0));
    return {
      svg, points, find: column(points), label: hoursLabel(hours, words),
      legend: withLegend ? legend(names.map(([field, name]) => [swatch(field), name])) : null,
    };
  };
}

const wholeTicks = (top) => d3.ticks(0, top, 3).filter(Number.isInteger);

function hourPoints(svg, hours, series, words) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  return pointElements(svg, hours).map(({ element, datum: hour }) => {
    const counts = series.filter(([field]) => hour.row[field]).map(([field, name]) => [field, name, hour.row[field]]);
    return {
      element, x: (x(hour.start) + x(hour.stop)) / 2, y: y(hour.total), left: x(hour.start), right: x(hour.stop),
      label: () => [fullTime(hour.start, "hour"), ...counts.map(([, name, number]) => `${name} ${count(number)}`)].join(", "),
      content: () => hourContent(hour, counts, words),
    };
  });
}

function hourContent(hour, counts, words) {
  const items = counts.map(([field, name, number]) =>
    make("li", {}, swatch(field), make("span", {}, name), make("strong", {}, count(number))),
  );
  const title = make("h4", {}, timeTag(hour.start, "hour"));
  return [make("div", { class: "words" }, title, make("p", {}, counted(hour.total, ...words)), make("ul", { class: "counts" }, items))];
}

// The column that holds this x.
const column = (points) => (x) => points.findIndex((point) => x >= point.left && x < point.right);

function hoursLabel(hours, [one, many]) {
  const total = d3.sum(hours, (hour) => hour.total);
  return `${counted(total, one, many)} in ${counted(hours.length, "hour")}. Arrow keys walk the hours.`;
}
