// Not a module, so that it runs before the first paint: the colours that were chosen here earlier.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("dex-theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
