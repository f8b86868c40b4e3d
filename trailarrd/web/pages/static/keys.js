// The keyboard: / searches, arrows and Enter go through the list, g and a letter goes to a page, ? shows all of it.

let isGoing = 0;

const isWriting = (target) => target.closest("input, select, textarea, [contenteditable]");

function step(by) {
  const links = [...document.querySelectorAll("[data-step]")];
  if (!links.length) return false;
  const now = links.indexOf(document.activeElement.closest("[data-row]")?.querySelector("[data-step]") ?? document.activeElement);
  const next = links[Math.min(links.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const { key } = event;
  const tab = Date.now() - isGoing < 1500 && [...document.querySelectorAll("a[data-key]")].find((one) => one.dataset.key === key);
  if (tab) { isGoing = 0; tab.click(); return; }
  isGoing = key === "g" ? Date.now() : 0;
  if (key === "/") { event.preventDefault(); document.getElementById("filter-q")?.focus(); }
  if (key === "?") document.getElementById("keys")?.showModal();
  if (key === "ArrowDown" && step(1)) event.preventDefault();
  if (key === "ArrowUp" && step(-1)) event.preventDefault();
}

export function startKeys() {
  if (document.getElementById("keys")) document.addEventListener("keydown", press);
}
