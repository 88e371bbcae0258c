// Make elements; text is always set as text, so that nothing in the data can become markup.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

function timeTag(date, shown = "second") {
  return make("time", { datetime: date.toISOString(), title: inUtc(date) }, fullTime(date, shown));
}
