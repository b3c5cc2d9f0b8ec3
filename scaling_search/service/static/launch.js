// The launch form: form and YAML are two views of one text, which the server checks as one types.
import { ask, say } from "/static/app.js";

const $ = (id) => document.getElementById(id);
const yaml = $("yaml"), form = $("form"), plan = $("plan"), button = $("launch"), faults = $("faults");
const inputs = new Map([...form.querySelectorAll("[data-field]")].map((input) => [input.dataset.field, input]));
let turn = 0, planning = null, valid = false, runs = 0;

const valueOf = (values, field) => field.split(".").reduce((value, key) => value?.[key], values);
const shown = (value) => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value));

function fill(values) {
  for (const [field, input] of inputs) {
    if (input === document.activeElement) continue;
    const value = valueOf(values, field);
    if (input.dataset.kind === "flag") input.checked = value === true;
    else input.value = shown(value).trimEnd();
  }
}

function given(input) {
  const text = input.value.trim();
  if (input.dataset.kind === "flag") return input.checked;
  if (text === "") return null;
  if (input.dataset.kind === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  if (input.dataset.kind === "list") return text.split(/[,\s]+/).filter(Boolean).map((part) => (Number.isNaN(Number(part)) ? part : Number(part)));
  return input.value;
}

function mark(found) {
  const left = [];
  for (const [field, input] of inputs) {
    const mine = found.filter((f) => f.field === field || f.field.startsWith(`${field}.`));
    input.toggleAttribute("aria-invalid", false);
    if (mine.length) input.setAttribute("aria-invalid", "true");
    const line = form.querySelector(`[data-fault="${field}"]`);
    line.textContent = mine.map((f) => f.message).join("; ");
    if (mine.length) line.closest("details")?.setAttribute("open", "");
  }
  for (const f of found) if (![...inputs.keys()].some((field) => f.field === field || f.field.startsWith(`${field}.`))) left.push(f.field ? `${f.field}: ${f.message}` : f.message);
  faults.textContent = left.join("\n");
}

async function check(changes = {}) {
  const mine = ++turn;
  valid = false;
  button.disabled = true;
  try {
    const found = await ask("/api/v1/specs/check", { method: "POST", json: { spec: yaml.value, changes } });
    if (mine !== turn) return;
    if (Object.keys(changes).length) yaml.value = found.text;
    mark(found.faults);
    if (found.values) fill(found.values);
    valid = found.valid;
    if (valid) await makePlan(mine);
    else plan.setAttribute("aria-busy", "true");
  } catch (error) {
    if (mine === turn) faults.textContent = error.message;
  }
}

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
function lasting(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${number.format(seconds / 3600)} h` : `${number.format(seconds / 86400)} days`;
}
function element(name, words, more = {}) { return Object.assign(document.createElement(name), { textContent: words, ...more }); }

async function makePlan(mine) {
  planning?.abort();
  planning = new AbortController();
  plan.setAttribute("aria-busy", "true");
  try {
    const made = await ask("/api/v1/specs/plan", { method: "POST", json: { spec: yaml.value }, signal: planning.signal });
    if (mine !== turn) return;
    const facts = [["runs", number.format(made.runs)], ["candidate networks", made.iso_cost_networks.toLocaleString("en")], ["training", `${number.format(made.training_macs / 1e12)} T MACs`], ["slots", made.slots], ["about", lasting(made.estimated_seconds)]];
    if (!made.nominal) facts.push(["detectable difference", `${made.detectable_difference.toFixed(1)} points`]);
    else facts.push(["real cost", `${made.nominal.ratio_min.toFixed(2)}× to ${made.nominal.ratio_max.toFixed(2)}×`]);
    const list = document.createElement("dl");
    for (const [name, value] of facts) list.append(element("dt", name), element("dd", String(value)));
    const picture = new DOMParser().parseFromString(made.svg, "image/svg+xml").documentElement;
    const title = made.nominal ? "The literature’s grid: costs differ" : `Corners that differ by ${made.detectable_difference.toFixed(1)} points will be told apart`;
    plan.replaceChildren(element("h2", "The plan"), element("p", title), document.importNode(picture, true), list, ...made.warnings.map((w) => element("p", w, { className: "warning" })));
    runs = made.runs;
    button.textContent = `Launch ${runs} runs`;
    button.disabled = false;
    plan.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError" || mine !== turn) return;
    plan.replaceChildren(element("h2", "The plan"), element("p", error.message, { className: "warning" }));
    plan.removeAttribute("aria-busy");
  }
}

let timer = 0;
const later = (act, wait) => { clearTimeout(timer); timer = setTimeout(act, wait); button.disabled = true; };
yaml.addEventListener("input", () => later(() => check(), 350));
form.addEventListener("input", (event) => {
  const input = event.target;
  if (input.dataset.field) later(() => check({ [input.dataset.field]: given(input) }), 350);
});
form.addEventListener("submit", (event) => event.preventDefault());
$("from").addEventListener("change", (event) => location.assign(`/launch?${event.target.value}`));
button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const made = await ask("/api/v1/studies", { method: "POST", json: { spec: yaml.value, priority: Number($("priority").value) || 0 } });
    location.assign(`/studies/${made.name}`);
  } catch (error) {
    say(error.message);
    button.disabled = !valid;
  }
});
check();
