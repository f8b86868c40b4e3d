// What the scripts say, by its name; the texts themselves stand where those of the pages do.

import { words } from "./words.js";

const shown = (value) => (typeof value === "number" ? value.toLocaleString() : value);

export function tell(name, values = {}) {
  const text = words[name];
  const form = typeof text === "string" ? text : text[values.count === 1 ? "one" : "other"];
  return form.replace(/\{(\w+)\}/g, (_, value) => shown(values[value]));
}
