// Small things that this browser knows about its reader; one that keeps nothing is asked again each time.

export function isRemembered(name) {
  try {
    return localStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}

export function remember(name) {
  try {
    localStorage.setItem(name, "1");
  } catch {
    // Then it holds for this page alone.
  }
}
