// A card of the account page: its lists, its forms, and where its problems are shown.
import { Refusal } from "../lib/api.js";
import { whileBusy } from "../lib/busy.js";
import { refresh } from "../lib/refresh.js";
import { say } from "../lib/say.js";
import { plainWords } from "../lib/words.js";

/** Calls `handlers[name](row, button)` for presses on `data-do="name"` in the section, rows that come later too. */
export function watchRows(section, handlers) {
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button === null) return;
    const row = button.closest(".row");
    whileBusy(button, () => attempt(section, () => handlers[button.dataset.do](row, button)));
  });
}

/** Calls `send(values)` with the form's fields; the field that the server names is marked, and has the focus. */
export function watchForm(form, send) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type])");
    whileBusy(button, () => attempt(form, () => send(new FormData(form))));
  });
}

/** Runs `work`; what goes wrong is shown in the problem line of `place`. True where it went well. */
export async function attempt(place, work) {
  const line = place.querySelector(":scope > [data-problem]");
  line.hidden = true;
  markFields(place, {});
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
      return false;
    }
    line.textContent = plainWords(error);
    line.hidden = false;
    markFields(place, error.fields ?? {});
    return false;
  }
}

/** Shows the list as it is now and says what was done. Where the focus was in it, it goes to `back`, else to the heading. */
export async function shown(section, listId, text, back = "h2") {
  await refresh(listId);
  say(text);
  if (document.activeElement === document.body) (section.querySelector(back) ?? section.querySelector("h2")).focus();
}

function markFields(place, fields) {
  const inputs = place.matches("form") ? place.querySelectorAll("input, select") : [];
  let first = null;
  for (const input of inputs) {
    const isWrong = Object.hasOwn(fields, input.name);
    input.removeAttribute("aria-invalid");
    if (!isWrong) continue;
    input.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  first?.focus();
}
