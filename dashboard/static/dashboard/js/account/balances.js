// What watched addresses hold: asked of the node one after the other, and told with the block it was read at.
import { call } from "../lib/api.js";
import { exact, readable } from "../lib/amounts.js";
import { plainWords } from "../lib/words.js";

let round = 0;

/** Fills every `data-balances` of the page. A later call takes over from one that is still under way. */
export async function loadBalances() {
  round += 1;
  const mine = round;
  for (const place of document.querySelectorAll("[data-balances]")) {
    const content = await contentFor(place.dataset.balances);
    if (mine !== round) return;
    place.replaceChildren(...content);
  }
}

async function contentFor(id) {
  try {
    return listOf(await call("GET", `/api/wallets/${id}/balances/`));
  } catch (error) {
    return [line(`Its balances are not known. ${error.status === 503 ? "No node answers." : plainWords(error)}`)];
  }
}

function listOf({ chain, block, balances, unreadable }) {
  const held = balances.filter((one) => one.raw !== "0");
  const content = [];
  if (held.length > 0) {
    const list = document.createElement("dl");
    list.append(...held.map(entry));
    content.push(list);
  }
  const notes = [held.length === 0 ? "Holds nothing of what this bot knows" : "", `${chain}, block ${block.number}`];
  if (unreadable.length > 0) notes.push(`no answer from ${unreadable.join(", ")}`);
  content.push(line(notes.filter((note) => note !== "").join(" · ")));
  return content;
}

function entry(amount) {
  const pair = document.createElement("div");
  const symbol = document.createElement("dt");
  const value = document.createElement("dd");
  const name = document.createElement("bdi");
  name.textContent = amount.symbol;
  symbol.append(name);
  value.textContent = readable(amount);
  value.title = exact(amount);
  pair.append(symbol, value);
  return pair;
}

function line(text) {
  const made = document.createElement("p");
  made.className = "quiet small";
  made.textContent = text;
  return made;
}
