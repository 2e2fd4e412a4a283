// Parts of the page that are due at the same time are asked for in one request, and shown as they come one by one: a
// tick of the bot concerns most of them.
import { goToLogin, isLeaving, ofThisPage } from "./leaving.js";

const TOGETHER_MS = 8;
const PATIENCE_MS = 10_000;
const PARTS = '[id^="part-"]';
const main = document.getElementById("main");

/** Ids of parts. A tick's frames come one by one, and the block's right behind them. */
const due = new Set();
/** Those whose answer is awaited; what the reader asks of one of them meanwhile is newer than that answer. */
const awaited = new Set();
/** What came last of each part: one that comes the same again is left alone. */
const shown = new Map();
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

async function ask() {
  timer = undefined;
  const asked = found(due);
  due.clear();
  if (asked.length === 0 || isLeaving()) return;
  const parts = inOrder(asked);
  for (const { id } of parts) awaited.add(id);
  const missing = new Map(parts.map((part) => [nameOf(part), part]));
  try {
    await show(missing, answerTo(parts));
  } finally {
    if (missing.size > 0 && !isLeaving()) failed([...missing.values()]);
    awaited.clear();
    askFor([]);
  }
}

/** The top of the page first; then the longest, which is worked in while the server makes the others. */
function inOrder([top, ...others]) {
  const lengths = new Map(others.map((part) => [part, (shown.get(part.id) ?? part.innerHTML).length]));
  return [top, ...others.sort((one, other) => lengths.get(other) - lengths.get(one))];
}

/** Takes from `missing` what came. @param {AsyncIterable<[string, string | null]>} answer names and insides of parts */
async function show(missing, answer) {
  for await (const [name, inside] of answer) {
    // The server could not make it.
    if (inside === null) continue;
    const part = missing.get(name);
    missing.delete(name);
    delete part.dataset.failed;
    if (shown.get(part.id) === inside || !awaited.has(part.id)) continue;
    htmx.swap(part, inside, { swapStyle: "morph:innerHTML" }, { contextElement: part });
    shown.set(part.id, inside);
  }
}

async function* answerTo(parts) {
  let response;
  try {
    response = await fetch(address(parts), {
      headers: ofThisPage(),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status === 401) goToLogin(response);
    if (response.ok && parts.length === 1) yield [nameOf(parts[0]), await response.text()];
    else if (response.ok) yield* linesOf(response.body);
  } catch (error) {
    // No answer, or one that was cut off: what is missing then is asked for again.
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

/** What the page asks for, and what each part's list or form adds to it. */
function address(parts) {
  const query = new URLSearchParams(location.search);
  for (const part of parts) {
    const parameters = {};
    htmx.trigger(part, "htmx:configRequest", { elt: part, parameters });
    for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  }
  for (const part of parts) query.append("part", nameOf(part));
  return `${location.pathname}?${query}`;
}

function found(ids) {
  return [...main.querySelectorAll(PARTS)].filter(({ id }) => ids.has(id));
}

function nameOf(part) {
  return part.id.replace(/^part-/, "");
}

// A part that asks by itself, because the reader did something: whatever comes to it last, the next answer is compared anew.
document.addEventListener("htmx:beforeRequest", ({ detail }) => awaited.delete(detail.elt.id));
for (const moment of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
  document.addEventListener(moment, ({ detail }) => shown.delete(detail.elt.id));
}
