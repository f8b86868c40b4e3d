// Downloads: how far each is, asked for once a second while somebody looks, and the address of another video.

import { call } from "./act.js";
import { base, renew } from "./live.js";
import { say } from "./say.js";
import { tell } from "./texts.js";

const bars = () => [...document.querySelectorAll("[data-download]")];

async function follow() {
  if (document.hidden) return;
  for (const id of new Set(bars().map((bar) => bar.dataset.download))) {
    const answer = await fetch(`${base}/api/v1/media/${id}/download`).catch(() => null);
    if (!answer?.ok) continue; // the line to the server says so
    const now = await answer.json();
    if (now.state !== "downloading") { await renew(); return; }
    for (const bar of bars()) if (bar.dataset.download === id) show(bar, now);
  }
}

function show(bar, { percent, step }) {
  const progress = bar.querySelector("progress");
  if (percent === null) progress.removeAttribute("value"); else progress.value = percent;
  bar.querySelector(".bar-percent").textContent = percent === null ? "" : tell("percent", { percent });
  bar.querySelector(".bar-step").textContent = step ?? "";
}

async function ask(form) {
  const body = JSON.stringify({ url: form.elements.url.value });
  if (!(await call("POST", `/media/${form.dataset.address}/download`, body))) return;
  form.reset();
  form.closest("details").open = false;
  say(tell("asked"));
  await renew();
}

export function startDownloads() {
  const again = () => follow().finally(() => setTimeout(again, 1000));
  again();
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-address]")) return;
    event.preventDefault();
    ask(event.target);
  });
}
