// A chart in its frame: drawn for the width that there is, and again when that changes.
// draw(width): { svg, label, points, find, legend } ; see walk.js for points and find.
function mountChart(frame, draw) {
  const state = {};
  let drawn = 0;

  function redraw() {
    const width = Math.floor(frame.clientWidth);
    if (!width || width === drawn) return;
    drawn = width;
    const chart = draw(width);
    chart.svg.setAttribute("role", "group");
    chart.svg.setAttribute("aria-label", chart.label);
    chart.svg.setAttribute("aria-roledescription", "chart");
    frame.replaceChildren(...(chart.legend ? [chart.legend] : []), chart.svg);
    if (chart.points.length) walk(chart.svg, chart.points, chart.find, state);
  }

  redraw();
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(frame);
}

// What every chart of the page has in common. Text is as large as in the rest of the page.
function plot(options) {
  return Plot.plot({
    style: { fontFamily: "inherit", fontSize: "12px", background: "transparent", overflow: "visible" },
    ...options,
  });
}

// Give the group of a mark's elements a name.
const named = (name) => (index, scales, values, dimensions, context, next) => {
  const group = next(index, scales, values, dimensions, context);
  group.classList.add(name);
  return group;
};

// Options for a mark whose elements are the chart's points, and those elements with their data.
const asPoints = (options, name = "points") => ({ ...options, render: named(name) });

function pointElements(svg, data, name = "points") {
  const elements = [...svg.querySelectorAll(`g.${name} > *`)];
  return elements.map((element) => ({ element, datum: data[element.__data__] }));
}
