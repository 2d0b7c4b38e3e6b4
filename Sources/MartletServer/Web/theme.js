// The chosen colours, before anything is drawn. A plain script on purpose: modules come too late for that.
(() => {
  const key = "martlet.theme";
  const apply = () => {
    let theme = null;
    try {
      theme = localStorage.getItem(key);
    } catch {
      // No storage: the system's colours.
    }
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      meta.content = { light: "#f4efe6", dark: "#10161f" }[theme] ?? meta.dataset.system;
    }
  };
  apply();
  window.addEventListener("martlet-theme", apply);
  window.addEventListener("storage", (event) => event.key === key && apply());
})();
