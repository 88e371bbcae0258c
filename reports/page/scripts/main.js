// Start: times in the reader's zone, the charts, the table.
const CHARTS = {
  recent: drawRecent, hours: drawInferenceHours, executions: drawExecutions, classes: drawClasses,
  confidence: drawConfidence,
};
// A report older than this is said to be old.
const FRESH = 36 * HOUR;

function sayZone(data) {
  const zone = describeZone(data.start, data.stop);
  const utc = zone === "UTC" ? "" : "; point at one to see it in UTC";
  document.getElementById("zone").textContent = `Times are in ${zone}${utc}.`;
  document.getElementById("zone-name").textContent = ` · ${zone}`;
}

function sayAge(data) {
  const age = Date.now() - new Date(data.generated);
  if (age < FRESH) return;
  const words = `This report is ${counted(Math.round(age / (24 * HOUR)), "day")} old.`;
  document.querySelector(".masthead .window").after(make("p", { class: "old" }, words));
}

// One chart that cannot be drawn must not take the others with it.
function startChart(frame, data) {
  try {
    mountChart(frame, CHARTS[frame.dataset.chart](data));
  } catch (error) {
    console.error(error);
    const words = "This chart could not be drawn; the figures are in the tables.";
    frame.replaceChildren(make("p", { class: "nothing" }, words));
  }
}

function start() {
  const data = readData();
  localizeTimes(document);
  sayZone(data);
  sayAge(data);
  document.body.append(fillPatterns(), card.element);
  for (const frame of document.querySelectorAll("[data-chart]")) startChart(frame, data);
  document.querySelectorAll(".table").forEach(watchScrolling);
  fillRecentTable(document.getElementById("recent-table"), data);
}

start();
performance.measure("report", "report-start");
