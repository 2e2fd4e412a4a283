// Parts of the page that are due at the same time are asked for in one request: a tick of the bot concerns most of them.
import { isLeaving } from "./leaving.js";

const TOGETHER_MS = 15;
const main = document.getElementById("main");

/** Ids of parts. A tick's frames come one by one, and the block's right behind them. */
const due = new Set();
/** Those whose answer is awaited; what the reader asks of one of them meanwhile is newer than that answer. */
let awaited = new Set();
let timer;
let failed;

/** @param {(parts: HTMLElement[]) => void} onFailure hears of parts that were asked for and did not come */
export function whenPartsFail(onFailure) {
  failed = onFailure;
}

/** @param {Iterable<string>} ids */
export function askFor(ids) {
  for (const id of ids) due.add(id);
  if (awaited.size === 0 && due.size > 0) timer ??= setTimeout(ask, TOGETHER_MS);
}

function ask() {
  timer = undefined;
  const parts = found(due);
  due.clear();
  if (parts.length === 0 || isLeaving()) return;
  if (parts.length === 1) {
    htmx.trigger(parts[0], "refresh");
    return;
  }
  awaited = new Set(parts.map(({ id }) => id));
  htmx.ajax("GET", address(parts), { source: main, swap: "none", handler: (_, answer) => take(parts, answer) });
}

/** What the page asks for, and what each part's list or form adds to it. */
function address(parts) {
  const query = new URLSearchParams(location.search);
  for (const part of parts) {
    const parameters = {};
    htmx.trigger(part, "htmx:configRequest", { elt: part, parameters });
    for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  }
  for (const part of parts) query.append("part", part.id.replace(/^part-/, ""));
  return `${location.pathname}?${query}`;
}

function take(parts, answer) {
  const { xhr } = answer;
  if (isLeaving()) return;
  if (xhr.status === 401) {
    location.assign(xhr.getResponseHeader("HX-Redirect"));
    return;
  }
  answer.successful = xhr.status === 200;
  if (!answer.successful) {
    failed(parts);
    return;
  }
  const insides = JSON.parse(xhr.responseText);
  for (const part of parts) {
    if (!awaited.has(part.id)) continue;
    htmx.swap(part, insides[part.id.replace(/^part-/, "")], { swapStyle: "morph:innerHTML" }, { contextElement: part });
  }
}

function found(ids) {
  return [...ids].map((id) => document.getElementById(id)).filter((part) => part !== null);
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => awaited.delete(detail.elt.id));
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt === main) failed(found(awaited));
  });
}
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== main) return;
  awaited.clear();
  askFor([]);
});
