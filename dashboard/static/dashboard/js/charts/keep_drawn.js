// The curves of a part, drawn again whenever it is renewed with others.
import { LineChart } from "./line.js";

/** `name` is the part's: `<name>-chart` is where it is drawn, `<name>-data` has the curves. @param {object} [look] of `LineChart` */
export function keepDrawn(name, look) {
  const place = document.getElementById(`${name}-chart`);
  let chart = null;
  let drawn = "";
  const draw = () => {
    const { curves } = document.getElementById(`${name}-data`).dataset;
    if (curves === drawn) return;
    drawn = curves;
    const parsed = JSON.parse(curves);
    place.hidden = parsed.length === 0;
    if (place.hidden) return;
    chart ??= new LineChart(place, look);
    chart.show(parsed);
  };
  draw();
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target.id === `part-${name}`) draw();
  });
}
