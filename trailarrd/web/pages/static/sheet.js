// An item in a sheet over the list; `item=7` in the address, so that it can be kept, shared, and left by going back.

import { alsoRenew, base, become, fetchPage } from "./live.js";
import { say } from "./say.js";
import { tell } from "./texts.js";
import { tellTimes } from "./times.js";

const sheet = document.getElementById("sheet");
const content = document.getElementById("sheet-content");
const chosen = () => new URLSearchParams(location.search).get("item");
let shown = "";
let opener = "";

async function fill(id) {
  const page = await fetchPage(`${base}/media/${encodeURIComponent(id)}`);
  const item = page?.querySelector("#item, #problem");
  if (!item || id !== chosen()) return Boolean(item);
  item.removeAttribute("data-live");
  const old = content.firstElementChild;
  if (shown === id && old) become(old, item); else content.replaceChildren(document.importNode(item, true));
  shown = id;
  tellTimes();
  return true;
}

async function open(link) {
  const id = link.pathname.split("/").pop();
  const address = new URL(location.href);
  address.searchParams.set("item", id);
  history.pushState({ sheet: true }, "", address);
  opener = link.id;
  if (await fill(id)) return follow();
  say(tell("not-shown"), { isBad: true });
  history.back();
}

// The sheet is open if the address says so.
function follow() {
  const id = chosen();
  if (!id) return sheet.open ? sheet.close() : returnFocus();
  if (shown !== id) fill(id);
  if (!sheet.open) { sheet.showModal(); sheet.scrollTop = 0; }
}

function left() {
  opener ||= `open-${shown}`;
  shown = "";
  content.replaceChildren();
  if (!chosen()) return returnFocus();
  if (history.state?.sheet) return history.back();
  const address = new URL(location.href);
  address.searchParams.delete("item");
  history.replaceState(null, "", address);
  returnFocus();
}

// Later than the browser, which looks for the place of an address by itself.
function returnFocus() {
  const from = opener && document.getElementById(opener);
  opener = "";
  if (from) setTimeout(() => from.focus({ preventScroll: true }));
}

export function startSheet() {
  alsoRenew(() => (sheet.open && chosen() ? fill(chosen()) : null));
  sheet.addEventListener("close", left);
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  addEventListener("popstate", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  if (document.querySelector("a[data-sheet]")) follow();
}
