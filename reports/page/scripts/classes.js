// The share of each predicted class, against that of held-out images.
const BARS = 12;
const LETTER = 6.6; // pixels
const FIGURES = 96; // pixels to the right of the longest bar

function drawClasses({ classes }) {
  const look = classLooks(classes);
  const bars = classBars(classes);
  const baseline = bars.filter((bar) => bar.baseline_share != null);
  const top = Math.max(0.01, d3.max(bars, barEnd));

  return (width) => {
    const svg = plotClasses({ bars, baseline, look, top, width });
    const points = classPoints(svg, bars);
    const label = `Inferences by predicted class, ${counted(bars.length, "bar")}. Arrow keys walk them.`;
    const entries = baseline.length ? legend([[baselineSign(), "held-out images"]]) : null;
    return { svg, points, find: row(points), label, legend: entries };
  };
}

const barEnd = (bar) => Math.max(bar.share ?? 0, bar.baseline_share ?? 0);

function plotClasses({ bars, baseline, look, top, width }) {
  const letters = Math.min(d3.max(bars, (bar) => bar.name.length), Math.floor((width * 0.38) / LETTER));
  const marginLeft = letters * LETTER + 14;
  const ticks = Math.max(2, Math.floor((width - marginLeft - FIGURES) / 70));
  const y = (bar) => bars.indexOf(bar);
  const name = (index) => shorten(bars[index].name, letters);
  const figures = (bar) => `${count(bar.inferences)} · ${percent(bar.share)}`;
  const wide = { insetTop: -4, insetBottom: -4 };
  return plot({
    width, height: bars.length * 34 + 34, marginLeft, marginRight: FIGURES, marginTop: 6, marginBottom: 28,
    x: { domain: [0, top] }, y: { type: "band", domain: d3.range(bars.length), padding: 0.32 },
    marks: [
      Plot.axisX({ label: null, ticks, tickFormat: shareLabel(top), tickSize: 0, fill: "var(--muted)" }),
      Plot.gridX({ ticks, stroke: "var(--grid)", strokeOpacity: 1 }),
      Plot.axisY({ label: null, tickSize: 0, tickFormat: name, fill: "var(--text)" }),
      Plot.barX(bars, { x: "share", y, fill: (bar) => look(bar.name).color, rx: 2, render: named("bars") }),
      ...baselineMarks(Plot.tickX, baseline, { x: "baseline_share", y, ...wide }),
      Plot.text(bars, {
        x: barEnd, y, dx: 8, textAnchor: "start", text: figures, fill: "var(--text)", stroke: "var(--surface)",
        strokeWidth: 4,
      }),
      Plot.barX(bars, asPoints({ x1: () => 0, x2: () => top, y, fill: "transparent", ...wide })),
    ],
  });
}

// The most frequent classes; the others as one bar.
function classBars(classes) {
  const ordered = [...classes].sort((a, b) => b.inferences - a.inferences);
  if (ordered.length <= BARS) return ordered;
  const others = ordered.slice(BARS - 1);
  const known = (field) => others.every((bar) => bar[field] != null);
  const sum = (field) => (known(field) ? d3.sum(others, (bar) => bar[field]) : null);
  const together = {
    name: counted(others.length, "other class", "other classes"), inferences: sum("inferences"),
    share: sum("share"), baseline_share: sum("baseline_share"), low_confidence: sum("low_confidence"),
    mean_confidence: null,
  };
  return [...ordered.slice(0, BARS - 1), together];
}

function classPoints(svg, bars) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y")];
  return pointElements(svg, bars).map(({ element, datum: bar }) => {
    const [top, height] = [y.apply(bars.indexOf(bar)), y.bandwidth];
    const facts = classFacts(bar);
    return {
      element, x: x(bar.share ?? 0), y: top + height / 2,
      top: top - height * 0.24, bottom: top + height * 1.24,
      label: () => factsLabel(bar.name, facts), content: () => factsContent(bar.name, facts),
    };
  });
}

function classFacts(bar) {
  return [
    ["Inferences", count(bar.inferences)],
    ["Share", percent(bar.share)],
    ["Held-out share", percent(bar.baseline_share)],
    ["Low confidence", count(bar.low_confidence)],
    ...(bar.mean_confidence == null ? [] : [["Mean confidence", percent(bar.mean_confidence)]]),
  ];
}

// The bar whose row holds this y.
const row = (points) => (x, y) => points.findIndex((point) => y >= point.top && y < point.bottom);
