// Moments and numbers as the reader has them: in his own time zone, with his own separators.

import { tell } from "./texts.js";

const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }); // of no zone
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const second = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

function distance(seconds) {
  const length = Math.floor(Math.abs(seconds));
  const [unit, size] = units.find(([, one]) => length >= one) ?? ["s", 0];
  if (!size) return tell("now");
  const time = tell(unit, { count: Math.floor(length / size) });
  return tell(seconds > 0 ? "soon" : "ago", { time });
}

function told(time, at) {
  if (time.dataset.as === "date") return date.format(at);
  if (time.dataset.as === "day") return day.format(at);
  if (time.dataset.as === "second") return second.format(at);
  return time.dataset.as === "exact" ? exact.format(at) : distance((at - Date.now()) / 1000);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function tellTimes() {
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    set(time, told(time, at));
    const title = time.dataset.as === "date" ? "" : whole.format(at);
    if (time.title !== title) time.title = title;
  }
  for (const number of document.querySelectorAll("data")) set(number, Number(number.value).toLocaleString());
}
