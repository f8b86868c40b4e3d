// Before anything is drawn: light or dark, if somebody has chosen; else it is as the system has it.
// No module, as those wait until the page is there.
(() => {
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem("theme") ?? "auto"; } catch { return "auto"; } };
  root.dataset.theme = read();
  addEventListener("storage", (event) => { if (event.key === "theme") root.dataset.theme = read(); });
})();
