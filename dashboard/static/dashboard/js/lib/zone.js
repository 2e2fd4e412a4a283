// The zone that times are told in: this browser's own, or UTC where the reader chose that on the page of settings.
const KEY = "dex-times";

/** For `Intl.DateTimeFormat`: undefined is the browser's own. */
export function chosenZone() {
  try {
    return localStorage.getItem(KEY) === "utc" ? "UTC" : undefined;
  } catch {
    // A browser that keeps nothing has its own.
    return undefined;
  }
}

/** False where this browser keeps nothing. @param {"local" | "utc"} zone */
export function chooseZone(zone) {
  try {
    localStorage.setItem(KEY, zone);
    return true;
  } catch {
    return false;
  }
}
