// Recent inferences: confidence over time.
function drawRecent({ recent, threshold, classes, start, stop, truncated }) {
  const look = classLooks(classes);
  const low = recent.filter((record) => record.low);
  const domain = recentDomain(recent, start, stop, truncated);
  const label =
    `Confidence over time of ${counted(recent.length, "inference")}, ${count(low.length)} of them below the ` +
    "threshold. Arrow keys walk them.";

  return (width) => {
    const size = recentSize({ recent, threshold, domain, width });
    const { bins, single } = binBursts(recent, size.at, [MARGINS.marginLeft, width - MARGINS.marginRight]);
    const svg = plotRecent({ records: single, look, threshold, domain, ...size });
    const points = recentPoints(svg, single, threshold).concat(drawBins(svg, bins, look));
    points.sort((a, b) => a.time - b.time || b.y - a.y);
    const entries = [...classLegend(look), [thresholdSign(), `threshold ${percent(threshold, 2)}`]];
    if (low.length) entries.push([lowSign(), "outlined and larger: low confidence"]);
    if (bins.length) entries.push([burstSign(), "a burst: the longer, the more inferences"]);
    return { svg, points, find: nearest(points, 28), label, legend: legend(entries) };
  };
}

// The chart's size, its lowest share, and where in it a record is.
function recentSize({ recent, threshold, domain, width }) {
  const height = Math.min(400, Math.max(260, width * 0.36));
  const floor = lowestShare(recent, threshold);
  const x = d3.scaleTime(domain, [MARGINS.marginLeft, width - MARGINS.marginRight]);
  const y = d3.scaleLinear([floor, 1], [height - MARGINS.marginBottom, MARGINS.marginTop]);
  return { width, height, floor, at: (record) => [x(record.time), y(record.confidence)] };
}

function plotRecent({ records, look, threshold, domain, width, height, floor }) {
  const [confident, low] = byConfidence(records);
  const looks = {
    x: "time", y: "confidence",
    symbol: (record) => look(record.class).symbol, fill: (record) => look(record.class).color,
  };
  const [small, large] = width < 600 ? [2.4, 3.6] : [3.2, 5];
  const lowZone = { x1: () => domain[0], x2: () => domain[1], y1: () => floor, y2: () => threshold };
  const outlined = { ...looks, r: large, stroke: "var(--text)", strokeWidth: 1.2 };
  return plot({
    width, height, ...MARGINS,
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

const byConfidence = (records) => [records.filter((one) => !one.low), records.filter((one) => one.low)];

// Of all records that are drawn as a point, whichever mark drew them.
function recentPoints(svg, records, threshold) {
  const [confident, low] = byConfidence(records);
  const [x, y] = [svg.scale("x").apply, svg.scale("y").apply];
  const drawn = [pointElements(svg, confident, "confident-points"), pointElements(svg, low, "low-points")];
  return drawn.flat().map(({ element, datum: record }) => ({
    element, time: record.time, dot: true, x: x(record.time), y: y(record.confidence),
    label: () => recordLabel(record), content: () => recordContent(record, threshold),
  }));
}

// The bar of a burst that holds this place, or the nearest point within so many pixels.
function nearest(points, within) {
  const delaunay = d3.Delaunay.from(points, (point) => point.x, (point) => point.y);
  return (x, y) => {
    const inside = points.findIndex((point) => point.bin && isInside(point, x, y));
    if (inside >= 0) return inside;
    const index = delaunay.find(x, y);
    const point = points[index];
    return point && Math.hypot(point.x - x, point.y - y) <= within ? index : -1;
  };
}
