import { ask, say } from "/static/app.js";
import { colours, draw } from "/static/plots.js";

const { study, trial } = document.querySelector("main").dataset;
const element = document.getElementById("p-curve");
let run = null;

async function plot() {
  if (!element) return;
  run ??= await ask(`/api/v1/studies/${study}/trials/${trial}`);
  const c = colours(), last = Math.max(...run.curve.map((e) => e.attempt)), traces = [];
  const line = (name, y, color, more = {}) => {
    for (let attempt = 1; attempt <= last; attempt++) {
      const epochs = run.curve.filter((e) => e.attempt === attempt);
      traces.push({ x: epochs.map((e) => e.epoch + 1), y: epochs.map(y), name: attempt < last ? `${name}, attempt ${attempt}` : name, mode: "lines+markers", opacity: attempt < last ? 0.4 : 1, line: { color, width: 2 }, marker: { size: 5, color }, hovertemplate: `%{y:.4g}<extra>${name}</extra>`, ...more });
    }
  };
  line("accuracy, %", (e) => 100 * e.accuracy, c.accent, { yaxis: "y2" });
  line("validation loss", (e) => e.validation_loss, c.ink);
  line("training loss", (e) => e.train_loss, c.cut);
  await draw(element, traces, {
    x: { title: "epoch", tickformat: "d", ...(run.curve.length <= 12 ? { dtick: 1 } : {}) }, y: { title: "loss, nats" },
    yaxis2: { overlaying: "y", side: "right", tickmode: "auto", title: { text: "accuracy, %", standoff: 8 }, showgrid: false, automargin: true, color: c.accent, zeroline: false },
    showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 }, margin: { l: 56, r: 56, t: 28, b: 44 },
  });
}
plot().catch((error) => say(error.message));
addEventListener("themechange", plot);
