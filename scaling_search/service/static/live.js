// Events of the server, and calling something at most so often after one.

export function soon(act, wait = 1000) {
  let timer = 0, again = false, busy = false;
  const run = async () => {
    timer = 0;
    if (busy) { again = true; return; }
    busy = true;
    try { await act(); } finally { busy = false; }
    if (again) { again = false; call(); }
  };
  const call = () => { if (!timer) timer = setTimeout(run, wait); };
  return call;
}

// Listens to a stream; ``changed`` is called at every event, ``connected`` with whether the stream is up.
export function listen(path, changed, connected = () => {}) {
  const source = new EventSource(path);
  for (const kind of ["state", "runs", "choice", "control", "reset"]) source.addEventListener(kind, (event) => changed(kind, event));
  source.addEventListener("open", () => connected(true));
  source.addEventListener("error", () => connected(false));
  addEventListener("pagehide", () => source.close());
  return source;
}

// Puts HTML in an element, if it is another; what had the focus inside has it again.
export function put(element, html) {
  if (element.dataset.shown === html) return false;
  const first = element.dataset.shown === undefined;
  element.dataset.shown = html;
  const marked = element.contains(document.activeElement) ? document.activeElement : null;
  const name = marked && (marked.dataset.verb || marked.dataset.key);
  element.innerHTML = html;
  if (name) (element.querySelector(`[data-verb="${name}"], [data-key="${name}"]`) || element.querySelector("button, a"))?.focus({ preventScroll: true });
  return !first;
}
