// The list of items: which are selected, what becomes of them, and whether it is a table or posters.

import { call } from "./act.js";
import { renew } from "./live.js";
import { say } from "./say.js";
import { tell } from "./texts.js";

const bar = document.getElementById("picked");
const picked = new Map(); // what each one's choice was when it was selected, by its id

const boxes = () => [...document.querySelectorAll(".pick-one")];
const rowOf = (box) => box.closest("[data-row]");

function show() {
  for (const box of boxes()) box.checked = picked.has(rowOf(box).dataset.id);
  const all = document.getElementById("pick-all");
  if (all) {
    all.checked = boxes().length > 0 && boxes().every((box) => box.checked);
    all.indeterminate = !all.checked && boxes().some((box) => box.checked);
  }
  bar.hidden = picked.size === 0;
  document.getElementById("picked-count").textContent = tell("selected", { count: picked.size });
}

function pick(box, isPicked) {
  const { id, intent } = rowOf(box).dataset;
  if (isPicked) picked.set(id, intent); else picked.delete(id);
}

const choose = (ids, intent) =>
  call("POST", "/intents", `{"ids": [${ids.join(", ")}], "intent": ${intent}}`);

async function want(intent) {
  const before = new Map(picked);
  if (!(await choose([...before.keys()], intent))) return;
  picked.clear();
  show();
  say(tell(`chosen-${intent}`, { count: before.size }), { undo: () => goBack(before) });
  await renew();
}

// Each to what it was: at most three questions, as there are three choices.
async function goBack(before) {
  for (const intent of new Set(before.values())) {
    const ids = [...before].filter(([, was]) => was === intent).map(([id]) => id);
    if (!(await choose(ids, intent))) return;
  }
  say(tell("undone"));
  await renew();
}

async function download() {
  const done = await call("POST", "/downloads", `{"ids": [${[...picked.keys()].join(", ")}]}`);
  if (!done) return;
  say(tell("queued", { count: done.changed.length }), { undo: () => stop(done.changed) });
  picked.clear();
  show();
  await renew();
}

async function stop(ids) {
  if (await call("POST", "/downloads/stop", JSON.stringify({ ids }))) say(tell("undone"));
  await renew();
}

async function refresh() {
  const ids = [...picked.keys()];
  for (const [at, id] of ids.entries()) {
    say(tell("refreshing", { at: at + 1, of: ids.length }));
    if (!(await call("POST", `/media/${id}/refresh`))) return;
  }
  say(tell("refreshed", { count: ids.length }));
  picked.clear();
  show();
  await renew();
}

export function startSelecting() {
  if (!bar) return;
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".pick-one")) pick(target, target.checked);
    else if (target.id === "pick-all") for (const box of boxes()) pick(box, target.checked);
    else return;
    show();
  });
  for (const button of bar.querySelectorAll("[data-intent]")) {
    button.addEventListener("click", () => want(button.dataset.intent));
  }
  document.getElementById("picked-refresh").addEventListener("click", refresh);
  document.getElementById("picked-download")?.addEventListener("click", download);
  document.getElementById("picked-none").addEventListener("click", () => { picked.clear(); show(); });
  new MutationObserver(show).observe(document.getElementById("table"), { childList: true, subtree: true });
}

export function startViews() {
  const press = () => {
    for (const one of document.querySelectorAll("[data-view][type=button]")) {
      one.setAttribute("aria-pressed", String(one.dataset.view === document.documentElement.dataset.view));
    }
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-view]");
    if (!button) return;
    document.documentElement.dataset.view = button.dataset.view;
    try { localStorage.setItem("view", button.dataset.view); } catch { /* then for this page only */ }
    press();
  });
  press();
}
