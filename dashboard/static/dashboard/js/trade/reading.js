// The explanation of a receipt: open until it was closed once, and where the address asks for it.
import { isRemembered, remember } from "../lib/remembered.js";

const READ = "dex-receipt-read";
const ADDRESS = "#reading";

export function watchReading() {
  let met = null;

  /** It comes with the fill, which may be after the page. */
  function look() {
    const found = document.getElementById("reading");
    if (found === met) return;
    met = found;
    if (found === null || !(location.hash === ADDRESS || !isRemembered(READ))) return;
    found.open = true;
    if (location.hash === ADDRESS) found.scrollIntoView();
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-reading]") === null) return;
    met.open = false;
    met.querySelector("summary").focus();
  });
  // Events of a details element do not rise, but they can be met on their way down.
  document.addEventListener("toggle", ({ target }) => target === met && !target.open && remember(READ), true);
  document.addEventListener("htmx:afterSwap", look);
  look();
}
