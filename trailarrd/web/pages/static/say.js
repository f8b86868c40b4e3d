// Messages: above whatever is open, heard by who does not see them, and undone from within.

import { tell } from "./texts.js";

let silence = 0;

// What lies outside an open dialog is out of reach, also for who listens: each has a place of its own.
function place() {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1);
  return open?.querySelector(".said") ?? document.getElementById("said");
}

export function say(text, { isBad = false, undo = null } = {}) {
  for (const one of document.querySelectorAll(".said")) hush(one);
  const said = place();
  said.setAttribute("aria-live", isBad ? "assertive" : "polite");
  said.classList.toggle("bad", isBad);
  const words = document.createElement("span");
  words.textContent = text;
  said.replaceChildren(words);
  if (undo) said.append(button(tell("undo"), "said-undo", () => { hush(said); undo(); }));
  said.append(button("×", "said-close", () => hush(said), tell("close")));
  said.classList.add("on");
  clearTimeout(silence);
  if (!isBad) silence = setTimeout(() => hush(said), undo ? 10_000 : 5000); // a mistake stays until it is read
}

function hush(said) {
  said.classList.remove("on");
  said.replaceChildren();
}

function button(text, name, work, label = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = name;
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", work);
  return made;
}

export function sure(question) {
  if (!question) return Promise.resolve(true);
  const ask = document.getElementById("ask");
  document.getElementById("ask-text").textContent = question;
  ask.returnValue = "no";
  ask.showModal();
  return new Promise((resolve) => {
    ask.addEventListener("close", () => resolve(ask.returnValue === "yes"), { once: true });
  });
}
