// The slider: what the level means, what it sets, and what is set in its place, at once.

/** Keeps words and marks as the slider and the single settings stand. Other scripts hear of changes by `input`. */
export function watchLevel(form) {
  const levels = JSON.parse(form.dataset.levels);
  let shown = form.elements.intel.value;
  const show = () => {
    const number = form.elements.intel.value;
    // Signals that were the last level's own go along with the slider.
    if (same(ticked(form), levels[shown].signals)) tick(form, levels[number].signals);
    shown = number;
    showLevel(form, number, levels[number]);
  };
  form.addEventListener("input", show);
  form.querySelector('[data-do="level"]').addEventListener("click", () => {
    for (const input of form.querySelectorAll('input[name^="overrides."]')) input.value = "";
    tick(form, levels[form.elements.intel.value].signals);
    form.dispatchEvent(new Event("input"));
  });
  show();
}

/** The signals that are ticked; null where they are the level's own. */
export function mySignals(form) {
  const chosen = ticked(form);
  return same(chosen, JSON.parse(form.dataset.levels)[form.elements.intel.value].signals) ? null : chosen;
}

function showLevel(form, number, { words, settings }) {
  form.querySelector("[data-level]").textContent = number;
  form.querySelector("[data-level-words]").textContent = words;
  form.elements.intel.setAttribute("aria-valuetext", `${number}. ${words}`);
  let mine = 0;
  for (const setting of form.querySelectorAll("[data-setting]")) {
    const { setting: name } = setting.dataset;
    const isMine = name === "signals" ? mySignals(form) !== null : setting.querySelector("input").value.trim() !== "";
    setting.querySelector("[data-mine]").hidden = !isMine;
    if (isMine) mine += 1;
    if (name === "signals") continue;
    setting.querySelector("[data-usual]").textContent = settings[name];
    setting.querySelector("input").placeholder = settings[name];
  }
  form.querySelector("[data-mine-count]").textContent = mine === 0 ? "all as the level says" : `${mine} set by you`;
}

function boxes(form) {
  return [...form.querySelectorAll('input[name="signals"]')];
}

function ticked(form) {
  return boxes(form)
    .filter((box) => box.checked)
    .map((box) => box.value);
}

function tick(form, names) {
  for (const box of boxes(form)) box.checked = names.includes(box.value);
}

function same(some, others) {
  return some.length === others.length && some.every((name) => others.includes(name));
}
