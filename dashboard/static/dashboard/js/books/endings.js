// Reset and close: both ask, and say what they will do.
import { call } from "../lib/api.js";
import { ask } from "../lib/ask.js";
import { whileBusy } from "../lib/busy.js";
import { say } from "../lib/say.js";
import { plainWords } from "../lib/words.js";
import { depositsIn, sent } from "../portfolio/deposits.js";

export function watchEndings(page) {
  const account = `/paper-trading/api/accounts/${page.dataset.account}`;
  const dialog = document.getElementById("reset");
  const form = dialog.querySelector("form");
  form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(event.submitter ?? form.querySelector('[value="reset"]'), async () => {
      const send = () => call("POST", `${account}/reset/`, { deposits: depositsIn(form.querySelectorAll("[data-deposit]")) });
      if (!(await sent(form, send))) return;
      dialog.close();
      renew(page);
      say("The account is reset.");
    });
  });
  const handlers = {
    reset: () => {
      form.reset();
      form.querySelector("[data-problem]").hidden = true;
      dialog.showModal();
    },
    close: async ({ name }) => {
      const sure = await ask({
        title: `Close ${name}?`,
        text: "No session can begin on it any more, and it counts in no sum. All that was booked stays readable. A closed account cannot be opened again.",
        yes: "Close it",
      });
      if (!sure) return;
      await call("POST", `${account}/close/`, {});
      renew(page);
      say("The account is closed.");
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
    await work();
  } catch (error) {
    say(plainWords(error));
  }
}

/** The feed tells it too, unless it is away just now. */
function renew(page) {
  for (const part of page.querySelectorAll(".part:not(.check .part)")) htmx.trigger(part, "refresh");
}
