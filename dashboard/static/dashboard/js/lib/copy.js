// Buttons with `data-copy="id"` copy the text of that element.
import { say } from "./say.js";

export function watchCopyButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button === null) return;
    const source = document.getElementById(button.dataset.copy);
    say((await copied(source)) ? "Copied." : "This browser does not let pages copy. The text is selected: copy it yourself.");
  });
}

/** False where the browser refuses, as it does on pages that came over plain http from another machine. */
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return false;
  }
}
