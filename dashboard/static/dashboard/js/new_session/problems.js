// What is wrong with the form, told at its fields.
import { sentence } from "../lib/words.js";

/** `problems` are lines by field, as the API names them (`overrides.cooldown_blocks`). Gives those of no field here. */
export function showProblems(form, problems) {
  const left = new Map(Object.entries(problems));
  // The narrowest place first: `overrides` tells what no single setting does.
  const places = [...form.querySelectorAll("[data-problem-of]")];
  places.sort((one, other) => other.dataset.problemOf.length - one.dataset.problemOf.length);
  for (const place of places) {
    const name = place.dataset.problemOf;
    const mine = [...left.keys()].filter((field) => field === name || field.startsWith(`${name}.`));
    place.textContent = mine.flatMap((field) => left.get(field).map(sentence)).join(" ");
    place.hidden = mine.length === 0;
    for (const field of mine) left.delete(field);
  }
  for (const control of form.querySelectorAll("[data-field]")) {
    if (isWrong(control.dataset.field, problems)) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  if (form.querySelector('#settings [aria-invalid="true"]') !== null) form.querySelector("#settings").open = true;
  return [...left.values()].flat();
}

/** To the first field that is wrong and can be seen. */
export function focusProblem(form) {
  const wrong = [...form.querySelectorAll('[aria-invalid="true"]')];
  wrong.find((control) => control.checkVisibility())?.focus();
}

function isWrong(field, problems) {
  return Object.keys(problems).some((name) => name === field || name.startsWith(`${field}.`));
}
