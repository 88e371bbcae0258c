// Recent inferences: confidence over time.
function drawRecent({ recent, threshold, classes, start, stop, truncated }) {
  const look = classLooks(classes);
  const low = recent.filter((record) => record.low);
  const confident = recent.filter((record) => !record.low);
  const domain = recentDomain(recent, start, stop, truncated);
  const label =
    `Confidence over time of ${counted(recent.length, "inference")}, ${count(low.length)} of them below the ` +
    "threshold. Arrow keys walk them.";

  return (width) => {
    const svg = plotRecent({ confident, low, look, threshold, domain, width });
    const points = recentPoints(svg, confident, low, threshold);
    const entries = [...classLegend(look), [thresholdSign(), `threshold ${percent(threshold, 2)}`]];
    if (low.length) entries.push([lowSign(), "outlined and larger: low confidence"]);
    return { svg, points, find: nearest(points, 28), label, legend: legend(entries) };
  };
}

function plotRecent({ confident, low, look, threshold, domain, width }) {
  const floor = lowestShare([...confident, ...low], threshold);
  const looks = {
    x: "time", y: "confidence",
    symbol: (record) => look(record.class).symbol, fill: (record) => look(record.class).color,
  };
  const [small, large] = width < 600 ? [2.4, 3.6] : [3.2, 5];
  const lowZone = { x1: () => domain[0], x2: () => domain[1], y1: () => floor, y2: () => threshold };
  const outlined = { ...looks, r: large, stroke: "var(--text)", strokeWidth: 1.2 };
  return plot({
    width, height: Math.min(400, Math.max(260, width * 0.36)), ...MARGINS,
    x: { type: "time", domain }, y: { domain: [floor, 1] },
    marks: [
      Plot.rect([0], { ...lowZone, fill: "var(--low-zone)" }),
      ...valueAxis(5, shareLabel(1)),
      ...timeAxis(domain, width - MARGINS.marginLeft - MARGINS.marginRight),
      thresholdRule(Plot.ruleY, threshold),
      Plot.dot(confident, asPoints({ ...looks, r: small, fillOpacity: 0.62 }, "confident-points")),
      Plot.dot(low, asPoints(outlined, "low-points")),
    ],
  });
}

// The window; or the inferences' own time, when they are only the newest or came in a short part of the window.
function recentDomain(recent, start, stop, truncated) {
  const [first, last] = d3.extent(recent, (record) => +record.time);
  if (!truncated && last - first > (stop - start) / 3) return [start, stop];
  const edge = first === last ? 600e3 : Math.max((last - first) * 0.02, 1e3);
  return [new Date(first - edge), new Date(last + edge)];
}

// A round share below all points and the threshold.
function lowestShare(records, threshold) {
  const lowest = Math.min(threshold, d3.min(records, (record) => record.confidence));
  return Math.max(0, Math.floor((lowest - 0.005) * 20) / 20);
}

// In the order of time, whichever mark drew them.
function recentPoints(svg, confident, low, threshold) {
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  const drawn = [pointElements(svg, confident, "confident-points"), pointElements(svg, low, "low-points")];
  const points = drawn.flat().map(({ element, datum: record }) => ({
    element, record, dot: true, x: x(record.time), y: y(record.confidence),
    label: () => recordLabel(record), content: () => recordContent(record, threshold),
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
