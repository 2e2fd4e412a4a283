// The dialog for the label of a wallet.
import { attempt } from "./section.js";

/** Asks for a label until `save(label)` takes one. True where it did, false where the reader thought better of it. */
export function askLabel({ address, label }, save) {
  const dialog = document.getElementById("rename");
  const form = dialog.querySelector("form");
  const problem = form.querySelector("[data-problem]");
  dialog.querySelector("[data-rename-address]").textContent = address;
  form.elements.label.value = label;
  problem.hidden = true;
  let saved = false;
  const submit = async (event) => {
    event.preventDefault();
    saved = await attempt(form, () => save(form.elements.label.value.trim()));
    if (saved) dialog.close();
  };
  const close = () => dialog.close();
  const closer = form.querySelector("[data-close]");
  form.addEventListener("submit", submit);
  closer.addEventListener("click", close);
  dialog.showModal();
  form.elements.label.select();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        form.removeEventListener("submit", submit);
        closer.removeEventListener("click", close);
        resolve(saved);
      },
      { once: true },
    );
  });
}
