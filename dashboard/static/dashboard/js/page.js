// What works on every page: times, colours, copying, logging out.
import { call } from "./lib/api.js";
import { watchCopyButtons } from "./lib/copy.js";
import { whileBusy } from "./lib/busy.js";
import { setLeaving } from "./lib/leaving.js";
import { say } from "./lib/say.js";
import { THEMES, chooseTheme, chosenTheme } from "./lib/themes.js";
import { tellTimes } from "./lib/times.js";
import { plainWords } from "./lib/words.js";

function watchTheme(button) {
  const name = button.querySelector("[data-theme-name]");
  const show = () => {
    name.textContent = chosenTheme();
  };
  button.addEventListener("click", () => chooseTheme(THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length]));
  document.addEventListener("themechosen", show);
  show();
  button.hidden = false;
}

async function logOut() {
  setLeaving(true);
  try {
    await call("POST", "/api/auth/logout/");
  } catch (error) {
    // 401: the login is over already, which is what was asked for.
    if (error.status !== 401) {
      setLeaving(false);
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
// On a phone the places are a row that is longer than the screen.
document.querySelector(".top-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
tellTimes(document);
watchCopyButtons();
for (const button of document.querySelectorAll("[data-theme-switch]")) watchTheme(button);
for (const button of document.querySelectorAll("[data-logout]")) {
  button.addEventListener("click", () => whileBusy(button, logOut));
  button.disabled = false;
}
