// Pause, stop, sell: each asks where it cannot be taken back, and the page shows what came of it as the feed tells.
import { call, Refusal } from "../lib/api.js";
import { ask } from "../lib/ask.js";
import { whileBusy } from "../lib/busy.js";
import { say } from "../lib/say.js";
import { plainWords } from "../lib/words.js";
import { askName } from "./rename.js";

const API = "/paper-trading/api/sessions";
const ORDERED = "The order waits for the next block.";

export function watchSteering(page) {
  const one = `${API}/${page.dataset.session}`;
  const post = (path, body = {}) => call("POST", `${one}/${path}/`, body);
  const handlers = {
    pause: async () => {
      await post("pause");
      return "It buys nothing more by itself.";
    },
    resume: async () => {
      await post("resume");
      return "It may buy again.";
    },
    stop: async () => {
      const sure = await ask({
        title: "Stop this session?",
        text: "It ends at its next block and its waiting orders are cancelled. Open positions are not sold: they stay in the account. A session that has ended does not start again.",
        yes: "Stop it",
      });
      if (!sure) return undefined;
      await post("stop", { reason: "stopped on its page" });
      return "It ends at its next block.";
    },
    "exit-all": async () => {
      const sure = await ask({
        title: "Sell every open position?",
        text: "At the next block everything that is held is sold for what the pools give then, on paper. The session goes on and may buy again: pause buying first if it should not.",
        yes: "Sell all",
      });
      if (!sure) return undefined;
      await post("exit-all");
      return ORDERED;
    },
    sell: async ({ token, symbol }) => {
      const sure = await ask({
        title: `Sell all ${symbol}?`,
        text: `The whole position in ${symbol} is sold at the next block for what the pools give then, on paper.`,
        yes: "Sell",
      });
      if (!sure) return undefined;
      await post("sell", { token });
      return ORDERED;
    },
    rename: async ({ name }) => {
      if (!(await askName(name, (typed) => call("PATCH", `${one}/`, { name: typed })))) return undefined;
      document.title = document.title.replace(/^.*(?= · )/, document.getElementById("rename").querySelector("input").value.trim() || "Session");
      return "The name is saved.";
    },
    archive: async () => {
      await post("archive");
      return "The session is out of the usual lists. Nothing is deleted.";
    },
    unarchive: async () => {
      await post("unarchive");
      return "The session is back in the usual lists.";
    },
  };
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    const work = button === null ? undefined : handlers[button.dataset.do];
    if (work !== undefined) whileBusy(button, () => attempt(() => work(button.dataset)));
  });
}

async function attempt(work) {
  try {
    const done = await work();
    if (done === undefined) return;
    say(done);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    say(plainWords(error));
  }
  // The feed tells it too, unless it is away just now.
  for (const name of ["head", "positions", "orders"]) htmx.trigger(document.getElementById(`part-${name}`), "refresh");
}
