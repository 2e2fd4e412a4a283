// Amounts of the API for reading. They stay text: a number of JavaScript cannot hold them.
const DECIMALS = 6;

/** `"1234567.123456789"` as `"1,234,567.123456"`: cut, never rounded up; what would become 0 is told as less. */
export function readable(text) {
  const [whole, fraction = ""] = text.split(".");
  const cut = fraction.slice(0, DECIMALS).replace(/0+$/, "");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  if (cut !== "") return `${grouped}.${cut}`;
  return /^-?0$/.test(whole) && /[1-9]/.test(fraction) ? `<0.${"0".repeat(DECIMALS - 1)}1` : grouped;
}

/** All digits, for the title. */
export function exact({ text, symbol }) {
  return `${text} ${symbol}`;
}
