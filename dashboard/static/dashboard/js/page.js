// What works on every page: times, colours, copying, logging out.
import { call } from "./lib/api.js";
import { watchCopyButtons } from "./lib/copy.js";
import { whileBusy } from "./lib/busy.js";
import { say } from "./lib/say.js";
import { tellTimes } from "./lib/times.js";
import { plainWords } from "./lib/words.js";

const THEMES = ["auto", "light", "dark"];

function watchTheme(button) {
  const root = document.documentElement;
  const name = button.querySelector("[data-theme-name]");
  const show = () => {
    name.textContent = root.dataset.theme ?? "auto";
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("dex-theme", next);
    } catch {
      // Then it holds for this page alone.
    }
    show();
  });
  show();
  button.hidden = false;
}

async function logOut() {
  try {
    await call("POST", "/api/auth/logout/");
  } catch (error) {
    // 401: the login is over already, which is what was asked for.
    if (error.status !== 401) {
      say(plainWords(error));
      return;
    }
  }
  location.replace("/login/#logged-out");
}

// A page that comes back out of the browser's memory may be somebody's who has logged out since.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
tellTimes(document);
watchCopyButtons();
for (const button of document.querySelectorAll("[data-theme-switch]")) watchTheme(button);
for (const button of document.querySelectorAll("[data-logout]")) {
  button.addEventListener("click", () => whileBusy(button, logOut));
  button.disabled = false;
}
