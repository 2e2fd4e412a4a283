// While the reader logs out, being refused is what was asked for: it must not lead to the login without a word.

let leaving = false;

export const isLeaving = () => leaving;

/** To the login, and back here afterwards. @param {Response} refused was answered with 401 */
export function goToLogin(refused) {
  if (leaving) return;
  leaving = true;
  location.assign(refused.headers.get("HX-Redirect"));
}

/** What a request says of itself, so that the login leads back to this page. */
export function ofThisPage() {
  return { "HX-Request": "true", "HX-Current-URL": location.href };
}

/** @param {boolean} now */
export function setLeaving(now) {
  leaving = now;
}
