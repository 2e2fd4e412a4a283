// Buttons with `data-check="name"`: the part of that name does its work when it is asked to, and not before.
import { whileBusy } from "../lib/busy.js";
import { say } from "../lib/say.js";

export function watchChecks(page) {
  /** Parts whose button was pressed. */
  const asked = new Set();
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (asked.delete(detail.elt.id)) detail.parameters.check = "1";
  });
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-check]");
    if (button === null) return;
    const part = document.getElementById(`part-${button.dataset.check}`);
    whileBusy(button, () => {
      asked.add(part.id);
      part.replaceChildren(working());
      return answered(part);
    });
  });
}

function answered(part) {
  return new Promise((resolve) => {
    part.addEventListener(
      "htmx:afterRequest",
      ({ detail }) => {
        if (!detail.successful) say("It could not be checked.");
        resolve();
      },
      { once: true },
    );
    htmx.trigger(part, "refresh");
  });
}

function working() {
  const line = document.createElement("p");
  line.className = "quiet small busy";
  line.textContent = "Adding up…";
  return line;
}
