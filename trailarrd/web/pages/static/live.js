// Keeps what is shown as it is: the server makes the page anew, and what differs is exchanged, node by node,
// so that nobody loses the focus, a selection or what is open.

import { tellTimes } from "./times.js";

export const base = document.documentElement.dataset.base;
const version = document.documentElement.dataset.version;
const byId = (id) => document.getElementById(id);

export function signIn() {
  const here = location.pathname.slice(base.length) + location.search;
  location.assign(`${base}/login${here === "/" ? "" : `?${new URLSearchParams({ next: here })}`}`);
}

// The page at an address as a document; null if there is none, as the server is away.
export async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, priority: "high" }).catch(() => null);
  if (!answer) return null;
  if (answer.redirected && new URL(answer.url).pathname === `${base}/login`) { signIn(); return null; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const { version: theirs } = page.documentElement.dataset;
  if (theirs && theirs !== version) location.reload(); // trailarrd is another one by now
  return page;
}

// --- exchanging

function sameAttributes(old, fresh) {
  const isOpened = old.nodeName === "DETAILS"; // by whoever reads it
  const isPressed = old.hasAttribute("data-view"); // as the script says
  for (const { name } of [...old.attributes]) {
    const isMine = (isOpened && name === "open") || (isPressed && name === "aria-pressed");
    if (!fresh.hasAttribute(name) && !isMine) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !(isOpened && name === "open")) old.setAttribute(name, value);
  }
}

const fits = (old, fresh) =>
  old && old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "");

function sameChildren(old, fresh) {
  const named = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
  let next = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = wanted.id ? named.get(wanted.id) : null;
    if (!fits(found, wanted)) found = fits(next, wanted) ? next : null;
    if (!found) { old.insertBefore(document.importNode(wanted, true), next); continue; }
    if (found === next) next = next.nextSibling; else old.insertBefore(found, next);
    become(found, wanted);
  }
  while (next) { const gone = next; next = next.nextSibling; gone.remove(); }
}

export function become(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const isTold = old.matches("time, data"); // in the reader's own way
  const isSame = isTold && old.getAttribute("datetime") === fresh.getAttribute("datetime")
    && old.getAttribute("value") === fresh.getAttribute("value");
  if (isSame || old.hasAttribute("data-mine")) return;
  sameAttributes(old, fresh);
  sameChildren(old, fresh);
}

function exchange(page) {
  for (const part of page.querySelectorAll("[data-live]")) {
    const old = byId(part.id);
    if (old && !old.closest("dialog")) become(old, part);
  }
  tellTimes();
}

// --- when

let asked = 0;
let shown = 0;
let pointerIsDown = false;
let stale = false;
let timer = 0;
let due = Infinity;
const others = [];

// Somebody else has something to renew, too.
export function alsoRenew(work) { others.push(work); }

// The list below an open sheet has its own address.
export const shownAddress = () => {
  const address = new URL(location.href);
  address.searchParams.delete("item");
  return address.href;
};

// Whether the server answered.
export async function renew() {
  const turn = ++asked;
  const address = shownAddress();
  const [page] = await Promise.all([fetchPage(address), ...others.map((work) => work())]);
  // Not the last one alone counts: on a busy day each would be overtaken by the next, and none be shown.
  if (turn < shown || address !== shownAddress()) return true;
  if (page && pointerIsDown) soon();
  else if (page) { shown = turn; exchange(page); }
  lookAgain();
  return page !== null;
}

// What is under way, or due soon, is another one before anybody tells of it.
function lookAgain() {
  const waits = [...document.querySelectorAll("[data-busy]")].map((one) => Number(one.dataset.busy) || 1500);
  if (waits.length) soon(Math.min(...waits));
}

// Whatever is to be looked at later does not keep news waiting.
export function soon(wait = 300) {
  const at = performance.now() + wait;
  if (at >= due) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(() => { due = Infinity; if (document.hidden) stale = true; else renew(); }, wait);
}

export function startLive() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale) { stale = false; renew(); }
  });
  document.addEventListener("pointerdown", () => { pointerIsDown = true; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pointerIsDown = false; });
  lookAgain();
}
