// Computing a trade's receipts again from the node, and saying what came out and what was compared.
import { call } from "../lib/api.js";
import { whileBusy } from "../lib/busy.js";
import { plainWords } from "../lib/words.js";

const COMPARED =
  "Compared: the call with the plan, the block with the chain, whether an earlier block could have taken the order, status, amounts, base fee, tip, gas and fee where the node tells them exactly, and the hash with all that it covers.";
const OUTCOMES = new Map([
  [true, { kind: "note note-good", text: "Verified: computed again, it came out the same to the unit." }],
  [false, { kind: "note note-bad", text: "It does not come out as it was written." }],
  [null, { kind: "note", text: "The node cannot say: it no longer has what it takes to compute it again." }],
]);

export function watchVerify(trade) {
  const button = document.getElementById("verify");
  const place = document.getElementById("verdict");
  button.addEventListener("click", () =>
    whileBusy(button, async () => {
      place.replaceChildren(line("computing…", "busy"));
      try {
        place.replaceChildren(shown(await call("POST", `/paper-trading/api/trades/${trade}/verify/`, {})));
      } catch (error) {
        place.replaceChildren(line(plainWords(error), "note note-bad"));
      }
    }),
  );
}

function shown({ ok, checks }) {
  const box = document.createElement("div");
  box.className = "verdict";
  if (checks.length === 0) {
    box.append(line("There is no receipt to verify.", "note"));
    return box;
  }
  const { kind, text } = OUTCOMES.get(ok);
  box.className = `verdict ${kind}`;
  box.append(line(text), ...checks.map(checked), line(COMPARED, "small"));
  return box;
}

function checked(check) {
  const what = check.ok === true ? "✓ the same" : check.ok === false ? "✗ differs" : "cannot say";
  const by = check.witness === "" ? "" : `, computed by ${check.witness.replace("_", " ")}`;
  const problems = check.problems.length === 0 ? "" : `: ${check.problems.join("; ")}`;
  return line(`${what}${by}, block ${check.block_number}, receipt ${check.hash}${problems}`, "small");
}

function line(text, kind = "") {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}
