// Bursts: so many inferences within a few pixels of time that their points would hide each other. They are
// drawn as bars, each as long as the number that had about this confidence.
const BURST = { wide: 6, many: 60, high: 8, few: 4, shortest: 12, longest: 72 };

// Records by what they are drawn as: `bins` [{ records, low, x, y, width }] and `single` ones, as points.
// `at(record)` is a record's [x, y]; bars stay between the pixels `left` and `right`.
function binBursts(records, at, [left, right]) {
  const placed = records.map((record) => ({ record, x: at(record)[0], y: at(record)[1] }));
  const columns = columnsOf(placed.sort((a, b) => a.x - b.x));
  const bursts = columns.filter((column) => column.length >= BURST.many);
  const single = columns.filter((column) => column.length < BURST.many).flat();
  const bins = [];
  for (const burst of bursts) {
    const cells = d3.groups(burst, ({ record, y }) => `${record.low} ${rowOf(y)}`);
    for (const [, cell] of cells) {
      if (cell.length < BURST.few) single.push(...cell);
      else bins.push(binOf(cell, d3.mean(burst, ({ x }) => x)));
    }
  }
  sizeBins(bins, left, right);
  return { bins, single: single.map(({ record }) => record) };
}

// Placed records, which are in the order of x, in columns of BURST.wide pixels.
function columnsOf(placed) {
  const columns = [];
  for (const one of placed) {
    const column = columns.at(-1);
    if (column && one.x - column[0].x <= BURST.wide) column.push(one);
    else columns.push([one]);
  }
  return columns;
}

function binOf(cell, x) {
  const records = cell.map(({ record }) => record).sort((a, b) => a.time - b.time);
  const y = MARGINS.marginTop + (rowOf(cell[0].y) + 0.5) * BURST.high;
  return { records, low: records[0].low, x, y };
}

const rowOf = (y) => Math.floor((y - MARGINS.marginTop) / BURST.high);

// The longest bar leaves room for its neighbours'.
function sizeBins(bins, left, right) {
  const centres = d3.sort(new Set(bins.map(({ x }) => x)));
  const gap = d3.min(d3.pairs(centres, (a, b) => b - a)) ?? Infinity;
  const longest = Math.min(BURST.longest, Math.max(BURST.shortest, gap * 0.8));
  const most = d3.max(bins, ({ records }) => records.length);
  for (const bin of bins) {
    bin.width = Math.max(BURST.shortest, (bin.records.length / most) * longest);
    bin.x = Math.min(Math.max(bin.x, left + bin.width / 2), right - bin.width / 2);
  }
}

function drawBins(svg, bins, look) {
  const bars = d3.select(svg).append("g").attr("class", "bins").selectAll("rect").data(bins).join("rect");
  bars
    .attr("class", (bin) => (bin.low ? "bin low" : "bin"))
    .attr("x", (bin) => bin.x - bin.width / 2).attr("y", (bin) => bin.y - BURST.high / 2 + 0.5)
    .attr("width", (bin) => bin.width).attr("height", BURST.high - 1).attr("rx", 1.5)
    .attr("fill", (bin) => look(mostFrequent(bin)[0]).color);
  return bins.map((bin, index) => ({
    element: bars.nodes()[index], bin, time: bin.records[0].time, x: bin.x, y: bin.y,
    label: () => binLabel(bin), content: () => binContent(bin, look),
  }));
}

const classCounts = ({ records }) =>
  d3.rollups(records, (own) => own.length, (record) => record.class).sort((a, b) => b[1] - a[1]);

const mostFrequent = (bin) => classCounts(bin)[0];

function binWords({ records, low }) {
  const [least, most] = d3.extent(records, (record) => record.confidence);
  const [first, last] = [records[0].time, records.at(-1).time];
  const until = +first === +last ? "" : ` to ${fullTime(last, "second")}`;
  return {
    total: counted(records.length, "inference"),
    confidence: `${percent(least, 2)} to ${percent(most, 2)}${low ? ", below the threshold" : ""}`,
    time: `${fullTime(first, "second")}${until}`,
  };
}

function binLabel(bin) {
  const { total, confidence, time } = binWords(bin);
  const classes = classCounts(bin).map(([name, number]) => `${name} ${count(number)}`);
  return [`${total} of a burst`, confidence, time, ...classes].join(", ");
}

function binContent(bin, look) {
  const { total, confidence, time } = binWords(bin);
  const items = classCounts(bin).slice(0, 6).map(([name, number]) =>
    make("li", {}, symbolSign(look(name)), make("span", {}, name), make("strong", {}, count(number))),
  );
  const pictures = bin.records.filter((record) => record.picture).slice(0, 6).map((record) =>
    make("img", { src: record.picture, alt: `Taken for ${record.class}` }),
  );
  const words = [make("h4", {}, `${total} of a burst`), make("p", {}, confidence), make("p", {}, time)];
  return [
    make("div", { class: "words" }, words, make("ul", { class: "counts" }, items),
      pictures.length ? make("div", { class: "several" }, pictures) : null),
  ];
}

const burstSign = () => make("span", { class: "burst-sign", "aria-hidden": "true" });

const isInside = ({ bin }, x, y) => Math.abs(x - bin.x) <= bin.width / 2 && Math.abs(y - bin.y) <= BURST.high / 2;
