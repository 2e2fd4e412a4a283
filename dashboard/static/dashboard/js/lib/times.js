// Times in the zone that the reader chose; the exact UTC stays in the title.
import { chosenZone } from "./zone.js";

const DAY_AND_TIME = { dateStyle: "medium", timeStyle: "short" };
const TIME = { timeStyle: "short" };

/** Rewrites every `<time datetime>` below `root`. */
export function tellTimes(root) {
  const times = new Map();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const { dateTime } = element;
    if (!times.has(dateTime)) times.set(dateTime, localTime(dateTime));
    const text = times.get(dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The local time of day of an ISO 8601 time, for what is over soon. */
export function localClock(iso) {
  return told(new Date(iso), TIME);
}

/** The local reading of an ISO 8601 time, to the minute. */
export function localTime(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : told(at, DAY_AND_TIME);
}

/** By zone and style: making a format takes longer than using it. */
const formats = new Map();

function told(at, style) {
  const zone = chosenZone();
  const key = `${zone} ${style.dateStyle}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, { ...style, timeZone: zone }));
  return formats.get(key).format(at) + (zone === undefined ? "" : ` ${zone}`);
}
