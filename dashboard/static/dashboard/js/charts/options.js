// What all charts have in common: the reader's time, and no mark of the library's own.
import { chosenZone } from "../lib/zone.js";

const timeZone = chosenZone();
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", timeZone });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", timeZone });
/** The library's kinds of marks on the axis of time: 0 to 2 are a year, a month, a day. */
const SMALLEST_DAY = 2;

/** For `createChart`; `timeScale` are options of the axis beside those that all charts have. */
export function options(timeScale = {}) {
  return {
    autoSize: true,
    // The library's own logo brings a style element along, which the page's policy forbids: a link is below the chart.
    layout: { attributionLogo: false },
    localization: { timeFormatter: (time) => both.format(new Date(time * 1000)) },
    timeScale: {
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time, kind) => (kind <= SMALLEST_DAY ? day : clock).format(new Date(time * 1000)),
      ...timeScale,
    },
  };
}
