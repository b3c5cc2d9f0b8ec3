import { localTimes } from "/static/app.js";
import { listen, put, soon } from "/static/live.js";

const rows = document.querySelector("#rows");
const refresh = soon(async () => {
  const query = new URLSearchParams(location.search);
  query.set("part", "true");
  const answer = await fetch(`/?${query}`, { headers: { accept: "text/html" } });
  if (!answer.ok || !rows) return;
  put(rows, await answer.text());
  localTimes(rows);
}, 1500);
listen("/api/v1/events", (kind) => (rows ? refresh() : kind === "state" && location.reload()));
addEventListener("steered", refresh);
document.querySelector("#filters").addEventListener("change", (event) => event.target.type === "checkbox" && event.currentTarget.requestSubmit());
