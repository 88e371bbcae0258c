// Start: times in the reader's zone, the charts, the table.
const CHARTS = {
  recent: drawRecent, hours: drawInferenceHours, executions: drawExecutions, classes: drawClasses, confidence: drawConfidence,
};
// A report older than this is said to be old.
const FRESH = 36 * HOUR;

// Fills of counts by kind: a pattern each, so that colour is not alone. They are shared by all charts.
function fillPatterns() {
  const svg = d3.create("svg").attr("class", "patterns").attr("width", 0).attr("height", 0).attr("aria-hidden", "true");
  const lines = { FAILED: "M-2 2l4-4M0 8l8-8M6 10l4-4", TIMED_OUT: "M0 4h8", ABORTED: "M4 0v8M0 4h8", RUNNING: "M4 0v8", low: "M-2 2l4-4M0 8l8-8M6 10l4-4" };
  for (const name of ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "confident", "low"]) {
    const pattern = svg.append("pattern").attr("id", `fill-${name}`).attr("width", 8).attr("height", 8).attr("patternUnits", "userSpaceOnUse");
    pattern.append("rect").attr("width", 8).attr("height", 8).attr("class", `fill ${name}`);
    if (lines[name]) pattern.append("path").attr("d", lines[name]).attr("class", "hatch");
  }
  return svg.node();
}

function sayAge(data) {
  const age = Date.now() - new Date(data.generated);
  if (age < FRESH) return;
  const days = Math.round(age / (24 * HOUR));
  document.querySelector(".masthead .window").after(make("p", { class: "old" }, `This report is ${counted(days, "day")} old.`));
}

// One chart that cannot be drawn must not take the others with it.
function startChart(frame, data) {
  try {
    mountChart(frame, CHARTS[frame.dataset.chart](data));
  } catch (error) {
    console.error(error);
    frame.replaceChildren(make("p", { class: "nothing" }, "This chart could not be drawn; the figures are in the tables."));
  }
}

function start() {
  const data = readData();
  const zone = describeZone(data.start, data.stop);
  localizeTimes(document);
  document.getElementById("zone").textContent = `Times are in ${zone}; point at one to see it in UTC.`;
  document.getElementById("zone-name").textContent = ` · ${zone}`;
  sayAge(data);
  document.body.append(fillPatterns(), card.element);
  for (const frame of document.querySelectorAll("[data-chart]")) startChart(frame, data);
  document.querySelectorAll(".table").forEach(watchScrolling);
  fillRecentTable(document.getElementById("recent-table"), data);
}

start();
performance.measure("report", "report-start");
