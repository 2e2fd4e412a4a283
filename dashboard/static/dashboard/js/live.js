// Keeps a page up to date: a frame of the feed makes the parts that it concerns ask for themselves again.
import { listen } from "./lib/feed.js";
import { watchHead } from "./lib/head.js";
import { say } from "./lib/say.js";
import { tellTimes } from "./lib/times.js";

const AGAIN_MS = 5_000;
const main = document.getElementById("main");
const head = watchHead(document.querySelector(".head"), document.getElementById("stale"));

/** A hidden page is not drawn: its parts are asked for when it is looked at again. */
const waiting = new Set();

function renew(part) {
  if (document.hidden) waiting.add(part.id);
  else htmx.trigger(part, "refresh");
}

function renewAll() {
  for (const part of main.querySelectorAll(".part")) renew(part);
}

function onFrame(frame) {
  for (const part of main.querySelectorAll(".part")) {
    if (part.dataset.on.split(" ").includes(frame.type)) renew(part);
  }
  // Scripts of a page that draw by themselves (charts) hear of it here.
  main.dispatchEvent(new CustomEvent("frame", { detail: frame }));
}

function follow([topic, epoch, seq]) {
  const mark = epoch === undefined ? null : { epoch, seq };
  if (!topic.startsWith("market:")) {
    listen(topic, { frame: onFrame, snapshot: renewAll, state: head.connection }, mark);
    return;
  }
  const frame = (told) => {
    head.block(told.data.block);
    onFrame(told);
  };
  listen(topic, { frame, state: head.connection }, mark);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const id of waiting) {
    const part = document.getElementById(id);
    if (part !== null) htmx.trigger(part, "refresh");
  }
  waiting.clear();
});

document.addEventListener("htmx:afterSwap", (event) => {
  delete event.target.dataset.failed;
  tellTimes(event.target);
});
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    const part = detail.elt;
    if (!part.classList.contains("part") || detail.xhr?.status === 401) return;
    if (part.dataset.failed === undefined) say("A part of this page could not be renewed. It is tried again.");
    part.dataset.failed = "";
    setTimeout(() => renew(part), AGAIN_MS);
  });
}

// What the reader opened stays open when a part is renewed around it.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.localName === "details");

for (const topic of JSON.parse(main.dataset.topics)) follow(topic);
