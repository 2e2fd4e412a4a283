// The one-time token of the first login. It comes in the fragment, which browsers send to no server.
const token = new URLSearchParams(location.hash.slice(1)).get("bootstrap");

/** The token that this page was opened with, or null, also where a link was cut so that it is none. */
export function bootstrapToken() {
  return token !== null && /^[\w-]{1,100}$/.test(token) ? token : null;
}

/** Takes the fragment out of the address bar and out of the history. */
export function forgetFragment() {
  history.replaceState(history.state, "", location.pathname + location.search);
}
