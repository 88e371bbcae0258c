// A chart's points: one tab stop for all of them, arrow keys walk them, the pointer finds the nearest.
// points: [{ element, x, y, label(), content() }] in the order of the walk, x and y in the chart's pixels.
// find(x, y): index of the point there, or -1.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

function walk(svg, points, find, state) {
  const ring = d3.select(svg).append("circle").attr("class", "ring").attr("r", 9).attr("visibility", "hidden");
  const by = { onHide: () => mark(null), back: () => points[state.current].element.focus() };
  let pinned = false;

  function mark(point) {
    svg.querySelector(".active")?.classList.remove("active");
    point?.element.classList.add("active");
    const dot = point?.dot;
    ring.attr("visibility", dot ? "visible" : "hidden");
    if (dot) ring.attr("cx", point.x).attr("cy", point.y);
    if (!point) pinned = false;
  }

  function stopAt(index) {
    points[state.current].element.setAttribute("tabindex", "-1");
    state.current = index;
    points[index].element.setAttribute("tabindex", "0");
  }

  function show(index, pin = false) {
    const point = points[index];
    const where = () => new DOMPoint(point.x, point.y).matrixTransform(svg.getScreenCTM());
    card.show(by, point.content(), where, pin);
    mark(point);
    pinned = pin;
  }

  function at(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return find(x, y);
  }

  state.current = Math.min(state.current ?? points.length - 1, points.length - 1);
  for (const [index, point] of points.entries()) {
    point.element.setAttribute("tabindex", index === state.current ? "0" : "-1");
    point.element.setAttribute("role", "img");
    point.element.setAttribute("aria-label", point.label());
    point.element.classList.add("point");
  }
  const indexOf = new Map(points.map((point, index) => [point.element, index]));

  svg.addEventListener("pointermove", (event) => {
    if (pinned || event.pointerType === "touch") return;
    const index = at(event);
    if (index >= 0) show(index);
    else card.leave(by);
  });
  svg.addEventListener("pointerleave", () => pinned || card.leave(by));
  // The focus goes where the pointer is, also between points, so that a tap and the arrow keys agree.
  svg.addEventListener("pointerdown", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => {
    const index = at(event);
    if (index < 0) return card.hide(by);
    stopAt(index);
    points[index].element.focus({ preventScroll: true });
    show(index, true);
  });
  svg.addEventListener("focusin", (event) => {
    const index = indexOf.get(event.target);
    if (index === undefined) return;
    stopAt(index);
    show(index);
  });
  svg.addEventListener("focusout", (event) => {
    if (!svg.contains(event.relatedTarget) && !card.contains(event.relatedTarget)) card.hide(by);
  });
  svg.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const last = points.length - 1;
    if (event.key === "Enter") card.element.querySelector("a")?.focus();
    else if (event.key === "Home") points[0].element.focus();
    else if (event.key === "End") points[last].element.focus();
    else if (step) points[Math.max(0, Math.min(last, state.current + step))].element.focus();
    else return;
    event.preventDefault();
  });
}
