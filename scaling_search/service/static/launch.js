// The launch form: form and YAML are two views of one text, which the server checks as one types.
import { ask, say } from "/static/app.js";

const $ = (id) => document.getElementById(id);
const yaml = $("yaml"), form = $("form"), plan = $("plan"), button = $("launch"), faults = $("faults");
const inputs = new Map([...form.querySelectorAll("[data-field]")].map((input) => [input.dataset.field, input]));

// Edits of the form that the YAML does not hold yet, field → value, oldest first. An edit stays here until an answer has
// put it into the YAML, so nothing that is typed while a request is on its way is lost.
const pending = new Map();
let asking = false;      // a check is on its way; one at a time
let checked = null;      // the YAML that was last found valid, or null
let planned = null;      // the YAML whose plan is shown, or null
let stale = true;        // something was edited since the last check was sent
let known = { values: null, texts: {} };
let planning = null;

const valueOf = (values, field) => field.split(".").reduce((value, key) => value?.[key], values);
const shown = (value) => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value));

function fillOne(field, input) {
  if (pending.has(field) || input === document.activeElement || !known.values) return;
  const value = valueOf(known.values, field), kind = input.dataset.kind;
  if (kind === "flag") input.checked = value === true;
  else if (kind === "section") input.checked = value !== null && value !== undefined;
  else if (kind === "yaml") input.value = (known.texts[field] ?? "").trimEnd();
  else input.value = shown(value).trimEnd();
}

function fill() {
  for (const [field, input] of inputs) fillOne(field, input);
  for (const group of form.querySelectorAll("[data-section]")) group.disabled = !inputs.get(group.dataset.section).checked;
}

function given(input) {
  const kind = input.dataset.kind, text = input.value.trim();
  if (kind === "flag") return input.checked;
  if (kind === "section") return input.checked ? {} : null;
  if (text === "") return null;
  const parsed = (part) => (Number.isNaN(Number(part)) ? part : Number(part));
  if (kind === "number") return parsed(text);
  if (kind === "list") return text.split(/[,\s]+/).filter(Boolean).map(parsed);
  return input.value;
}

function mark(found) {
  const concerns = (field, f) => f.field === field || (inputs.get(field).dataset.kind !== "section" && f.field.startsWith(`${field}.`));
  for (const [field, input] of inputs) {
    const mine = found.filter((f) => concerns(field, f));
    if (mine.length) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    const line = form.querySelector(`[data-fault="${field}"]`);
    line.textContent = mine.map((f) => f.message).join("; ");
    if (mine.length) line.closest("details")?.setAttribute("open", "");
  }
  const left = found.filter((f) => ![...inputs.keys()].some((field) => concerns(field, f)));
  faults.textContent = left.map((f) => (f.field ? `${f.field}: ${f.message}` : f.message)).join("\n");
}

const settled = () => !stale && !asking && pending.size === 0 && checked === yaml.value;
function showState() {
  button.disabled = !(settled() && planned === yaml.value);
  plan.toggleAttribute("aria-busy", planned !== yaml.value || !settled());
}

// Sends what was edited, and again what was edited while the answer was on its way.
async function check() {
  if (asking) return;
  asking = true;
  let again = 0;
  const sent = yaml.value, changes = {}, texts = {};
  for (const [field, value] of pending) (inputs.get(field).dataset.kind === "yaml" && value !== null ? texts : changes)[field] = value;
  const before = new Map(pending);
  stale = false;
  showState();
  try {
    const found = await ask("/api/v1/specs/check", { method: "POST", json: { spec: sent, changes, texts } });
    if (yaml.value === sent) {
      if (found.applied) {
        for (const [field, value] of before) if (pending.get(field) === value) pending.delete(field);
        if (before.size) yaml.value = found.text;
      }
      if (found.values) known = { values: found.values, texts: found.texts };
      checked = found.valid && found.applied ? yaml.value : null;
      if (!stale) mark(found.faults);
      fill();
    } else stale = true;
  } catch (error) {
    faults.textContent = error.message;
    stale = true;
    again = 2000;
  }
  asking = false;
  showState();
  if (stale) later(again);
  else if (settled() && planned !== yaml.value) await makePlan(yaml.value);
}

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
function lasting(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${number.format(seconds / 3600)} h` : `${number.format(seconds / 86400)} days`;
}
function element(name, words, more = {}) { return Object.assign(document.createElement(name), { textContent: words, ...more }); }

async function makePlan(text) {
  planning?.abort();
  planning = new AbortController();
  try {
    const made = await ask("/api/v1/specs/plan", { method: "POST", json: { spec: text }, signal: planning.signal });
    if (text !== yaml.value || !settled()) return;
  const facts = [["runs", number.format(made.runs)], ["candidate networks", made.iso_cost_networks.toLocaleString("en")], ["training", `${number.format(made.training_macs / 1e12)} T MACs`], ["slots", made.slots], ["about", lasting(made.estimated_seconds)]];
    if (!made.nominal) facts.push(["detectable difference", `${made.detectable_difference.toFixed(1)} points`]);
    else facts.push(["real cost", `${made.nominal.ratio_min.toFixed(2)}× to ${made.nominal.ratio_max.toFixed(2)}×`]);
    const list = document.createElement("dl");
    for (const [name, value] of facts) list.append(element("dt", name), element("dd", String(value)));
    const picture = new DOMParser().parseFromString(made.svg, "image/svg+xml").documentElement;
    const title = made.nominal ? "The literature’s grid: costs differ" : `Corners that differ by ${made.detectable_difference.toFixed(1)} points will be told apart`;
    plan.replaceChildren(element("h2", "The plan"), element("p", title), document.importNode(picture, true), list, ...made.warnings.map((w) => element("p", w, { className: "warning" })));
    button.textContent = `Launch ${made.runs} ${made.runs === 1 ? "run" : "runs"}`;
    planned = text;
    showState();
  } catch (error) {
    if (error.name === "AbortError" || text !== yaml.value) return;
    plan.replaceChildren(element("h2", "The plan"), element("p", error.message, { className: "warning" }));
    plan.removeAttribute("aria-busy");
  }
}

let timer = 0;
function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(check, wait);
}
function edited() {
  stale = true;
  planning?.abort();
  showState();
  later(350);
}
yaml.addEventListener("input", edited);
form.addEventListener("input", ({ target }) => {
  if (!target.dataset.field) return;
  pending.delete(target.dataset.field);  // the newest edit is applied last
  pending.set(target.dataset.field, given(target));
  if (target.dataset.kind === "section") form.querySelector(`[data-section="${target.dataset.field}"]`).disabled = !target.checked;
  edited();
});
form.addEventListener("focusout", ({ target }) => target.dataset.field && setTimeout(() => fillOne(target.dataset.field, target)));
form.addEventListener("submit", (event) => event.preventDefault());
$("from").addEventListener("change", (event) => location.assign(`/launch?${event.target.value}`));
button.addEventListener("click", async () => {
  if (!settled()) return;
  button.disabled = true;
  try {
    const made = await ask("/api/v1/studies", { method: "POST", json: { spec: checked, priority: Number($("priority").value) || 0 } });
    location.assign(`/studies/${made.name}`);
  } catch (error) {
    say(error.message);
    showState();
  }
});
check();
