// A table that is wider or higher than its place can be reached and scrolled with the keyboard; others are
// no tab stop.
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    const attributes = scrolls ? { tabindex: "0", role: "region", "aria-label": target.dataset.label } : {};
    for (const name of ["tabindex", "role", "aria-label"]) {
      if (attributes[name]) target.setAttribute(name, attributes[name]);
      else target.removeAttribute(name);
    }
  }
});

const watchScrolling = (table) => scrollers.observe(table);
