// The price of a token that the session watches, with its own entries and exits.
import { CandleChart } from "../charts/candles.js";
import { call } from "../lib/api.js";
import { localTime } from "../lib/times.js";
import { plainWords } from "../lib/words.js";

const SECONDS = { "1m": 60, "5m": 300, "15m": 900, "1h": 3_600 };
const CANDLES = 240;
const FILLS = 100;
const IN_TABLE = 30;
const AGAIN_MS = 10_000;
const FILLED = new Set(["entry_fill", "exit_fill"]);

export function showChart(canvas, session) {
  const chart = new CandleChart(canvas);
  const token = document.getElementById("chart-token");
  const interval = document.getElementById("chart-interval");
  const words = document.getElementById("chart-words");
  const table = document.querySelector("#chart-table tbody");
  let candles = [];
  let fills = [];
  let turn = 0;
  /** The token that is drawn. */
  let loaded = null;
  /** What is filled while the list is on its way, and may not be in it; null while none is. */
  let arrived = null;

  async function load() {
    const mine = ++turn;
    const of = token.value;
    arrived = [];
    const asked = new URLSearchParams({ chain: canvas.dataset.chain, token: token.value, interval: interval.value, limit: CANDLES });
    try {
      const [prices, trades] = await Promise.all([call("GET", `/paper-trading/api/candles/?${asked}`), fetchFills()]);
      if (mine !== turn) return;
      candles = prices.results.map(candleOf);
      fills = [...trades, ...arrived.filter(({ id }) => trades.every((trade) => trade.id !== id))];
      arrived = null;
      loaded = of;
      chart.candles(candles);
      mark();
      if (candles.length === 0) setTimeout(() => mine === turn && load(), AGAIN_MS);
    } catch (error) {
      if (mine !== turn) return;
      words.textContent = plainWords(error);
      setTimeout(() => mine === turn && load(), AGAIN_MS);
    }
  }

  async function fetchFills() {
    const asked = new URLSearchParams({ session, token: token.value, status: "filled", limit: FILLS });
    const told = await call("GET", `/paper-trading/api/trades/?${asked}`);
    return told.results.filter((trade) => trade.block_time !== null).map(fillOf).reverse();
  }

  /** The frame says all that is drawn: what the server is asked at this moment holds up the parts of the page. */
  function filled({ trade: id, side, status, token_in, token_out, block_time: at }) {
    const traded = side === "buy" ? token_out : token_in;
    if (status !== "filled" || traded !== token.value || fills.some((fill) => fill.id === id)) return;
    arrived?.push({ id, side, time: at });
    if (traded !== loaded) return;
    fills = [...fills, { id, side, time: at }].slice(-FILLS);
    mark();
  }

  function mark() {
    const width = SECONDS[interval.value];
    const first = candles[0]?.time ?? Infinity;
    const last = candles.at(-1)?.time ?? 0;
    const marks = fills.map(({ time, side }) => ({ time: Math.min(last, floor(time, width)), side, text: side }));
    chart.fills(marks.filter(({ time }) => time >= first));
    tell();
  }

  function tell() {
    const name = token.selectedOptions[0].textContent;
    const newest = candles.at(-1);
    const buys = fills.filter(({ side }) => side === "buy").length;
    words.textContent =
      newest === undefined
        ? `There are no candles of ${name} yet.`
        : `${name} is at ${short(newest.close)}; it was ${short(candles[0].open)} at ${iso(candles[0].time)}. ${buys} bought and ${fills.length - buys} sold here (of the newest ${FILLS} trades).`;
    const rows = candles.slice(-IN_TABLE).reverse().map((candle) => {
      const row = document.createElement("tr");
      row.append(cell(iso(candle.time), ""), ...["open", "high", "low", "close"].map((part) => cell(short(candle[part]), "right num")));
      return row;
    });
    table.replaceChildren(...rows);
  }

  function price({ time, prices }) {
    const value = prices[token.value];
    if (value === undefined || token.value !== loaded || candles.length === 0) return;
    const at = floor(Date.parse(time) / 1000, SECONDS[interval.value]);
    const last = candles.at(-1);
    if (at < last.time) return;
    const next =
      at === last.time
        ? { ...last, high: Math.max(last.high, value), low: Math.min(last.low, value), close: value }
        : { time: at, open: value, high: value, low: value, close: value };
    if (at === last.time) candles[candles.length - 1] = next;
    else candles.push(next);
    chart.update(next);
    if (next.time === last.time) tell();
    else mark();
  }

  const main = document.getElementById("main");
  main.addEventListener("frame", ({ detail: frame }) => {
    if (frame.type === "market") price(frame.data);
    else if (FILLED.has(frame.type)) filled(frame.data);
    else if (frame.type === "reorg") load();
  });
  main.addEventListener("renew", load);
  for (const choice of [token, interval]) choice.addEventListener("change", load);
  load();
}

function candleOf({ opened_at: at, open, high, low, close }) {
  return { time: Date.parse(at) / 1000, open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
}

function fillOf({ id, side, block_time: time }) {
  return { id, side, time: Date.parse(time) / 1000 };
}

function floor(seconds, width) {
  return Math.floor(seconds / width) * width;
}

function iso(seconds) {
  return localTime(new Date(seconds * 1000).toISOString());
}

function short(price) {
  return price.toLocaleString("en", { maximumSignificantDigits: 6 });
}

function cell(text, kind) {
  const made = document.createElement("td");
  made.textContent = text;
  made.className = kind;
  return made;
}
