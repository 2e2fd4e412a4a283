// Curves with what they fell from their peak beneath, in the page's colours and the reader's time.
import { createChart, LineSeries } from "../../../vendor/lightweight-charts.js";
import { colour, onColours } from "./colours.js";
import { options } from "./options.js";

const COLOURS = ["accent", "paper", "good", "bad"];
/** Solid, dashed, dotted, long dashes of the library: curves differ without their colours, too. */
const STYLES = [0, 2, 1, 3];
const BELOW = 1;
const SHARES = { upper: 3, lower: 1 };

/** @typedef {{name: string, unit: string, points: [number, string, number][]}} Curve seconds, worth, basis points below the peak */

export class LineChart {
  #chart;
  #series = [];
  #falls;

  /** @param {{falls?: boolean}} [look] `falls`: with a second picture beneath, of what each fell from its peak */
  constructor(place, { falls = true } = {}) {
    this.#falls = falls;
    this.#chart = createChart(place, options());
    onColours(() => this.#paint());
    // The library keeps the width of a step, also through a moment in which the chart had none.
    new ResizeObserver(() => this.#chart.timeScale().fitContent()).observe(place);
  }

  /** @param {Curve[]} curves */
  show(curves) {
    for (const series of this.#series) this.#chart.removeSeries(series);
    this.#series = curves.flatMap((curve, place) => this.#draw(curve, place, curves.length > 1));
    const [upper, lower] = this.#chart.panes();
    upper.setStretchFactor(SHARES.upper);
    lower?.setStretchFactor(SHARES.lower);
    this.#paint();
    this.#chart.timeScale().fitContent();
  }

  #draw({ name, unit, points }, place, named) {
    const priceFormat = unit === "%" ? { type: "custom", minMove: 0.01, formatter: (value) => `${value.toFixed(2)}%` } : { type: "price", precision: 2, minMove: 0.01 };
    const look = { lineStyle: STYLES[place], lineWidth: 2, priceLineVisible: false };
    const equity = this.#chart.addSeries(LineSeries, { ...look, priceFormat, title: named ? name : "" });
    equity.setData(points.map(([time, worth]) => ({ time, value: Number(worth) })));
    if (!this.#falls) return [equity];
    const below = this.#chart.addSeries(
      LineSeries,
      { ...look, lineWidth: 1, lastValueVisible: false, priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => `${value.toFixed(2)}%` } },
      BELOW,
    );
    below.setData(points.map(([time, , fall]) => ({ time, value: -fall / 100 })));
    return [equity, below];
  }

  #paint() {
    const [text, line] = ["quiet", "line"].map(colour);
    this.#chart.applyOptions({
      layout: {
        background: { color: "transparent" },
        textColor: text,
        fontFamily: getComputedStyle(document.body).fontFamily,
        panes: { separatorColor: line, separatorHoverColor: line },
      },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
    });
    const perCurve = this.#falls ? 2 : 1;
    const single = this.#series.length === perCurve;
    this.#series.forEach((series, place) => {
      const own = COLOURS[Math.floor(place / perCurve)];
      series.applyOptions({ color: colour(single && place === 1 ? "bad" : own) });
    });
  }
}
