// Before anything is drawn: light or dark, table or posters, if somebody has chosen; no module, as those wait.
(() => {
  const root = document.documentElement;
  const read = () => {
    for (const [name, usual] of [["theme", "auto"], ["view", "table"]]) {
      try { root.dataset[name] = localStorage.getItem(name) ?? usual; } catch { root.dataset[name] = usual; }
    }
  };
  read();
  addEventListener("storage", read);
})();
