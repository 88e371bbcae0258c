// Axes and grids as all charts have them: quiet, and with their units.
const MARGINS = { marginLeft: 52, marginRight: 14, marginTop: 28, marginBottom: 38 };

// Whole percents, unless the axis is too short for them.
const shareLabel = (top) => (share) => percent(share, top < 0.05 ? 1 : 0);

function valueAxis(ticks, tickFormat) {
  return [
    Plot.axisY({ label: null, ticks, tickFormat, tickSize: 0, fill: "var(--muted)" }),
    Plot.gridY({ ticks, stroke: "var(--grid)", strokeOpacity: 1 }),
  ];
}

// The threshold as a broken line: `rule` is Plot.ruleX or Plot.ruleY.
function thresholdRule(rule, threshold) {
  return rule([threshold], { stroke: "var(--attention)", strokeWidth: 1.5, strokeDasharray: "6 4" });
}

const thresholdSign = () => make("span", { class: "threshold-sign", "aria-hidden": "true" });

// What held-out images had is a line with a rim, so that it is seen on bars of any colour.
function baselineMarks(mark, data, options) {
  return [
    mark(data, { ...options, stroke: "var(--surface)", strokeWidth: 5 }),
    mark(data, { ...options, stroke: "var(--text)", strokeWidth: 2, render: named("baseline") }),
  ];
}

const baselineSign = () => make("span", { class: "line-sign", "aria-hidden": "true" });
