// The colours of all pages, as chosen in this browser; js/theme.js applies them before the first paint.
export const THEMES = ["auto", "light", "dark"];

export function chosenTheme() {
  return document.documentElement.dataset.theme ?? "auto";
}

/** Tells the document, by `themechosen`. @param {"auto" | "light" | "dark"} theme */
export function chooseTheme(theme) {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("dex-theme", theme);
  } catch {
    // Then it holds for this page alone.
  }
  document.dispatchEvent(new CustomEvent("themechosen"));
}
