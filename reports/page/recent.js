// Recent inferences: confidence over time.
function drawRecent({ recent, threshold, classes, start, stop, truncated }) {
  const look = classLooks(classes);
  const low = recent.filter((record) => record.low);
  const confident = recent.filter((record) => !record.low);
  const domain = recentDomain(recent, start, stop, truncated);
  const lowest = Math.min(threshold, d3.min(recent, (record) => record.confidence));
  const floor = Math.max(0, Math.floor((lowest - 0.02) * 10) / 10);
  const looks = {
    x: "time", y: "confidence", symbol: (record) => look(record.class).symbol, fill: (record) => look(record.class).color,
  };

  return (width) => {
    const svg = plot({
      width, height: Math.min(400, Math.max(260, width * 0.36)),
      marginLeft: 52, marginRight: 14, marginTop: 28, marginBottom: 38,
      x: { type: "time", domain }, y: { domain: [floor, 1] },
      marks: [
        Plot.rect([0], { x1: () => domain[0], x2: () => domain[1], y1: () => floor, y2: () => threshold, fill: "var(--low-zone)" }),
        Plot.axisY({ label: null, ticks: 5, tickFormat: (share) => percent(share, 0), tickSize: 0, fill: "var(--muted)" }),
        Plot.gridY({ ticks: 5, stroke: "var(--grid)", strokeOpacity: 1 }),
        ...timeAxis(domain, width - 66),
        Plot.ruleY([threshold], { stroke: "var(--attention)", strokeWidth: 1.5, strokeDasharray: "6 4" }),
        Plot.dot(confident, asPoints({ ...looks, r: width < 600 ? 2.4 : 3.2, fillOpacity: 0.62 }, "confident-points")),
        Plot.dot(low, asPoints({ ...looks, r: width < 600 ? 3.6 : 5, stroke: "var(--text)", strokeWidth: 1.2 }, "low-points")),
      ],
    });
    const points = recentPoints(svg, confident, low, threshold);
    const entries = [
      ...classLegend(look),
      [make("span", { class: "threshold-sign", "aria-hidden": "true" }), `threshold ${percent(threshold, 2)}`],
      ...(low.length ? [[lowSign(), "outlined and larger: low confidence"]] : []),
    ];
    return { svg, points, find: nearest(points, 28), label: recentLabel(recent, low), legend: legend(entries) };
  };
}

// The window; when only the newest are shown, their own time, which may be far shorter.
function recentDomain(recent, start, stop, truncated) {
  if (!truncated) return [start, stop];
  const [first, last] = d3.extent(recent, (record) => +record.time);
  const edge = Math.max((last - first) * 0.02, 60e3);
  return [new Date(first - edge), new Date(last + edge)];
}

function recentPoints(svg, confident, low, threshold) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  const elements = [...pointElements(svg, confident, "confident-points"), ...pointElements(svg, low, "low-points")];
  const points = elements.map(({ element, datum: record }) => ({
    element, record, dot: true, x: x(record.time), y: y(record.confidence),
    label: () => recordLabel(record, threshold), content: () => recordContent(record, threshold),
  }));
  return points.sort((a, b) => a.record.time - b.record.time);
}

// The nearest point within so many pixels.
function nearest(points, within) {
  const delaunay = d3.Delaunay.from(points, (point) => point.x, (point) => point.y);
  return (x, y) => {
    const index = delaunay.find(x, y);
    const point = points[index];
    return point && Math.hypot(point.x - x, point.y - y) <= within ? index : -1;
  };
}

function recentLabel(recent, low) {
  return `Confidence over time of ${counted(recent.length, "inference")}, ${count(low.length)} of them below the threshold. Arrow keys walk them.`;
}

function lowSign() {
  const sign = d3.create("svg").attr("class", "sign").attr("viewBox", "-8 -8 16 16").attr("aria-hidden", "true");
  sign.append("circle").attr("r", 5.5).attr("class", "low-sign");
  return sign.node();
}
