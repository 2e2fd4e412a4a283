// The page of a new session: what would happen is asked for again as the form changes, and Start does it once.
import { call, Refusal } from "../lib/api.js";
import { whileBusy } from "../lib/busy.js";
import { plainWords } from "../lib/words.js";
import { bodyOf, isNew } from "./form.js";
import { watchLevel } from "./level.js";
import { focusProblem, showProblems } from "./problems.js";

const PAUSE_MS = 250;
const START = "/paper-trading/api/bot/start/";
const MARKED = "It was not started: something is wrong with what is marked.";
const USED = "This page has started a session already. Home shows it; load this page anew to start another.";

const form = document.getElementById("new-session");
const part = document.getElementById("part-check");
const problem = form.querySelector("[data-problem]");
let timer;

function look() {
  form.querySelector("#new-account").hidden = !isNew(form);
  part.setAttribute("aria-busy", "true");
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(part, "refresh"), PAUSE_MS);
}

function told() {
  showProblems(form, JSON.parse(document.getElementById("check-problems").dataset.problems));
}

async function start() {
  problem.hidden = true;
  try {
    const { session_id: id } = await call("POST", START, bodyOf(form), { key: form.dataset.key });
    location.assign(`/sessions/${id}/`);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    const fields = error.fields ?? {};
    const named = Object.keys(fields).length > 0 && showProblems(form, fields).length === 0;
    problem.textContent = "Idempotency-Key" in fields ? USED : named ? MARKED : plainWords(error);
    problem.hidden = false;
    focusProblem(form);
  }
}

watchLevel(form);
form.addEventListener("input", look);
form.addEventListener("submit", (event) => event.preventDefault());
if (form.elements.chain.localName === "select") {
  form.elements.chain.addEventListener("change", ({ target }) => {
    location.search = `?chain=${encodeURIComponent(target.value)}`;
  });
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt === part) detail.parameters.asked = JSON.stringify(bodyOf(form));
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target !== part) return;
  part.removeAttribute("aria-busy");
  told();
});
const button = form.querySelector('[data-do="start"]');
button.addEventListener("click", () => whileBusy(button, start));
// A browser that comes back may have kept what was typed.
look();
