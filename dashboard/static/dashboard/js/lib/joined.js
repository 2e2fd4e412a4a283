// Parts of the page that are due at the same time are asked for in one request: a tick of the bot concerns most of them.
import { isLeaving } from "./leaving.js";

const TOGETHER_MS = 8;
const DRAW_MS = 8;
const LONG = 50_000;
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

function ask() {
  timer = undefined;
  const parts = found(due);
  due.clear();
  if (parts.length === 0 || isLeaving()) return;
  const path = address(parts);
  for (const { id } of parts) awaited.add(id);
  htmx.ajax("GET", path, { source: main, swap: "none", handler: (_, answer) => void take(parts, answer) });
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

async function take(parts, { xhr }) {
  try {
    if (isLeaving()) return;
    if (xhr.status === 401) location.assign(xhr.getResponseHeader("HX-Redirect"));
    else if (xhr.status !== 200) failed(parts);
    else await show(parts, insidesOf(parts, xhr.responseText));
  } catch (error) {
    failed(parts);
    throw error;
  } finally {
    answered();
  }
}

function insidesOf(parts, text) {
  return parts.length === 1 ? { [nameOf(parts[0])]: text } : JSON.parse(text);
}

/** Short ones first: a long list takes longer to work in than all the others together. */
async function show(parts, insides) {
  const changed = parts.filter((part) => shown.get(part.id) !== insides[nameOf(part)]);
  changed.sort((one, other) => insides[nameOf(one)].length - insides[nameOf(other)].length);
  let began = performance.now();
  for (const part of parts) {
    if (!changed.includes(part)) delete part.dataset.failed;
  }
  for (const part of changed) {
    const inside = insides[nameOf(part)];
    if (inside.length > LONG || performance.now() - began > DRAW_MS) {
      await painted();
      began = performance.now();
    }
    if (!awaited.has(part.id)) continue;
    htmx.swap(part, inside, { swapStyle: "morph:innerHTML" }, { contextElement: part });
    shown.set(part.id, inside);
  }
}

/** What is worked in already comes to the screen first. */
function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

function answered() {
  awaited.clear();
  askFor([]);
}

function found(ids) {
  return [...ids].map((id) => document.getElementById(id)).filter((part) => part !== null);
}

function nameOf(part) {
  return part.id.replace(/^part-/, "");
}

// A part that asks by itself, because the reader did something: whatever comes to it last, the next answer is compared anew.
document.addEventListener("htmx:beforeRequest", ({ detail }) => awaited.delete(detail.elt.id));
for (const moment of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
  document.addEventListener(moment, ({ detail }) => shown.delete(detail.elt.id));
}
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt !== main) return;
    failed(found(awaited));
    answered();
  });
}
