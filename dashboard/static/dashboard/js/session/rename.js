// The dialog for the session's name.
import { plainWords } from "../lib/words.js";

/** Asks for a name until `save(name)` takes one. True where it did, false where the reader thought better of it. */
export function askName(name, save) {
  const dialog = document.getElementById("rename");
  const form = dialog.querySelector("form");
  const problem = form.querySelector("[data-problem]");
  form.elements.name.value = name;
  problem.hidden = true;
  let saved = false;
  const gone = new AbortController();
  const submit = async (event) => {
    event.preventDefault();
    try {
      await save(form.elements.name.value.trim());
      saved = true;
      dialog.close();
    } catch (error) {
      problem.textContent = plainWords(error);
      problem.hidden = false;
    }
  };
  form.addEventListener("submit", submit, { signal: gone.signal });
  form.querySelector("[data-close]").addEventListener("click", () => dialog.close(), { signal: gone.signal });
  dialog.showModal();
  form.elements.name.select();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        gone.abort();
        resolve(saved);
      },
      { once: true },
    );
  });
}
