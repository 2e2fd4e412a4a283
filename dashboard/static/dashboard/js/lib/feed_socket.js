// One socket to the feed that comes back by itself.
import { isLeaving } from "./leaving.js";

/** @typedef {"online" | "connecting" | "offline"} State online; just lost; lost for so long that a page is stale */

const PATH = "/ws/feed/";
const LOGIN_OVER = 4401;
const TOO_MANY = 4429;
const FIRST_MS = 250;
const LONGEST_MS = 20_000;
const LASTING_MS = 5_000;
const OFFLINE_MS = 4_000;
const PING_MS = 20_000;
const ANSWER_MS = 10_000;
const HIDDEN_MS = 300_000;

export class FeedSocket {
  #socket = null;
  #tries = 0;
  #opened = 0;
  #heard = 0;
  #retry;
  #late;
  #ping;
  #hidden;
  /** @type {State} */
  #state = "connecting";
  #on;

  /** @param {{open: () => void, message: (told: object) => void, state: (state: State) => void}} on */
  constructor(on) {
    this.#on = on;
    document.addEventListener("visibilitychange", () => this.#visible());
    window.addEventListener("online", () => this.wake());
    // A page that keeps a socket is not kept in memory for the way back.
    window.addEventListener("pagehide", () => this.#drop());
    this.#lost();
    this.#connect();
  }

  get state() {
    return this.#state;
  }

  /** @param {object} said is lost where the socket is not open: `open` says everything anew. */
  send(said) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(said));
  }

  /** Try now instead of at the end of the pause. */
  wake() {
    if (this.#socket === null && !document.hidden) this.#connect();
  }

  /** Gives up this connection for a new one. */
  restart() {
    this.#socket?.close(4000);
    this.#closed(this.#socket, 4000);
  }

  /** The server has nothing new although the socket is open, until `live` again. @param {boolean} live */
  serverIs(live) {
    if (live) this.#set("online");
    else this.#lost();
  }

  #connect() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(address());
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#opened = this.#heard = performance.now();
      clearInterval(this.#ping);
      this.#ping = setInterval(() => this.#askWhetherAlive(), PING_MS);
      this.#set("online");
      this.#on.open();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heard = performance.now();
      this.#on.message(JSON.parse(data));
    };
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  #closed(socket, code) {
    if (socket === null || socket !== this.#socket) return;
    this.#drop();
    if (code === LOGIN_OVER) {
      if (!isLeaving()) location.replace(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    this.#lost();
    // One that was refused at once has not been a success, or a server in trouble would be asked without a pause.
    const lasted = this.#opened > 0 && performance.now() - this.#opened > LASTING_MS;
    this.#tries = lasted ? 0 : this.#tries + 1;
    const longest = code === TOO_MANY ? LONGEST_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#opened = 0;
    if (!document.hidden) this.#retry = setTimeout(() => this.wake(), longest * (0.5 + Math.random() / 2));
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#ping);
    // One that is not open yet is let open first: browsers call giving it up an error of the page.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  #visible() {
    clearTimeout(this.#hidden);
    if (!document.hidden) this.wake();
    else this.#hidden = setTimeout(() => this.#drop(), HIDDEN_MS);
  }

  #askWhetherAlive() {
    const asked = performance.now();
    this.send({ op: "ping" });
    setTimeout(() => {
      if (this.#socket !== null && this.#heard < asked) this.restart();
    }, ANSWER_MS);
  }

  #lost() {
    if (this.#state !== "offline") this.#set("connecting");
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.#set("offline"), OFFLINE_MS);
  }

  /** @param {State} state */
  #set(state) {
    if (state === "online") clearTimeout(this.#late);
    if (state === this.#state) return;
    this.#state = state;
    this.#on.state(state);
  }
}

function address() {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${PATH}`;
}
