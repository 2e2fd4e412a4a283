// The signs of life in the header: of each chain its newest block, and whether it is too old to be trusted.
const LOOK_MS = 500;

/**
 * @param {Iterable<HTMLElement>} elements of the header, one for each chain; pages without a chain have none
 * @param {HTMLElement} note where it is said in words
 */
export function watchHeads(elements, note) {
  const heads = new Map([...elements].map((element) => [element.dataset.chain, begin(element)]));
  let connection = "connecting";

  function look() {
    const stale = [];
    for (const [chain, { element, patience, heardAt }] of heads) {
      const age = performance.now() - heardAt;
      element.dataset.state = age > patience ? "stale" : connection === "online" ? "live" : "connecting";
      if (age > patience) stale.push({ chain: heads.size > 1 ? ` of ${chain}` : "", age });
    }
    tell(note, connection === "offline" ? offline(stale) : stale.map(silent).join(" "));
  }

  if (heads.size > 0) setInterval(look, LOOK_MS);
  look();
  return {
    block(chain, number) {
      const head = heads.get(chain);
      if (head === undefined) return;
      head.heardAt = performance.now();
      head.element.querySelector("[data-head]").textContent = number.toLocaleString("en");
      look();
    },
    connection(state) {
      connection = state;
      look();
    },
  };
}

function begin(element) {
  return { element, patience: Number(element.dataset.patience), heardAt: performance.now() - Number(element.dataset.age) };
}

function offline(stale) {
  const oldest = Math.max(...stale.map(({ age }) => age));
  return stale.length === 0 ? NO_SERVER : `${NO_SERVER} What you see is ${spell(oldest)} old.`;
}

function silent({ chain, age }) {
  return `No new block${chain} has come in: the bot may be stopped, or its node does not answer. What you see${chain} is ${spell(age)} old.`;
}

const NO_SERVER = "Nothing new comes in: the server does not answer, or is cut off from the bot.";

function tell(note, text) {
  if (note.textContent !== text) note.textContent = text;
  note.hidden = text === "";
}

function spell(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
