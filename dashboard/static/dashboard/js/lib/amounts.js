// Amounts of the API for reading, as the server rounds them. They stay text: a number of JavaScript cannot hold them.
const DIGITS = 6;
const FEWEST_PLACES = 2;

/** `{raw, decimals}` with about six digits, cut towards zero, thousands marked: `1,234.56`, `0.000123456`. */
export function readable({ raw, decimals }) {
  const sign = raw.startsWith("-") ? "-" : "";
  const digits = raw.slice(sign.length).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  const shown = fraction.slice(0, places(whole, fraction));
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return shown === "" ? `${sign}${grouped}` : `${sign}${grouped}.${shown}`;
}

function places(whole, fraction) {
  const zeros = fraction.search(/[1-9]/);
  if (whole === "0" && zeros >= 0) return zeros + DIGITS;
  return Math.max(FEWEST_PLACES, DIGITS - whole.length);
}

/** All digits, for the title. */
export function exact({ text, symbol }) {
  return `${text} ${symbol}`;
}
