// Start: times in the reader's zone, the charts, the table.
const CHARTS = {
  recent: drawRecent, hours: drawInferenceHours, executions: drawExecutions, classes: drawClasses,
  confidence: drawConfidence,
};
// A report older than this is said to be old.
const FRESH = 36 * HOUR;

// The zone, once; the footer says how to see UTC where that is another.
function sayZone(data) {
  const name = describeZone(data.start, data.stop);
  document.getElementById("zone-name").textContent = ` · ${name}`;
  document.getElementById("zone").textContent = name === "UTC" ? "" : "Point at a time to see it in UTC.";
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

// What a link leads to may be folded; browsers differ in whether they unfold it.
function unfoldTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && (target.closest("details") ?? target.querySelector("details"));
  if (!details || details.open) return;
  details.open = true;
  target.scrollIntoView();
}

function start() {
  const data = readData();
  zone.changes = clockChange(data.start, Math.max(data.stop, new Date(data.generated))) !== null;
  localizeTimes(document);
  sayZone(data);
  sayAge(data);
  document.body.append(fillPatterns(), card.element);
  for (const frame of document.querySelectorAll("[data-chart]")) startChart(frame, data);
  document.querySelectorAll(".table").forEach(watchScrolling);
  fillRecentTable(document.getElementById("recent-table"), data);
  addEventListener("hashchange", unfoldTarget);
  unfoldTarget();
}

start();
performance.measure("report", "report-start");
