// What a newcomer is shown until it was read once; afterwards nobody asks the server for it.
import { isRemembered, remember } from "../lib/remembered.js";

const READ = "dex-walk-read";

/** @param {HTMLElement} card @param {HTMLElement} part the place in it that `later` made */
export function watchWalk(card, part) {
  const [show, hide] = ["show", "hide"].map((what) => document.querySelector(`[data-walk="${what}"]`));

  function set(shown) {
    card.hidden = !shown;
    show.hidden = shown;
    // live.js renews what is a part.
    part.classList.toggle("part", shown);
    if (shown) htmx.trigger(part, "refresh");
  }

  show.addEventListener("click", () => {
    set(true);
    document.getElementById("walk-title").focus();
  });
  hide.addEventListener("click", () => {
    remember(READ);
    set(false);
    show.focus();
  });
  // htmx takes hold of the page just before.
  document.addEventListener("DOMContentLoaded", () => set(!isRemembered(READ)));
}
