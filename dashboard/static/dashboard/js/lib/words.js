// Failures of our own API in plain words.
import { Away, Refusal } from "./api.js";

/** One or two sentences for people about an error of `call`. Any other is a mistake of ours, and goes on to the console. */
export function plainWords(error) {
  if (error instanceof Away) return "The server does not answer. Is it running, and are you online?";
  if (!(error instanceof Refusal)) throw error;
  if (error.status === 429) return `Too many requests. Try again in ${seconds(error.waitSeconds)}.`;
  if (error.status === 401) return "Your login has ended.";
  if (error.status >= 500 && error.status !== 503) return "Something went wrong on the server. Its log says what.";
  return sentence(error.message);
}

export function seconds(count) {
  const whole = Math.max(1, Math.ceil(count));
  return whole === 1 ? "a second" : `${whole} seconds`;
}

/** As it stands at the beginning of a line. */
export function sentence(text) {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
