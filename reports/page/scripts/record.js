// One inference in words, and as the content of the card.
function recordLabel(record) {
  const low = record.low ? ", below the threshold" : "";
  const name = record.key ?? record.inferenceId ?? record.eventId ?? "no key";
  return `${record.class}, ${percent(record.confidence, 2)}${low}, ${fullTime(record.time, "second")}, ${name}`;
}

function recordContent(record, threshold) {
  const facts = [
    ["Confidence", confidenceText(record, threshold)],
    record.trueClass == null ? null : ["True class", trueClassText(record)],
    ["Time", timeTag(record.time)],
    record.key ? ["Key", make("span", { class: "key", title: record.bucket }, record.key)] : null,
    record.inferenceId ? ["Inference id", make("span", { class: "key" }, record.inferenceId)] : null,
    record.eventId ? ["Event id", make("span", { class: "key" }, record.eventId)] : null,
    ["Execution", executionText(record)],
  ].filter(Boolean);
  return [recordPicture(record), ...factsContent(record.class, facts)];
}

function recordPicture(record) {
  if (!record.picture) return make("div", { class: "picture missing" }, "no picture");
  return make("img", { class: "picture", src: record.picture, alt: `Taken for ${record.class}` });
}

function confidenceText(record, threshold) {
  const text = percent(record.confidence, 2);
  return record.low ? make("span", { class: "low" }, `${text}, below ${percent(threshold, 2)}`) : text;
}

function trueClassText(record) {
  if (record.trueClass === record.class) return `${record.trueClass}, as predicted`;
  return make("span", { class: "low" }, `${record.trueClass}, not as predicted`);
}

// A link to the console; where there is none, the command line that shows the execution.
function executionText(record) {
  if (!record.execution) return make("span", { class: "muted" }, "not known");
  if (record.console) {
    return make("a", { href: record.console, target: "_blank", rel: "noreferrer" }, record.execution);
  }
  if (!record.command) return make("span", { class: "key" }, record.execution);
  return [make("span", { class: "key" }, record.execution), make("code", { class: "command" }, record.command)];
}
