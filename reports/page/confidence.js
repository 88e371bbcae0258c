// The distribution of confidence, against that of held-out images.
function drawConfidence({ confidence, threshold }) {
  const { edges, counts, baseline_counts: baselineCounts } = confidence;
  const bins = confidenceBins(edges, counts, baselineCounts);
  const used = bins.filter((bin) => bin.count || bin.heldOutCount);
  const domain = [Math.min(d3.min(used, (bin) => bin.low), Math.floor(threshold * 10 - 1) / 10), 1];
  const shown = bins.filter((bin) => bin.low >= domain[0] - 1e-9);
  const top = Math.max(0.01, d3.max(shown, (bin) => Math.max(bin.share, bin.heldOut ?? 0)));
  const span = { x1: "low", x2: "high", insetLeft: 1, insetRight: 1 };

  return (width) => {
    const svg = plot({
      width, height: 260, marginLeft: 52, marginRight: 14, marginTop: 22, marginBottom: 28,
      x: { domain }, y: { domain: [0, top] },
      marks: [
        Plot.axisX({ label: null, ticks: Math.min(6, width / 70), tickFormat: (share) => percent(share, 0), tickSize: 4, stroke: null, fill: "var(--muted)" }),
        Plot.axisY({ label: null, ticks: 4, tickFormat: (share) => percent(share, top < 0.05 ? 1 : 0), tickSize: 0, fill: "var(--muted)" }),
        Plot.gridY({ ticks: 4, stroke: "var(--grid)", strokeOpacity: 1 }),
        Plot.rectY(shown, { ...span, y: "share", fill: (bin) => `url(#fill-${bin.high <= threshold ? "low" : "confident"})`, render: named("bars") }),
        Plot.ruleX([threshold], { stroke: "var(--attention)", strokeWidth: 1.5, strokeDasharray: "6 4" }),
        Plot.text([threshold], { x: (value) => value, frameAnchor: "top", dy: -10, dx: -4, textAnchor: "end", text: (value) => `threshold ${percent(value, 2)}`, fill: "var(--attention)", fontWeight: 600 }),
        baselineCounts && Plot.line(steps(shown), { x: "x", y: "y", stroke: "var(--surface)", strokeWidth: 5 }),
        baselineCounts && Plot.line(steps(shown), { x: "x", y: "y", stroke: "var(--text)", strokeWidth: 2, render: named("baseline") }),
        Plot.ruleY([0], { stroke: "var(--muted)" }),
        Plot.rect(shown, asPoints({ ...span, y1: () => 0, y2: () => top, fill: "transparent" })),
      ],
    });
    const points = binPoints(svg, shown);
    const entries = [[swatch("confident"), "this window"], ...(baselineCounts ? [[lineSign(), "held-out images"]] : [])];
    const label = `Distribution of confidence in ${counted(shown.length, "bin")}. Arrow keys walk them.`;
    return { svg, points, find: column(points), label, legend: legend(entries) };
  };
}

function confidenceBins(edges, counts, baselineCounts) {
  const total = d3.sum(counts) || 1;
  const baselineTotal = d3.sum(baselineCounts ?? []) || 1;
  return counts.map((number, index) => ({
    low: edges[index], high: edges[index + 1], count: number, share: number / total,
    heldOutCount: baselineCounts?.[index] ?? 0,
    heldOut: baselineCounts ? baselineCounts[index] / baselineTotal : null,
  }));
}

// The outline of the baseline's bars.
const steps = (bins) => bins.flatMap((bin) => [{ x: bin.low, y: bin.heldOut }, { x: bin.high, y: bin.heldOut }]);

function binPoints(svg, bins) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  return pointElements(svg, bins).map(({ element, datum: bin }) => {
    const title = `${percent(bin.low, 0)} to ${percent(bin.high, 0)}`;
    const facts = [["Inferences", count(bin.count)], ["Share", percent(bin.share)], ["Held-out share", percent(bin.heldOut)]];
    return {
      element, x: (x(bin.low) + x(bin.high)) / 2, y: y(bin.share), left: x(bin.low), right: x(bin.high) + 0.01,
      label: () => [`Confidence ${title}`, ...facts.map((fact) => fact.join(" "))].join(", "),
      content: () => factsContent(title, facts),
    };
  });
}
