// The page of results: its filters apply as they are chosen, its curves are drawn again when their part is renewed.
import { watchCards } from "../card/card.js";
import { keepDrawn } from "../charts/keep_drawn.js";

const MOST_COMPARED = 4;

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
