// One line to the server for all tabs of this browser: a browser opens six at most, and a page needs some for itself.
// A page says `{ base, topics }` to listen and "bye" when it is left, and hears "on", "away", "out" or a topic.

const pages = new Set();
let events = null;
let state = null;

function tell(what) {
  if (["on", "away", "out"].includes(what)) state = what;
  for (const page of pages) page.postMessage(what);
}

function listen({ base, topics }) {
  events = new EventSource(`${base}/api/v1/events`);
  events.addEventListener("open", () => tell("on"));
  events.addEventListener("error", () => {
    tell("away");
    if (events?.readyState === EventSource.CLOSED) ask({ base, topics });
  });
  for (const topic of [...topics, "missed"]) events.addEventListener(topic, () => tell(topic));
}

// The line was refused: because nobody is signed in any more, or there are too many, or trailarrd is busy.
async function ask(where) {
  const answer = await fetch(`${where.base}/api/v1/version`, { cache: "no-store" }).catch(() => null);
  if (answer?.status === 401) tell("out");
  events = null;
  setTimeout(() => { if (!events && pages.size) listen(where); }, 5000);
}

onconnect = ({ ports: [page] }) => {
  page.onmessage = ({ data }) => {
    if (data === "bye") {
      pages.delete(page);
      if (!pages.size) { events?.close(); events = null; state = null; }
      return;
    }
    pages.add(page);
    if (state === "on" || state === "away") page.postMessage(state);
    if (!events) listen(data);
  };
};
