// Colour and shape of each class: the most frequent ones have their own, the others share one.
const HALF = 0.72; // of the side of a shape's square
const TRIANGLE_DOWN = polygon([[-0.76, -0.5], [0.76, -0.5], [0, 0.82]]);
const HOURGLASS = polygon([[-HALF, -HALF], [HALF, -HALF], [-HALF, HALF], [HALF, HALF]]);
const SALTIRE = polygon([
  [0, -0.32], [0.32, -0.64], [0.64, -0.32], [0.32, 0], [0.64, 0.32], [0.32, 0.64],
  [0, 0.32], [-0.32, 0.64], [-0.64, 0.32], [-0.32, 0], [-0.64, -0.32], [-0.32, -0.64],
]);
const SYMBOLS = [
  d3.symbolCircle, d3.symbolTriangle, d3.symbolSquare, d3.symbolDiamond, d3.symbolStar, d3.symbolWye, d3.symbolCross,
  TRIANGLE_DOWN, HOURGLASS, SALTIRE,
];
const LOOKS = SYMBOLS.map((symbol, index) => ({ color: `var(--class-${index + 1})`, symbol }));
const OTHER = { color: "var(--class-other)", symbol: d3.symbolCircle };

// A shape for d3 and Plot; its corners are those of one whose area is about 1.
function polygon(corners) {
  const draw = (context, area) => {
    const scale = Math.sqrt(area);
    corners.forEach(([x, y], index) => context[index ? "lineTo" : "moveTo"](x * scale, y * scale));
    context.closePath();
  };
  return { draw };
}

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
