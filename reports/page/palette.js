// Colour and shape of each class: the most frequent ones have their own, the others share one.
const LOOKS = [
  ["1", "circle"], ["2", "triangle"], ["3", "square"], ["4", "diamond"],
  ["5", "star"], ["6", "wye"], ["7", "cross"],
].map(([number, symbol]) => ({ color: `var(--class-${number})`, symbol }));
const OTHER = { color: "var(--class-other)", symbol: "circle" };
const OTHERS = "other classes";

// A function from a class's name to how it looks. Ties keep the model's order.
function classLooks(classes) {
  const frequent = [...classes].sort((a, b) => b.inferences - a.inferences);
  const own = classes.length <= LOOKS.length ? classes : frequent.slice(0, LOOKS.length - 1);
  const looks = new Map(own.map((row, index) => [row.name, LOOKS[index]]));
  const look = (name) => looks.get(name) ?? OTHER;
  look.named = own.map((row) => row.name);
  look.others = classes.length > own.length;
  return look;
}

function symbolSign({ color, symbol }) {
  const shape = d3[`symbol${symbol[0].toUpperCase()}${symbol.slice(1)}`];
  const sign = d3.create("svg").attr("class", "sign").attr("viewBox", "-8 -8 16 16").attr("aria-hidden", "true");
  sign.append("path").attr("d", d3.symbol(shape, 80)()).attr("fill", color);
  return sign.node();
}

// A legend as a list: a sign and a name each.
function legend(entries) {
  return make("ul", { class: "legend" }, entries.map(([sign, name]) => make("li", {}, sign, make("span", {}, name))));
}

const swatch = (name) => make("span", { class: `swatch ${name}`, "aria-hidden": "true" });

function classLegend(look) {
  const entries = look.named.map((name) => [symbolSign(look(name)), shorten(name, 40)]);
  return look.others ? [...entries, [symbolSign(OTHER), OTHERS]] : entries;
}
