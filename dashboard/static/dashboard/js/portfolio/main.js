// The page of all accounts: its form makes another one. The parts renew themselves, see live.js.
import { call } from "../lib/api.js";
import { whileBusy } from "../lib/busy.js";
import { depositsIn, sent } from "./deposits.js";

const form = document.getElementById("make-account");
const { name, chain } = form.elements;

/** Each chain has its own tokens. */
function showChain() {
  for (const fields of form.querySelectorAll("fieldset[data-chain]")) {
    fields.hidden = fields.disabled = fields.dataset.chain !== chain.value;
  }
}

async function make() {
  const fields = form.querySelectorAll("fieldset[data-chain]:not(:disabled) [data-deposit]");
  const made = await call("POST", "/paper-trading/api/accounts/", { name: name.value.trim(), chain: chain.value, deposits: depositsIn(fields) });
  location.assign(`/portfolio/${made.id}/`);
}

chain.addEventListener("change", showChain);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  whileBusy(form.querySelector("button:not([type])"), () => sent(form, make));
});
showChain();
