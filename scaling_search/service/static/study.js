// The study's page, live: the server's events say that something changed, and what changed is read anew.
import { ask, localTimes, say } from "/static/app.js";
import { listen, put, soon } from "/static/live.js";
import { colours, draw } from "/static/plots.js";
import { explore } from "/static/triangle.js";

const main = document.querySelector("main"), study = main.dataset.study;
const $ = (id) => document.getElementById(id);
const percent = (value, digits = 1) => `${(100 * value).toFixed(digits)}%`;
let data = null;

function title(id, words) { if ($(id).textContent !== words) $(id).textContent = words; }

function fit(points) {
  const n = points.length, xs = points.map((p) => Math.log2(p[0])), ys = points.map((p) => p[1]);
  const mx = xs.reduce((a, b) => a + b, 0) / n, my = ys.reduce((a, b) => a + b, 0) / n;
  const sxx = xs.reduce((a, x) => a + (x - mx) ** 2, 0), syy = ys.reduce((a, y) => a + (y - my) ** 2, 0);
  const sxy = xs.reduce((a, x, i) => a + (x - mx) * (ys[i] - my), 0);
  return n < 3 || sxx < 1e-9 || syy < 1e-12 ? null : (sxy * sxy) / (sxx * syy);
}

function cost(c) {
  const seen = data.networks.filter((n) => n[3] !== null), chosen = seen.filter((n) => n[0] === data.chosen);
  const r2 = fit(seen.map((n) => [n[1], n[3]]));
  title("t-cost", r2 === null ? "Accuracy against real cost" : `Real cost explains ${(100 * r2).toFixed(0)}% of the variance between ${seen.length} networks (chance alone: about ${(100 / (seen.length - 1)).toFixed(0)}%)`);
  const moved = seen.filter((n) => Math.abs(n[2] - n[1]) > 0.005);
  const line = { x: [], y: [] };
  for (const n of moved) { line.x.push(n[2], n[1], null); line.y.push(100 * n[3], 100 * n[3], null); }
  const traces = [
    { ...line, mode: "lines", line: { color: c.cut, width: 1 }, hoverinfo: "skip" },
    { x: moved.map((n) => n[2]), y: moved.map((n) => 100 * n[3]), mode: "markers", marker: { symbol: "circle-open", size: 6, color: c.cut, line: { width: 1.2 } }, text: moved.map((n) => `${n[0]}<br>nominal α·β²·γ² ${n[2].toFixed(2)}`), hoverinfo: "text" },
    { x: seen.map((n) => n[1]), y: seen.map((n) => 100 * n[3]), mode: "markers", marker: { size: seen.map((n) => Math.min(7 * Math.sqrt(n[4]), 18)), color: c.done, line: { color: c.paper, width: 1 } }, text: seen.map((n) => `${n[0]}<br>${percent(n[3], 2)} at ${n[1].toFixed(3)}× the base’s MACs, ${n[4]} complete`), hoverinfo: "text" },
    { x: chosen.map((n) => n[1]), y: chosen.map((n) => 100 * n[3]), mode: "markers", marker: { symbol: "star", size: 16, color: c.accent, line: { color: c.paper, width: 1.5 } }, text: ["the choice"], hoverinfo: "text" },
  ];
  const base = data.base === null ? {} : {
    shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 100 * data.base, y1: 100 * data.base, line: { color: c.ink, width: 1.5, dash: "dash" } }],
    annotations: [{ xref: "paper", x: 1, xanchor: "right", y: 100 * data.base, yanchor: "bottom", text: "the unscaled base", showarrow: false }],
  };
  return draw($("p-cost"), traces, { x: { title: "real MACs over the base’s", ticksuffix: "×" }, y: { title: "mean accuracy, %" }, ...base });
}

function curves(c) {
  const ended = data.curves.filter((r) => r.points.at(-1)?.[0] === data.epochs && r.points.length > 1);
  const gains = ended.map((r) => { const [a, b] = r.points.slice(-2); return (100 * (b[1] - a[1])) / (b[0] - a[0]); });
  const gain = gains.reduce((a, b) => a + b, 0) / gains.length;
  title("t-curves", gains.length ? `The runs ${gain >= 1 ? "were still climbing" : "had levelled off"}: ${gain >= 0 ? "+" : "−"}${Math.abs(gain).toFixed(1)} points in the last epoch, on average` : "Accuracy by epoch");
  $("n-curves").textContent = `One line a run, ${data.curves.length} of them; the choice’s stand out, the base’s are dashed.`;
  const kind = (r) => (r.role === "base" ? 1 : r.key === data.chosen ? 2 : 0);
  const styles = [{ color: c.cut, width: 1.1 }, { color: c.ink, width: 1.8, dash: "dash" }, { color: c.accent, width: 2.6 }];
  const traces = [...data.curves].sort((a, b) => kind(a) - kind(b)).map((r) => ({
    x: r.points.map((p) => p[0]), y: r.points.map((p) => 100 * p[1]), mode: r.points.length > 1 ? "lines" : "markers", line: styles[kind(r)], marker: { color: styles[kind(r)].color, size: 5 },
    opacity: kind(r) ? 1 : 0.75, hovertemplate: `run ${r.number}, ${r.role === "base" ? "the base" : r.key}<br>%{y:.2f}% after epoch %{x}<extra></extra>`,
  }));
  const last = Math.max(1, data.epochs);
  return draw($("p-curves"), traces, { x: { title: "epoch", range: last > 1 ? [1 - 0.02 * last, last * 1.02] : [0.5, 1.5], tickformat: "d", ...(last <= 12 ? { dtick: 1 } : {}) }, y: { title: "validation accuracy, %" } });
}

function best(c) {
  const points = data.best, top = points.at(-1);
  title("t-best", top ? `The best run reached ${percent(top[1], 2)}${points.length > 1 && points.at(-2)[0] !== top[0] ? `; the last rise was after ${((100 * (points.find((p) => p[1] === top[1])[0])) / top[0]).toFixed(0)}% of the training` : ""}` : "Best so far");
  const trace = { x: points.map((p) => p[0]), y: points.map((p) => 100 * p[1]), mode: "lines+markers", line: { shape: "hv", color: c.done, width: 2 }, marker: { size: 5, color: c.done }, hovertemplate: "%{y:.2f}% after %{x:.1f} base runs of training<extra></extra>" };
  return draw($("p-best"), [trace], { x: { title: "training so far, in runs of the unscaled base", rangemode: "tozero" }, y: { title: "best accuracy, %" } });
}

function timeline(c) {
  const bars = data.timeline, now = Date.now() / 1000;
  const states = { complete: c.done, running: c.accent, failed: c.fail, pruned: c.cut };
  const start = Math.min(...bars.map((b) => b.start)), lanes = bars.length ? Math.max(...bars.map((b) => b.lane)) + 1 : 0;
  const end = Math.max(...bars.map((b) => b.end ?? now)), busy = bars.reduce((sum, b) => sum + (b.end ?? now) - b.start, 0);
  title("t-time", bars.length ? `${lanes} ${lanes === 1 ? "slot was" : "slots were"} busy ${Math.min(100, (100 * busy) / (lanes * Math.max(1, end - start))).toFixed(0)}% of the time` : "When runs ran");
  const long = end - start > 7200, unit = long ? 3600 : 60;
  const traces = [{
    type: "bar", orientation: "h", base: bars.map((b) => (b.start - start) / unit), x: bars.map((b) => Math.max(0.3, (b.end ?? now) - b.start) / unit), y: bars.map((b) => b.lane + 1), width: 0.6,
    marker: { color: bars.map((b) => states[b.state] ?? c.cut), line: { color: c.paper, width: 1 } },
    text: bars.map((b) => `run ${b.number}, ${b.state}<br>${b.key}<br>${Math.round((b.end ?? now) - b.start)} s`), hoverinfo: "text", textposition: "none",
  }];
  return draw($("p-time"), traces, { x: { title: long ? "hours since the first run shown" : "minutes since the first run shown", rangemode: "tozero" }, y: { title: "slot", dtick: 1, range: [Math.max(lanes, 4) + 0.6, 0.4], showgrid: false, tickformat: "d" } });
}

async function plot() {
  data = await ask(`/api/v1/studies/${study}/plots`);
  await redraw();
}
async function redraw() {
  if (!data) return;
  const c = colours();
  await Promise.all([cost(c), curves(c), best(c), timeline(c)]);
  main.dataset.plotted = "true";
}

async function refresh() {
  const parts = await ask(`/studies/${study}/live`);
  for (const name of ["status", "finding", "picture", "recent"]) {
    const element = $(name), readout = $("readout");
    put(element, parts[name]);
    localTimes(element);
    if (name === "finding") element.append(readout);
    if (name === "picture") explore(element, readout);
  }
  await plot();
}
const later = soon(() => refresh().catch((error) => say(error.message)));

explore($("picture"), $("readout"));
listen(`/api/v1/studies/${study}/events?after=${main.dataset.lastEvent}`, later, (up) => { $("connection").textContent = up ? "" : "Not connected; trying again …"; });
addEventListener("steered", later);
addEventListener("themechange", redraw);
requestAnimationFrame(() => setTimeout(() => plot().catch((error) => say(error.message)), 0));

async function change(method, path, json, after = later) {
  try { await ask(`/api/v1/studies/${study}${path}`, { method, json }); after(); } catch (error) { say(error.message); }
}
$("slots-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  change("PATCH", "", { slots: Number(event.target.slots.value) || null }, () => say("Slots are set."));
});
$("extend-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  change("POST", "/extend", { trials: Number(event.target.trials.value) });
});
document.querySelector("[data-archive]")?.addEventListener("click", (event) => change("PATCH", "", { archived: event.target.dataset.archive === "true" }, () => location.reload()));
document.querySelector("[data-delete]")?.addEventListener("click", () => {
  if (confirm(`Delete ${study} with all its runs? This cannot be undone.`)) change("DELETE", "", undefined, () => location.assign("/"));
});
