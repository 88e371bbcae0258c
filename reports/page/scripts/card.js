// The card that says what the point under the pointer or the focus is. There is one in the page.
const card = (() => {
  const element = make("aside", { id: "card", hidden: true, "aria-label": "Details" });
  let owner = null;
  let anchor = null;
  let leaving = 0;

  function place({ x, y }) {
    const docked = innerWidth < 600;
    element.classList.toggle("docked", docked);
    element.style.left = element.style.top = element.style.bottom = "";
    const { width, height } = element.getBoundingClientRect();
    if (docked) {
      // At the bottom, unless the point is there.
      const below = y > innerHeight - height - 24;
      if (below) [element.style.top, element.style.bottom] = ["8px", "auto"];
      return;
    }
    const right = x + 16 + width <= innerWidth - 8;
    const left = right ? x + 16 : Math.max(8, x - 16 - width);
    const top = Math.min(Math.max(8, y - height / 2), innerHeight - height - 8);
    element.style.left = `${Math.round(left)}px`;
    element.style.top = `${Math.round(Math.max(8, top))}px`;
  }

  // `by` is who shows it: { onHide, back } are called when it hides, and when the keyboard leaves it.
  // `where` gives the point in the window that it is about.
  function show(by, content, where, pinned) {
    clearTimeout(leaving);
    if (owner && owner !== by) owner.onHide();
    owner = by;
    anchor = where;
    element.replaceChildren(...content);
    element.classList.toggle("pinned", pinned);
    element.hidden = false;
    place(anchor());
  }

  function hide(by = owner) {
    clearTimeout(leaving);
    if (!owner || by !== owner) return;
    owner = null;
    element.hidden = true;
    by.onHide();
  }

  // Hide soon, unless the pointer goes into the card to follow a link.
  function leave(by) {
    clearTimeout(leaving);
    leaving = setTimeout(() => element.matches(":hover") || hide(by), 250);
  }

  element.addEventListener("pointerleave", () => element.classList.contains("pinned") || leave(owner));
  element.addEventListener("focusout", (event) => element.contains(event.relatedTarget) || leave(owner));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !owner) return;
    const by = owner;
    const inside = element.contains(document.activeElement);
    hide();
    if (inside) by.back();
  });
  // It stays with its point, also when the page scrolls to a point that gets the focus.
  function follow() {
    if (!owner) return;
    const point = anchor();
    if (point.y < 0 || point.y > innerHeight) hide();
    else place(point);
  }
  document.addEventListener("scroll", follow, { passive: true });
  return { element, show, hide, leave, contains: (node) => element.contains(node) };
})();
