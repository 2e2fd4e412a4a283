// What was typed into the fields of deposits (`data-deposit`), for the API.
import { Refusal } from "../lib/api.js";
import { plainWords } from "../lib/words.js";

const PLAIN = /^\d{1,78}(\.\d{1,255})?$/;

/** Whole tokens by symbol, without what was left empty. Throws `Refusal` for what is no amount. */
export function depositsIn(fields) {
  const deposits = {};
  for (const input of fields) {
    const text = input.value.trim();
    if (text === "") continue;
    if (!PLAIN.test(text)) {
      const message = `${input.name}: digits with at most one point, without a sign`;
      throw new Refusal({ status: 400, code: "invalid", message, fields: { [`deposits.${input.name}`]: [message] }, waitSeconds: 0 });
    }
    deposits[input.name] = text;
  }
  return deposits;
}

/** Runs `send`; what goes wrong stands in the form's problem line, at the fields that it is about. True where it went. */
export async function sent(form, send) {
  const problem = form.querySelector("[data-problem]");
  problem.hidden = true;
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
      return false;
    }
    problem.textContent = [plainWords(error), ...Object.values(error.fields ?? {}).flat()].filter(once).join(" ");
    problem.hidden = false;
    markFields(form, Object.keys(error.fields ?? {}));
    return false;
  }
}

function once(text, place, all) {
  return all.findIndex((other) => other.toLowerCase().startsWith(text.toLowerCase())) === place;
}

function markFields(form, names) {
  const wrong = [...form.elements].filter((input) => input.name !== "" && !input.matches(":disabled") && names.some((name) => name === input.name || name === `deposits.${input.name}`));
  for (const input of wrong) input.setAttribute("aria-invalid", "true");
  wrong[0]?.focus();
}
