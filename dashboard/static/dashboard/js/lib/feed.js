// What the server tells as it happens: every topic from where the page stands, without a gap. See docs/feed.md.
import { FeedSocket } from "./feed_socket.js";

/** @typedef {import("./feed_socket.js").State} State */
/** @typedef {{epoch: string, seq: number}} Mark a place in a topic */
/** @typedef {{topic: string, epoch: string, seq: number, ts: string, type: string, data: object}} Frame */
/**
 * @typedef {object} Listener
 * @property {(frame: Frame) => void} frame every frame once, in order; of states (`market`, `gas`) the newest
 * @property {(mark: Mark) => void | Promise<void>} [snapshot] load anew what the page shows: changes were or may have
 *   been missed. Frames wait until it is done; it is called again where it fails, or where more was missed meanwhile.
 * @property {(state: State) => void} [state] called at once, and at every change
 */

const AGAIN_MS = 3_000;

class Topic {
  /** @type {Mark | null} */
  mark = null;
  conflated = false;
  #held = null;
  #again;
  #asking = false;

  /** @param {string} asked @param {Listener} listener @param {() => void} resume @param {Mark | null} mark */
  constructor(asked, listener, resume, mark) {
    this.asked = asked;
    this.name = asked;
    this.listener = listener;
    this.resume = resume;
    this.mark = mark;
  }

  begin({ topic, epoch, seq, resumed, conflated }) {
    this.name = topic;
    this.#asking = false;
    this.conflated = conflated ?? this.conflated;
    if (resumed && this.mark !== null) return;
    this.mark = { epoch, seq };
    this.#loadAnew();
  }

  /** @param {Frame} frame */
  take(frame) {
    // Beforehand there was no answer, or a new one is on its way.
    if (this.mark === null || frame.epoch !== this.mark.epoch || frame.seq <= this.mark.seq) return;
    if (frame.seq !== this.mark.seq + 1 && !this.conflated) {
      if (!this.#asking) this.resume();
      this.#asking = true;
      return;
    }
    this.mark = { epoch: frame.epoch, seq: frame.seq };
    if (this.#held === null) this.listener.frame(frame);
    else this.#held.push(frame);
  }

  end() {
    this.mark = null;
    this.#held = null;
    clearTimeout(this.#again);
  }

  async #loadAnew() {
    clearTimeout(this.#again);
    if (this.listener.snapshot === undefined) return;
    const held = [];
    this.#held = held;
    try {
      await this.listener.snapshot(this.mark);
    } catch {
      if (this.#held === held) this.#again = setTimeout(() => this.#loadAnew(), AGAIN_MS);
      return;
    }
    // Another one may have begun meanwhile.
    if (this.#held !== held) return;
    this.#held = null;
    for (const frame of held) this.listener.frame(frame);
  }
}

class Feed {
  /** @type {Set<Topic>} */
  #topics = new Set();
  #socket = new FeedSocket({
    open: () => this.#topics.forEach((topic) => this.#ask(topic)),
    message: (told) => this.#take(told),
    state: (state) => this.#topics.forEach((topic) => topic.listener.state?.(state)),
  });

  listen(asked, listener, mark) {
    const topic = new Topic(asked, listener, () => this.#ask(topic), mark);
    this.#topics.add(topic);
    this.#ask(topic);
    listener.state?.(this.#socket.state);
    return () => this.#leave(topic);
  }

  #ask(topic) {
    this.#socket.send({ op: "subscribe", topic: topic.asked, ...topic.mark });
  }

  #leave(topic) {
    topic.end();
    this.#topics.delete(topic);
    if (this.#of(topic.name).length === 0) this.#socket.send({ op: "unsubscribe", topic: topic.asked });
  }

  #take(told) {
    if (told.op === undefined) this.#of(told.topic).forEach((topic) => topic.take(told));
    else if (told.op === "subscribed") this.#begin(told);
    else if (told.op === "reset") this.#of(told.topic).forEach((topic) => topic.begin(told));
    else if (told.op === "stale" || told.op === "live") this.#socket.serverIs(told.op === "live");
    else if (told.op === "refused") console.warn(`the feed refuses ${told.asked}: ${told.code}`);
  }

  #begin(told) {
    // What was not resumed is anew for all who share the name; what was, is where each of them stands.
    for (const topic of this.#topics) if (topic.asked === told.asked) topic.begin(told);
  }

  #of(name) {
    return [...this.#topics].filter((topic) => topic.name === name);
  }
}

/** @type {Feed | undefined} */
let feed;

/**
 * Hear what happens in `topic` (`session:7`, `portfolio`, `alerts`, `market:mainnet`, ...) until the returned function
 * is called. With `mark`, where the topic stood when the page was made, what happened since comes as frames;
 * otherwise `snapshot` is called first.
 * @param {string} topic @param {Listener} listener @param {Mark | null} [mark] @returns {() => void}
 */
export function listen(topic, listener, mark = null) {
  return connect().listen(topic, listener, mark);
}

/** The page's one connection, made when it is first needed. */
export function connect() {
  feed ??= new Feed();
  return feed;
}
