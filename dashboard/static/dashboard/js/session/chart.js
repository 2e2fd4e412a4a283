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
const TRADED = new Set(["entry_fill", "exit_fill", "reorg"]);

export function showChart(canvas, session) {
  const chart = new CandleChart(canvas);
  const token = document.getElementById("chart-token");
  const interval = document.getElementById("chart-interval");
  const words = document.getElementById("chart-words");
  const table = document.querySelector("#chart-table tbody");
  let candles = [];
  let fills = [];
  let turn = 0;

  async function load() {
    const mine = ++turn;
    const asked = new URLSearchParams({ chain: canvas.dataset.chain, token: token.value, interval: interval.value, limit: CANDLES });
    try {
      const [prices, trades] = await Promise.all([call("GET", `/paper-trading/api/candles/?${asked}`), fetchFills()]);
      if (mine !== turn) return;
      candles = prices.results.map(candleOf);
      fills = trades;
      chart.candles(candles);
      mark();
    } catch (error) {
      if (mine !== turn) return;
      words.textContent = plainWords(error);
      setTimeout(() => mine === turn && load(), AGAIN_MS);
    }
  }

  async function fetchFills() {
    const asked = new URLSearchParams({ session, token: token.value, status: "filled", limit: FILLS });
    const told = await call("GET", `/paper-trading/api/trades/?${asked}`);
    return told.results.filter((trade) => trade.block_time !== null).reverse();
  }

  async function renewFills() {
    const mine = turn;
    try {
      const told = await fetchFills();
      if (mine !== turn) return;
      fills = told;
      mark();
    } catch (error) {
      words.textContent = plainWords(error);
    }
  }

  function mark() {
    const width = SECONDS[interval.value];
    const first = candles[0]?.time ?? Infinity;
    const last = candles.at(-1)?.time ?? 0;
    const marks = fills.map(({ block_time: time, side }) => ({ time: Math.min(last, floor(Date.parse(time) / 1000, width)), side, text: side }));
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
    if (value === undefined || candles.length === 0) return;
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
    tell();
  }

  document.getElementById("main").addEventListener("frame", ({ detail: frame }) => {
    if (frame.type === "market") {
      if (candles.length === 0) load();
      else price(frame.data);
    } else if (TRADED.has(frame.type)) renewFills();
  });
  for (const choice of [token, interval]) choice.addEventListener("change", load);
  load();
}

function candleOf({ opened_at: at, open, high, low, close }) {
  return { time: Date.parse(at) / 1000, open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
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
