// Buttons that change something: they call the API, say what became of it, and offer the way back.

import { base, renew, signIn } from "./live.js";
import { say, sure } from "./say.js";
import { tell } from "./texts.js";

// The answer as JSON, or null after saying why there is none.
export async function call(method, path, body) {
  const headers = { "X-Requested-With": "trailarrd" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body }).catch(() => null);
  if (!answer) { say(tell("no-answer"), { isBad: true }); return null; }
  if (answer.status === 401) { signIn(); return null; }
  const content = await answer.json().catch(() => null);
  const reason = content?.refused?.[0]?.reason;
  if (answer.ok && !reason) return content ?? {};
  if (reason) { say(refusal(reason, content), { isBad: true }); return null; }
  say(content?.detail ?? tell("not-done", { status: String(answer.status) }), { isBad: true });
  return null;
}

function refusal(reason, { changed, refused }) {
  if (!changed.length) return tell("refused", { reason });
  return tell("refused-some", { done: changed.length, refused: refused.length, reason });
}

async function act(button) {
  const { method, path, body, said, ask, back, backPath } = button.dataset;
  if (!(await sure(ask))) return;
  button.setAttribute("aria-busy", "true");
  const answer = await call(method, path, body);
  button.removeAttribute("aria-busy");
  const undo = back ? () => call(method, backPath ?? path, back).then((done) => { if (done) say(tell("undone")); return renew(); }) : null;
  if (answer) say(said, { undo });
  await renew();
}

// A key is shown where it was asked for, and stays until the page is left.
async function makeKey(event) {
  event.preventDefault();
  const form = event.target;
  const body = JSON.stringify({ name: form.elements.name.value, may_write: form.elements.may_write.checked });
  const made = await call("POST", "/keys", body);
  if (!made) return;
  document.getElementById("made-key").textContent = tell("key", made);
  form.reset();
  await renew();
}

export function startActing() {
  document.getElementById("new-key")?.addEventListener("submit", makeKey);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-path]");
    if (button) act(button);
  });
}
