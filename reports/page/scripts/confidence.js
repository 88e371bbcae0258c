// The distribution of confidence, against that of held-out images.
function drawConfidence({ confidence, threshold }) {
  const bins = shownBins(confidence, threshold);
  const baseline = confidence.baseline_counts ? steps(bins) : null;
  const top = Math.max(0.01, d3.max(bins, (bin) => Math.max(bin.share, bin.heldOut ?? 0)));

  return (width) => {
    const svg = plotConfidence({ bins, baseline, threshold, top, width });
    const points = binPoints(svg, bins);
    const label = `Distribution of confidence in ${counted(bins.length, "bin")}. Arrow keys walk them.`;
    const entries = [[swatch("confident"), "this window"]];
    if (baseline) entries.push([baselineSign(), "held-out images"]);
    return { svg, points, find: column(points), label, legend: legend(entries) };
  };
}

function plotConfidence({ bins, baseline, threshold, top, width }) {
  const span = { x1: "low", x2: "high", insetLeft: 1, insetRight: 1 };
  const fill = (bin) => `url(#fill-${bin.high <= threshold ? "low" : "confident"})`;
  const ticks = Math.min(6, width / 70);
  return plot({
    width, height: 260, ...MARGINS, marginBottom: 28,
    x: { domain: [bins[0].low, 1] }, y: { domain: [0, top] },
    marks: [
      Plot.axisX({ label: null, ticks, tickFormat: shareLabel(1), tickSize: 4, stroke: null, fill: "var(--muted)" }),
      ...valueAxis(4, shareLabel(top)),
      Plot.rectY(bins, { ...span, y: "share", fill, render: named("bars") }),
      thresholdRule(Plot.ruleX, threshold),
      Plot.text([threshold], {
        x: (value) => value, text: (value) => `threshold ${percent(value, 2)}`, frameAnchor: "top",
        textAnchor: "end", dx: -4, dy: -10, fill: "var(--attention)", fontWeight: 600,
      }),
      baseline && baselineMarks(Plot.line, baseline, { x: "x", y: "y" }),
      Plot.ruleY([0], { stroke: "var(--muted)" }),
      Plot.rect(bins, asPoints({ ...span, y1: () => 0, y2: () => top, fill: "transparent" })),
    ],
  });
}

// Bins from the lowest one that holds anything, or a little below the threshold, to 100 %.
function shownBins({ edges, counts, baseline_counts: baselineCounts }, threshold) {
  const [total, baselineTotal] = [d3.sum(counts) || 1, d3.sum(baselineCounts ?? []) || 1];
  const bins = counts.map((number, index) => ({
    low: edges[index], high: edges[index + 1], count: number, share: number / total,
    heldOut: baselineCounts ? baselineCounts[index] / baselineTotal : null,
  }));
  const first = bins.findIndex((bin) => bin.count || bin.heldOut || bin.high > threshold - 0.1);
  return bins.slice(first);
}

// The outline of the baseline's bars.
function steps(bins) {
  return bins.flatMap(({ low, high, heldOut }) => [{ x: low, y: heldOut }, { x: high, y: heldOut }]);
}

function binPoints(svg, bins) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  return pointElements(svg, bins).map(({ element, datum: bin }) => {
    const title = `Confidence ${percent(bin.low, 0)} to ${percent(bin.high, 0)}`;
    const facts = [
      ["Inferences", count(bin.count)],
      ["Share", percent(bin.share)],
      ["Held-out share", percent(bin.heldOut)],
    ];
    return {
      element, x: (x(bin.low) + x(bin.high)) / 2, y: y(bin.share), left: x(bin.low), right: x(bin.high),
      label: () => factsLabel(title, facts), content: () => factsContent(title, facts),
    };
  });
}
