// What the form asks for, as the body of `bot/start/`. What is no number stays text: the server says what is wrong.
import { mySignals } from "./level.js";

const WHOLE = /^\d{1,15}$/;
const PLAIN = /^\d{1,15}(\.\d{1,9})?$/;

export function bodyOf(form) {
  const fields = form.elements;
  const body = {
    chain: fields.chain.value,
    account: isNew(form) ? fields.account_name.value.trim() : fields.account.value,
    intel: Number(fields.intel.value),
    session_name: fields.session_name.value.trim(),
    tokens: [...form.querySelectorAll('input[name="tokens"]:checked')].map((tick) => tick.value),
  };
  const runtime = fields.runtime_minutes.value.trim();
  if (runtime !== "") body.runtime_minutes = numberOr(runtime, PLAIN);
  const overrides = overridesOf(form);
  if (Object.keys(overrides).length > 0) body.overrides = overrides;
  if (isNew(form)) body.deposits = Object.fromEntries(written(form, "deposits."));
  return body;
}

export function isNew(form) {
  return form.elements.account.value === "";
}

function overridesOf(form) {
  const overrides = {};
  for (const [name, text] of written(form, "overrides.")) overrides[name] = numberOr(text, WHOLE);
  const signals = mySignals(form);
  if (signals !== null) overrides.signals = signals;
  return overrides;
}

/** `[name, text]` of the inputs whose name begins so and that are not empty. */
function written(form, start) {
  const inputs = [...form.querySelectorAll(`input[name^="${start}"]`)];
  return inputs.map((input) => [input.name.slice(start.length), input.value.trim()]).filter(([, text]) => text !== "");
}

function numberOr(text, shape) {
  return shape.test(text) ? Number(text) : text;
}
