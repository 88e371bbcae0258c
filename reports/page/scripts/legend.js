// Legends: a sign and a name each.
function legend(entries) {
  const items = entries.map(([sign, name]) => make("li", {}, sign, make("span", {}, name)));
  return make("ul", { class: "legend" }, items);
}

const swatch = (name) => make("span", { class: `swatch ${name}`, "aria-hidden": "true" });

function classLegend(look) {
  const entries = look.named.map((name) => [symbolSign(look(name)), shorten(name, 40)]);
  return look.others ? [...entries, [symbolSign(OTHER), "other classes"]] : entries;
}

function symbolSign({ color, symbol }) {
  const sign = drawnSign();
  sign.append("path").attr("d", d3.symbol(symbol, 80)()).attr("fill", color);
  return sign.node();
}

function lowSign() {
  const sign = drawnSign();
  sign.append("circle").attr("r", 5.5).attr("class", "low-sign");
  return sign.node();
}

const drawnSign = () =>
  d3.create("svg").attr("class", "sign").attr("viewBox", "-8 -8 16 16").attr("aria-hidden", "true");
