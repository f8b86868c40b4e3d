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
  undo: "Undo",
  undone: "Undone",
  close: "Close this message",
};
