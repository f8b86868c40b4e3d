// What a page does while somebody looks at it. Everything is readable without; only what changes something needs it.

import { startActing } from "./act.js";
import { startDownloads } from "./downloads.js";
import { startFilters } from "./filters.js";
import { startKeys } from "./keys.js";
import { follow } from "./line.js";
import { startSelecting, startViews } from "./list.js";
import { startLive } from "./live.js";
import { startSheet } from "./sheet.js";
import { tellTimes } from "./times.js";

document.documentElement.classList.add("scripted");
tellTimes();
setInterval(tellTimes, 10_000);
startActing();
startSheet();
startFilters();
startKeys();
startSelecting();
startViews();
startDownloads();
startLive();
follow();

// A poster that did not come leaves the letter beneath it; with the next look it is asked for again.
document.addEventListener("error", ({ target }) => { if (target.matches?.(".poster img")) target.remove(); }, true);
for (const img of document.querySelectorAll(".poster img")) if (img.complete && !img.naturalWidth) img.remove();

const theme = document.getElementById("theme");
if (theme) {
  theme.value = document.documentElement.dataset.theme;
  theme.addEventListener("change", () => {
    document.documentElement.dataset.theme = theme.value;
    try { localStorage.setItem("theme", theme.value); } catch { /* then for this page only */ }
  });
}
