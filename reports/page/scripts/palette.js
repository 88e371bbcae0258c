// Colour and shape of each class: the most frequent ones have their own, the others share one.
const LOOKS = ["circle", "triangle", "square", "diamond", "star", "wye", "cross"].map((symbol, index) => ({
  color: `var(--class-${index + 1})`, symbol,
}));
const OTHER = { color: "var(--class-other)", symbol: "circle" };

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
