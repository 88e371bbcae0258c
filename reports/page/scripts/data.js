// The data that the page carries; each inference as an object again.
function readData() {
  const data = JSON.parse(document.getElementById("numbers").textContent);
  data.start = new Date(data.window.start);
  data.stop = new Date(data.window.stop);
  data.recent = data.recent.map((row) => readRecord(row, data));
  return data;
}

function readRecord(row, { fields, machines }) {
  const record = Object.fromEntries(fields.map((field, index) => [field, row[index]]));
  record.time = new Date(record.time);
  const machine = record.machine == null ? null : machines[record.machine];
  record.console = machine?.console ? machine.console + record.execution : null;
  record.command = machine?.command ? `${machine.command}${record.execution}'` : null;
  return record;
}
