// The page of settings: what this browser shows, chosen here and kept here.
import { chooseTheme, chosenTheme } from "../lib/themes.js";
import { say } from "../lib/say.js";
import { tellTimes } from "../lib/times.js";
import { chooseZone, chosenZone } from "../lib/zone.js";

const form = document.getElementById("appearance");

function show() {
  form.elements.theme.value = chosenTheme();
  form.elements.times.value = chosenZone() === undefined ? "local" : "utc";
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", ({ target }) => {
  if (target.name === "theme") chooseTheme(target.value);
  else if (!chooseZone(target.value)) say("This browser keeps nothing for pages: times stay in its own zone.");
  show();
  tellTimes(document);
});
document.addEventListener("themechosen", show);
document.getElementById("zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
show();
form.inert = false;
