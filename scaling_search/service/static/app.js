// What every page shares: times in the reader's zone, the theme, asking the API, and the verbs' buttons.
const csrf = document.querySelector("meta[name=csrf]").content;

export function localTimes(root = document) {
  const form = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const parts = Object.fromEntries(form.formatToParts(new Date(time.dateTime)).map((p) => [p.type, p.value]));
    time.title = time.textContent;
    time.textContent = `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
    time.dataset.local = "";
  }
}

export function say(words) {
  document.querySelector(".toast")?.remove();
  const toast = Object.assign(document.createElement("div"), { className: "toast", textContent: words });
  toast.setAttribute("role", "status");
  document.body.append(toast);
  setTimeout(() => toast.remove(), 6000);
}

// The API's answer, or an Error whose message a person can read.
export async function ask(path, { method = "GET", json, signal } = {}) {
  const headers = { "x-csrf-token": csrf, accept: "application/json" };
  if (json !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, signal, body: json === undefined ? undefined : JSON.stringify(json) });
  if (answer.status === 401) location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error([body.error.message, body.error.hint].filter(Boolean).join("; ")), { fields: body.error.fields });
  return body;
}

const theme = document.querySelector("#theme");
theme.addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  dispatchEvent(new Event("themechange"));
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-verb]");
  if (!button) return;
  const { verb, study } = button.dataset;
  if (verb === "cancel" && !confirm(`Kill the runs of ${study} and stop it?`)) return;
  button.disabled = true;
  try {
    await ask(`/api/v1/studies/${study}/${verb}`, { method: "POST" });
    dispatchEvent(new CustomEvent("steered", { detail: study }));
  } catch (error) {
    say(error.message);
    button.disabled = false;
  }
});

// A menu closes when something else is clicked, or with Escape.
const shut = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(except) || menu.removeAttribute("open"));
document.addEventListener("click", (event) => shut(event.target));
document.addEventListener("keydown", (event) => event.key === "Escape" && shut(null));

localTimes();
