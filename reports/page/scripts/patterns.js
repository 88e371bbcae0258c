// Fills of counts by kind: a pattern each, so that colour is not alone. They are shared by all charts.
const STRIPES = "M-2 2l4-4M0 8l8-8M6 10l4-4";
const FILLS = {
  SUCCEEDED: null, FAILED: STRIPES, TIMED_OUT: "M0 4h8", ABORTED: "M4 0v8M0 4h8", RUNNING: "M4 0v8",
  confident: null, low: STRIPES,
};

function fillPatterns() {
  const svg = d3.create("svg").attr("class", "patterns").attr("aria-hidden", "true");
  for (const [name, lines] of Object.entries(FILLS)) {
    const pattern = svg.append("pattern").attr("id", `fill-${name}`).attr("patternUnits", "userSpaceOnUse");
    pattern.attr("width", 8).attr("height", 8);
    pattern.append("rect").attr("width", 8).attr("height", 8).attr("class", `fill ${name}`);
    if (lines) pattern.append("path").attr("d", lines).attr("class", "hatch");
  }
  return svg.node();
}
