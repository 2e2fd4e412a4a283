// The page of results: its filters apply as they are chosen, its curves are drawn again when their part is renewed.
import { watchCards } from "../card/card.js";
import { LineChart } from "../charts/line.js";

// What the reader opened stays open when a part is renewed around it.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.localName === "details");

const MOST_COMPARED = 4;

function keepDrawn(name) {
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
    chart ??= new LineChart(place);
    chart.show(parsed);
  };
  draw();
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target.id === `part-${name}`) draw();
  });
}

function watchFilters(form) {
  form.addEventListener("change", () => form.requestSubmit());
}

/** No more than can be told apart. */
function watchPicks(form) {
  const picks = [...form.querySelectorAll('input[type="checkbox"]')];
  const look = () => {
    const full = picks.filter((pick) => pick.checked).length >= MOST_COMPARED;
    for (const pick of picks) pick.disabled = full && !pick.checked;
  };
  form.addEventListener("change", look);
  look();
}

keepDrawn("curve");
keepDrawn("compare");
watchFilters(document.getElementById("filters"));
const comparing = document.getElementById("comparing");
if (comparing !== null) watchPicks(comparing);
watchCards();
