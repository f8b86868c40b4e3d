// The line to the server: a shared one where the browser can, else one of this page's own while somebody looks at it.

import { base, signIn, soon } from "./live.js";
import { tell } from "./texts.js";

const line = document.getElementById("line");
const topics = document.documentElement.dataset.topics.split(" ");
let wasAway = false;

function show(state) {
  line.dataset.line = state;
  line.querySelector(".line-text").textContent = tell(state === "on" ? "live" : "away");
  line.title = tell(state === "on" ? "live-title" : "away-title");
}

function hear(what) {
  if (what === "out") return document.hidden ? soon() : signIn();
  if (what === "away") { wasAway = true; show("away"); return; }
  if (what !== "on") return soon();
  show("on");
  if (wasAway) soon(0); // eight tabs at once, but for those that nobody sees
  wasAway = false;
}

function share() {
  const { port } = new SharedWorker(new URL("./worker.js", import.meta.url), { name: `trailarrd ${base}` });
  port.onmessage = ({ data }) => hear(data);
  const listen = () => port.postMessage({ base, topics });
  listen();
  addEventListener("pagehide", () => port.postMessage("bye"));
  addEventListener("pageshow", (event) => { if (event.persisted) { wasAway = true; listen(); } });
}

function own() {
  let events = null;
  const open = () => {
    events = new EventSource(`${base}/api/v1/events`);
    events.addEventListener("open", () => hear("on"));
    events.addEventListener("error", async () => {
      hear("away");
      if (events?.readyState !== EventSource.CLOSED) return;
      const answer = await fetch(`${base}/api/v1/version`).catch(() => null);
      if (answer?.status === 401) return hear("out");
      setTimeout(() => { if (!document.hidden) open(); }, 5000);
    });
    for (const topic of [...topics, "missed"]) events.addEventListener(topic, () => hear(topic));
  };
  const follow = () => {
    if (document.hidden) { events?.close(); events = null; wasAway = true; } else if (!events) open();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => { events?.close(); events = null; wasAway = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
  follow();
}

export function follow() {
  if (!line) return;
  if ("SharedWorker" in window) share(); else own();
}
