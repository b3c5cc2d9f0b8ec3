import { say } from "/static/app.js";

const form = document.getElementById("family-form"), table = document.getElementById("family");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = new URLSearchParams(new FormData(form));
  table.setAttribute("aria-busy", "true");
  const answer = await fetch(`${location.pathname}?${query}&part=true`, { headers: { accept: "text/html" } });
  table.removeAttribute("aria-busy");
  if (answer.ok) {
    table.innerHTML = await answer.text();
    history.replaceState(null, "", `?${query}`);
  } else {
    say(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("h1").textContent);
  }
});
form?.rounding.addEventListener("change", () => form.requestSubmit());
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const answer = await fetch(button.dataset.copy);
    await navigator.clipboard.writeText(await answer.text());
    say("Copied.");
  });
}
