// The recent inferences as a table, newest first; made when it is asked for.
const COLUMNS = ["Time", "Class", "Confidence", "Key", "Execution"];

function recentTable({ recent, threshold }) {
  const head = make("tr", {}, COLUMNS.map((name) => make("th", { scope: "col" }, name)));
  const rows = [...recent].reverse().map((record) => {
    const execution = record.console ? executionText(record) : record.execution ?? "not known";
    const wrong = record.trueClass != null && record.trueClass !== record.class;
    const truth = wrong ? ` (label: ${record.trueClass})` : "";
    return make(
      "tr", {}, make("th", { scope: "row" }, timeTag(record.time)), make("td", {}, record.class + truth),
      make("td", {}, confidenceText(record, threshold)),
      make("td", {}, record.key ?? record.inferenceId ?? record.eventId ?? "none"),
      make("td", {}, execution),
    );
  });
  const caption = make("caption", { class: "unseen" }, "Recent inferences, newest first");
  const table = make("table", {}, caption, make("thead", {}, head), make("tbody", {}, rows));
  return make("div", { class: "table tall", "data-label": "Recent inferences" }, table);
}

function fillRecentTable(details, data) {
  const fill = () => {
    const table = recentTable(data);
    details.querySelector("div").replaceWith(table);
    watchScrolling(table);
  };
  details?.addEventListener("toggle", fill, { once: true });
}
