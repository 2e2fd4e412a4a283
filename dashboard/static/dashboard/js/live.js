// Keeps a page up to date: a frame of the feed makes the parts that it concerns ask for themselves again.
import { listen } from "./lib/feed.js";
import { watchHeads } from "./lib/head.js";
import { askFor, whenPartsFail } from "./lib/joined.js";
import { isLeaving } from "./lib/leaving.js";
import { keepRows } from "./lib/rows.js";
import { say } from "./lib/say.js";
import { tellTimes } from "./lib/times.js";

const AGAIN_MS = 5_000;
const MARKET = "market:";
const main = document.getElementById("main");
const heads = watchHeads(document.querySelectorAll(".head"), document.getElementById("stale"));

/** A hidden page is not drawn: its parts are asked for when it is looked at again. */
const waiting = new Set();

function renew(part) {
  if (isLeaving()) return;
  if (document.hidden) waiting.add(part.id);
  else askFor([part.id]);
}

/** What no frame concerns was asked for by the reader, and stays. */
function renewAll() {
  main.dispatchEvent(new Event("renew"));
  for (const part of main.querySelectorAll('.part:not([data-on=""])')) renew(part);
}

function onFrame(frame) {
  for (const part of main.querySelectorAll(".part")) {
    if (part.dataset.on.split(" ").includes(frame.type)) renew(part);
  }
  // Scripts of a page that draw by themselves (charts) hear of it here, and by "renew" that frames of the session were missed.
  main.dispatchEvent(new CustomEvent("frame", { detail: frame }));
}

function follow([topic, epoch, seq]) {
  const mark = epoch === undefined ? null : { epoch, seq };
  if (!topic.startsWith(MARKET)) {
    listen(topic, { frame: onFrame, snapshot: renewAll, state: heads.connection }, mark);
    return;
  }
  const frame = (told) => {
    heads.block(told.topic.slice(MARKET.length), told.data.block);
    onFrame(told);
  };
  listen(topic, { frame, state: heads.connection }, mark);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  askFor(waiting);
  waiting.clear();
});

document.addEventListener("htmx:afterSwap", (event) => {
  delete event.target.dataset.failed;
  tellTimes(event.target);
});

function tryAgain(parts) {
  for (const part of parts) {
    if (part.dataset.failed === undefined) say("A part of this page could not be renewed. It is tried again.");
    part.dataset.failed = "";
    setTimeout(() => renew(part), AGAIN_MS);
  }
}

whenPartsFail(tryAgain);
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt.classList.contains("part") && detail.xhr?.status !== 401) tryAgain([detail.elt]);
  });
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (isLeaving()) event.preventDefault();
});

keepRows();

for (const topic of JSON.parse(main.dataset.topics)) follow(topic);
