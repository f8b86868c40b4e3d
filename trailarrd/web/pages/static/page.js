// Keeps the page true while somebody looks at it: what the server made anew replaces what is shown.
// Everything is readable without this file; only the buttons that change something need it.

const base = document.documentElement.dataset.base;
const byId = (id) => document.getElementById(id);

// --- what was fetched last, so that only what differs is exchanged

const shown = new Map();
let pointerIsDown = false;
let asked = 0;

function remember(page) {
  for (const part of page.querySelectorAll("[data-live]")) shown.set(part.id, part.outerHTML);
}

async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname.endsWith("/login")) {
    location.assign(answer.url);
    throw new Error("signed out");
  }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function exchange(page) {
  for (const part of page.querySelectorAll("[data-live]")) {
    const old = byId(part.id);
    if (!old || shown.get(part.id) === part.outerHTML) continue;
    shown.set(part.id, part.outerHTML);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details[open]")].map((one) => one.id);
    const fresh = document.importNode(part, true);
    old.replaceWith(fresh);
    for (const id of open) byId(id)?.setAttribute("open", "");
    if (focused) byId(focused)?.focus({ preventScroll: true });
  }
  tellTimes();
}

async function renew(address = location.href) {
  const turn = ++asked;
  try {
    const page = await fetchPage(address);
    if (turn !== asked) return; // somebody asked for something newer meanwhile
    if (pointerIsDown) return soon();
    exchange(page);
  } catch {
    // the line below says that the server is away; when it is back, everything is fetched anew
  }
  if (document.querySelector("[data-busy]")) soon(1500);
}

let timer = 0;
function soon(wait = 300) {
  if (!timer) timer = setTimeout(() => { timer = 0; if (!document.hidden) renew(); else stale = true; }, wait);
}

let stale = false;
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && stale) { stale = false; renew(); }
});
document.addEventListener("pointerdown", () => { pointerIsDown = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pointerIsDown = false; });

// --- times

const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function distance(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  const [unit, size] = units.find(([, length]) => whole >= length) ?? ["s", 0];
  if (!size) return "now";
  const text = `${Math.floor(whole / size)} ${unit}`;
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

function tellTimes() {
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.textContent = distance((at - Date.now()) / 1000);
    time.title = at.toLocaleString();
  }
}

// --- saying something to whoever looks or listens

let silence = 0;
function say(text, isBad = false) {
  const said = byId("said");
  said.textContent = text;
  said.classList.toggle("bad", isBad);
  said.classList.add("on");
  clearTimeout(silence);
  silence = setTimeout(() => said.classList.remove("on"), isBad ? 8000 : 3500);
}

// --- buttons that change something

function sure(question) {
  if (!question) return Promise.resolve(true);
  const ask = byId("ask");
  byId("ask-text").textContent = question;
  ask.returnValue = "no";
  ask.showModal();
  return new Promise((resolve) => {
    ask.addEventListener("close", () => resolve(ask.returnValue === "yes"), { once: true });
  });
}

async function act(button) {
  const { method, path, body, said, ask } = button.dataset;
  if (!(await sure(ask))) return;
  const headers = { "X-Requested-With": "trailarrd" };
  if (body) headers["Content-Type"] = "application/json";
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body });
    if (answer.ok) say(said);
    else say((await answer.json()).detail ?? `Not done: ${answer.status}`, true);
  } catch {
    say("Not done: trailarrd does not answer.", true);
  }
  button.removeAttribute("aria-busy");
  await renew();
  await renewSheet();
}

// --- an item in a sheet over the table

let sheetAddress = "";

async function openSheet(link) {
  sheetAddress = link.href;
  await renewSheet();
  if (!byId("sheet").open) byId("sheet").showModal();
}

async function renewSheet() {
  if (!sheetAddress) return;
  const page = await fetchPage(sheetAddress).catch(() => null);
  const item = page?.querySelector("#item");
  if (!item) return;
  const focused = byId("sheet").contains(document.activeElement) ? document.activeElement.id : "";
  item.removeAttribute("data-live");
  const content = byId("sheet-content");
  const open = [...content.querySelectorAll("details[open]")].map((one) => one.id);
  content.replaceChildren(document.importNode(item, true));
  for (const id of open) byId(id)?.setAttribute("open", "");
  tellTimes();
  if (focused) byId(focused)?.focus();
}

byId("sheet").addEventListener("close", () => { sheetAddress = ""; byId("sheet-content").replaceChildren(); });
byId("sheet").addEventListener("click", (event) => { if (event.target === byId("sheet")) byId("sheet").close(); });

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-path]");
  if (button) act(button);
  const link = event.target.closest("a[data-sheet]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    openSheet(link);
  }
});

// --- a form that narrows a list does so while it is filled in

const filters = byId("filters");
if (filters) {
  const more = byId("more");
  const isNarrow = [...filters.querySelectorAll("#more select")].some((one) => one.selectedIndex > 0);
  if (more && !isNarrow && matchMedia("(max-width: 44rem)").matches) more.open = false;
  let pause = 0;
  const narrow = () => {
    const chosen = [...new FormData(filters)].filter(([, value]) => value);
    const query = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", query ? `${filters.action}?${query}` : filters.action);
    renew();
  };
  filters.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(narrow, 250); });
  filters.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(pause); narrow(); });
}

// --- the line to the server

const line = byId("line");
function lineIs(state, text, title) {
  line.dataset.line = state;
  line.querySelector(".line-text").textContent = text;
  line.title = title;
}

let wasAway = false;

function listen() {
  const events = new EventSource(`${base}/api/v1/events`);
  events.addEventListener("open", () => {
    lineIs("on", "live", "The page follows what happens");
    if (wasAway) renew();
    wasAway = false;
  });
  events.addEventListener("error", () => {
    wasAway = true;
    lineIs("away", "reconnecting", "trailarrd does not answer; what you see may be old");
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  const topics = document.documentElement.dataset.topics.split(" ");
  for (const topic of [...topics, "missed"]) events.addEventListener(topic, () => soon());
  addEventListener("pagehide", () => events.close(), { once: true });
}

document.documentElement.classList.add("scripted");
remember(document);
tellTimes();
setInterval(tellTimes, 10_000);
if (line) {
  listen();
  addEventListener("pageshow", (event) => { if (event.persisted) { wasAway = true; listen(); } });
}
if (document.querySelector("[data-busy]")) soon(1500);
