// Candles with marks on them, in the page's colours and the reader's time.
import { CandlestickSeries, createChart, createSeriesMarkers } from "../../../vendor/lightweight-charts.js";
import { colour, onColours } from "./colours.js";
import { options } from "./options.js";

const FEWEST = 60;
const SPARE = 4;

/** @typedef {{time: number, open: number, high: number, low: number, close: number}} Candle seconds since 1970 */
/** @typedef {{time: number, side: "buy" | "sell", text: string}} Fill */

export class CandleChart {
  #chart;
  #series;
  #marks;
  /** @type {Fill[]} */
  #fills = [];

  constructor(place) {
    this.#chart = createChart(place, {
      ...options({ rightOffset: SPARE }),
      rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.12 } },
    });
    this.#series = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.#marks = createSeriesMarkers(this.#series, []);
    this.#paint();
    onColours(() => this.#paint());
  }

  /** @param {Candle[]} candles oldest first */
  candles(candles) {
    const highest = candles.reduce((most, candle) => Math.max(most, candle.high), 0);
    const digits = highest === 0 ? 2 : Math.min(12, Math.max(2, 5 - Math.floor(Math.log10(highest)) - 1));
    this.#series.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
    this.#series.setData(candles);
    // A few candles are not blown up to fill the chart.
    const from = candles.length - Math.max(FEWEST, candles.length);
    this.#chart.timeScale().setVisibleLogicalRange({ from, to: candles.length + SPARE });
  }

  /** @param {Candle} candle the newest, or the one after it */
  update(candle) {
    this.#series.update(candle);
  }

  /** @param {Fill[]} fills oldest first, each at the time of a candle */
  fills(fills) {
    this.#fills = fills;
    this.#mark();
  }

  #paint() {
    const [text, line, good, bad] = ["quiet", "line", "good", "bad"].map(colour);
    this.#chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: text, fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
    });
    this.#series.applyOptions({ upColor: good, downColor: bad, wickUpColor: good, wickDownColor: bad });
    this.#mark();
  }

  #mark() {
    const [accent, paper] = ["accent", "paper"].map(colour);
    this.#marks.setMarkers(
      this.#fills.map(({ time, side, text }) =>
        side === "buy"
          ? { time, position: "belowBar", shape: "arrowUp", color: accent, text }
          : { time, position: "aboveBar", shape: "arrowDown", color: paper, text },
      ),
    );
  }
}
