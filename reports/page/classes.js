// The share of each predicted class, against that of held-out images.
const BARS = 12;

function drawClasses({ classes }) {
  const look = classLooks(classes);
  const bars = classBars(classes);
  const baseline = bars.filter((bar) => bar.baseline_share != null);
  const longest = d3.max(bars, (bar) => bar.name.length);
  const top = Math.max(0.01, d3.max(bars, (bar) => Math.max(bar.share ?? 0, bar.baseline_share ?? 0)));
  const position = (bar) => bars.indexOf(bar);

  return (width) => {
    const letters = Math.min(longest, Math.floor((width * 0.38) / 6.6));
    const marginLeft = letters * 6.6 + 14;
    const svg = plot({
      width, height: bars.length * 34 + 34, marginLeft, marginRight: 96, marginTop: 6, marginBottom: 28,
      x: { domain: [0, top] }, y: { type: "band", domain: d3.range(bars.length), padding: 0.32 },
      marks: [
        Plot.axisX({ label: null, ticks: Math.max(2, Math.floor((width - marginLeft - 96) / 70)), tickFormat: (share) => percent(share, top < 0.05 ? 1 : 0), tickSize: 0, fill: "var(--muted)" }),
        Plot.gridX({ ticks: 4, stroke: "var(--grid)", strokeOpacity: 1 }),
        Plot.axisY({ label: null, tickSize: 0, tickFormat: (index) => shorten(bars[index].name, letters), fill: "var(--text)" }),
        Plot.barX(bars, { x: "share", y: position, fill: (bar) => look(bar.name).color, render: named("bars"), rx: 2 }),
        Plot.tickX(baseline, { x: "baseline_share", y: position, stroke: "var(--surface)", strokeWidth: 5, insetTop: -4, insetBottom: -4 }),
        Plot.tickX(baseline, { x: "baseline_share", y: position, stroke: "var(--text)", strokeWidth: 2, insetTop: -4, insetBottom: -4, render: named("baseline") }),
        Plot.text(bars, { x: "share", y: position, dx: 8, textAnchor: "start", text: (bar) => `${count(bar.inferences)} · ${percent(bar.share)}`, fill: "var(--text)", stroke: "var(--surface)", strokeWidth: 4 }),
        Plot.barX(bars, asPoints({ x1: () => 0, x2: () => top, y: position, fill: "transparent", insetTop: -4, insetBottom: -4 })),
      ],
    });
    const points = classPoints(svg, bars);
    const entries = baseline.length ? legend([[lineSign(), "held-out images"]]) : null;
    return { svg, points, find: row(points), label: classesLabel(bars), legend: entries };
  };
}

// The most frequent classes; the others as one bar.
function classBars(classes) {
  const ordered = [...classes].sort((a, b) => b.inferences - a.inferences);
  if (ordered.length <= BARS) return ordered;
  const others = ordered.slice(BARS - 1);
  const sum = (field) => (others.some((bar) => bar[field] == null) ? null : d3.sum(others, (bar) => bar[field]));
  const together = { name: counted(others.length, "other class", "other classes"), inferences: sum("inferences"), share: sum("share"), baseline_share: sum("baseline_share"), low_confidence: sum("low_confidence"), mean_confidence: null };
  return [...ordered.slice(0, BARS - 1), together];
}

function classPoints(svg, bars) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y")];
  return pointElements(svg, bars).map(({ element, datum: bar }) => {
    const top = y.apply(bars.indexOf(bar));
    const facts = [
      ["Inferences", count(bar.inferences)], ["Share", percent(bar.share)],
      ["Held-out share", percent(bar.baseline_share)], ["Low confidence", count(bar.low_confidence)],
      ...(bar.mean_confidence == null ? [] : [["Mean confidence", percent(bar.mean_confidence)]]),
    ];
    return {
      element, x: x(bar.share ?? 0), y: top + y.bandwidth / 2, top: top - y.bandwidth * 0.24, bottom: top + y.bandwidth * 1.24,
      label: () => [bar.name, ...facts.map((fact) => fact.join(" "))].join(", "),
      content: () => factsContent(bar.name, facts),
    };
  });
}

const row = (points) => (x, y) => points.findIndex((point) => y >= point.top && y < point.bottom);

function factsContent(title, facts) {
  const list = make("dl", {}, facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  return [make("div", { class: "words" }, make("h4", {}, title), list)];
}

const lineSign = () => make("span", { class: "line-sign", "aria-hidden": "true" });

const classesLabel = (bars) => `Inferences by predicted class, ${counted(bars.length, "bar")}. Arrow keys walk them.`;
