// A form that narrows a list does so while it is filled in; each step is one that the browser can go back.

import { fetchPage, renew, shownAddress } from "./live.js";
import { say } from "./say.js";
import { tell } from "./texts.js";

const form = document.getElementById("filters");
let pause = 0;
let isTyping = false;
let last = shownAddress();

function narrow() {
  clearTimeout(pause);
  if (!form.checkValidity()) return; // half a range of years
  const wanted = [...new FormData(form)].filter(([name, value]) => value && value !== form.elements[name].dataset.usual);
  const query = new URLSearchParams(wanted).toString();
  const address = query ? `${form.action}?${query}` : form.action;
  if (address === last) return;
  last = address;
  if (isTyping && history.state?.typed) history.replaceState({ typed: true }, "", address);
  else history.pushState({ typed: isTyping }, "", address);
  show();
}

async function show() {
  if (!(await renew())) say(tell("not-shown"), { isBad: true });
}

// Going back: the form as it was then.
async function refill() {
  const address = shownAddress();
  const page = await fetchPage(address);
  if (address !== shownAddress()) return;
  for (const control of form.elements) {
    const then = control.id && page?.getElementById(control.id);
    if (then && control !== document.activeElement) control.value = then.value;
  }
  await show();
}

export function startFilters() {
  if (!form) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    last = shownAddress();
    refill();
  });
  const more = document.getElementById("more");
  const isNarrow = [...form.querySelectorAll("#more select, #more input")].some((one) => one.value !== (one.dataset.usual ?? ""));
  if (more && !isNarrow) more.open = false;
  form.addEventListener("input", (event) => {
    isTyping = event.target.nodeName === "INPUT";
    clearTimeout(pause);
    pause = setTimeout(narrow, isTyping ? 200 : 0);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); narrow(); });
  addEventListener("popstate", () => {
    if (shownAddress() === last) return; // only the sheet opened or closed
    last = shownAddress();
    refill();
  });
}
