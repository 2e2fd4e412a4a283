// Times in the reader's own zone; the exact UTC stays in the title.
const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Rewrites every `<time datetime>` below `root`. */
export function tellTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) element.textContent = localTime(element.dateTime);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** The local time of day of an ISO 8601 time, for what is over soon. */
export function localClock(iso) {
  return clock.format(new Date(iso));
}

/** The local reading of an ISO 8601 time, to the minute. */
export function localTime(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : format.format(at);
}
