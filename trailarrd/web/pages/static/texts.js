// All that the scripts say; what the pages say themselves stands in their templates.

export const texts = {
  now: "now",
  soon: (text) => `in ${text}`,
  ago: (text) => `${text} ago`,
  live: ["live", "The page follows what happens"],
  away: ["reconnecting", "trailarrd does not answer; what you see may be old"],
  notDone: (status) => `Not done: trailarrd answered ${status}.`,
  noAnswer: "Not done: trailarrd does not answer.",
  notShown: "trailarrd does not answer, so this cannot be shown now.",
  selected: (count) => (count === 1 ? "1 item selected" : `${count.toLocaleString()} items selected`),
  chosen: (count, intent) => {
    const items = count === 1 ? "1 item" : `${count.toLocaleString()} items`;
    return { true: `${items}: wanted`, false: `${items}: not wanted`, null: `${items}: left to the mode` }[intent];
  },
  refreshing: (at, of) => `Refreshing ${at} of ${of} …`,
  refreshed: (count) => (count === 1 ? "1 item was refreshed" : `${count} items were refreshed`),
  asked: "It is in the queue",
  queued: (count) => (count === 1 ? "1 item is in the queue" : `${count.toLocaleString()} items are in the queue`),
  percent: (percent) => (percent === null ? "" : `${percent} %`),
  refused: (reason, { changed, refused }) =>
    changed.length ? `${changed.length} done, ${refused.length} not: ${reason}` : `Not done: ${reason}`,
  key: (name, key) => `${name}, shown only now:\n${key}`,
  undo: "Undo",
  undone: "Undone",
  close: "Close this message",
};
