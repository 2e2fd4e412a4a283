// Computing a trade's receipts again from the node, and keeping what came out beside the trade.
import { call } from "../lib/api.js";
import { whileBusy } from "../lib/busy.js";
import { say } from "../lib/say.js";
import { plainWords } from "../lib/words.js";

/** By trade id; the list of trades is renewed now and then, and knows nothing of them. */
const verdicts = new Map();

export function keepVerdicts(page) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest('[data-do="verify"]');
    if (button !== null) whileBusy(button, () => verify(page, button.dataset.trade));
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => show(target));
}

async function verify(page, trade) {
  try {
    verdicts.set(trade, { kind: "quiet", text: "computing…" });
    show(page);
    const { ok, checks } = await call("POST", `/paper-trading/api/trades/${trade}/verify/`, {});
    verdicts.set(trade, verdict(ok, checks.flatMap((check) => check.problems)));
    say(`Trade ${trade}: ${verdicts.get(trade).long}`);
  } catch (error) {
    verdicts.delete(trade);
    say(plainWords(error));
  }
  show(page);
}

function verdict(ok, problems) {
  if (ok === true) return { kind: "good", text: "✓ verified", long: "computed again from the node, it came out the same to the unit." };
  const why = problems.length === 0 ? "" : `: ${problems.join("; ")}`;
  if (ok === false) return { kind: "bad", text: "✗ differs", long: `it does not come out as it was written${why}.` };
  return { kind: "quiet", text: "cannot say", long: `the node cannot say${why}.` };
}

function show(page) {
  for (const place of page.querySelectorAll("[data-verdict]")) {
    const known = verdicts.get(place.dataset.verdict);
    place.textContent = known?.text ?? "";
    place.className = `small ${known?.kind ?? ""}`;
    place.title = known?.long ?? "";
  }
}
