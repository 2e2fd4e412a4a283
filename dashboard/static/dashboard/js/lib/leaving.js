// While the reader logs out, being refused is what was asked for: it must not lead to the login without a word.

let leaving = false;

export const isLeaving = () => leaving;

/** @param {boolean} now */
export function setLeaving(now) {
  leaving = now;
}
