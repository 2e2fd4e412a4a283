// Wallets: labels, watched addresses, and what those hold.
import { Refusal, call } from "../lib/api.js";
import { ask } from "../lib/ask.js";
import { loadBalances } from "./balances.js";
import { askLabel } from "./rename.js";
import { shown, watchForm, watchRows } from "./section.js";

const LISTS = "wallet-lists";

export function startWallets() {
  const section = document.getElementById("wallets");
  watchRows(section, {
    rename: (row, button) => rename(section, row.dataset.wallet, button),
    remove: (row, button) => remove(section, row.dataset.wallet, button),
  });
  const form = document.getElementById("watch");
  watchForm(form, async (values) => {
    const address = addressIn(values.get("address"));
    await call("POST", "/api/wallets/", { address, label: values.get("label").trim() });
    form.reset();
    await listed(section, "The address is watched.");
  });
  loadBalances();
}

/** What was typed, where it looks like an address; whether it is one, the server says. */
function addressIn(text) {
  const address = text.trim();
  if (/^0x[0-9a-f]{40}$/i.test(address)) return address;
  const message = "An address is 0x and 40 characters from 0 to 9 and a to f.";
  throw new Refusal({ status: 400, code: "invalid", message, fields: { address: [message] }, waitSeconds: 0 });
}

async function rename(section, id, button) {
  const save = (label) => call("PATCH", `/api/wallets/${id}/`, { label });
  const back = `[data-wallet="${id}"] [data-do="rename"]`;
  if (await askLabel(button.dataset, save)) await listed(section, "The label is saved.", back);
}

async function remove(section, id, button) {
  const { address, label, logsIn } = button.dataset;
  const name = label === "" ? address : `“${label}”, ${address},`;
  const sure = await ask(
    logsIn === undefined
      ? { title: "Stop watching this address?", text: `${name} leaves the list. Nothing happens to the wallet itself.`, yes: "Remove" }
      : { title: "Shut this wallet out?", text: `${name} can no longer log in, and its logins end at once. Only on the machine of the bot can it be allowed again.`, yes: "Shut out" },
  );
  if (!sure) return;
  await call("DELETE", `/api/wallets/${id}/`);
  await listed(section, logsIn === undefined ? "The address is no longer watched." : "The wallet can no longer log in.");
}

async function listed(section, text, back) {
  await shown(section, LISTS, text, back);
  loadBalances();
}
