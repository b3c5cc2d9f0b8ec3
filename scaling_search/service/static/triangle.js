// The triangle's networks for mouse and keyboard: one stop in the tab order, arrows step through them, words say what each is.
export function explore(figure, readout) {
  const rest = readout.textContent;
  const points = [...figure.querySelectorAll("svg g > title:first-child")].map((title) => title.parentNode);
  let at = 0;
  for (const [i, point] of points.entries()) {
    const words = point.firstElementChild.textContent;
    point.setAttribute("tabindex", i === 0 ? "0" : "-1");
    point.setAttribute("role", "img");
    point.setAttribute("aria-label", words);
    point.dataset.key = words.split(":")[0];
    point.firstElementChild.remove();
    const show = () => { readout.textContent = words; };
    point.addEventListener("pointerenter", show);
    point.addEventListener("focus", () => { at = i; show(); });
    point.addEventListener("pointerleave", () => { if (!point.matches(":focus")) readout.textContent = rest; });
    point.addEventListener("blur", () => { readout.textContent = rest; });
  }
  figure.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !points.length) return;
    event.preventDefault();
    points[at].setAttribute("tabindex", "-1");
    at = (at + step + points.length) % points.length;
    points[at].setAttribute("tabindex", "0");
    points[at].focus({ preventScroll: true });
  };
}
