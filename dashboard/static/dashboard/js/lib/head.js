// The sign of life in the header: the chain's newest block, and whether it is too old to be trusted.
const LOOK_MS = 500;

/**
 * @param {HTMLElement | null} element of the header; pages without a chain have none
 * @param {HTMLElement} note where it is said in words
 */
export function watchHead(element, note) {
  if (element === null) return { block() {}, connection: (state) => tell(note, state === "offline" ? NO_SERVER : "") };
  const patience = Number(element.dataset.patience);
  let heardAt = performance.now() - Number(element.dataset.age);
  let connection = "connecting";

  function look() {
    const age = performance.now() - heardAt;
    const stale = age > patience;
    element.dataset.state = stale ? "stale" : connection === "online" ? "live" : "connecting";
    if (stale) tell(note, `${connection === "offline" ? NO_SERVER : NO_BLOCK} What you see is ${spell(age)} old.`);
    else tell(note, connection === "offline" ? NO_SERVER : "");
  }

  setInterval(look, LOOK_MS);
  look();
  return {
    block(number) {
      heardAt = performance.now();
      element.querySelector("[data-head]").textContent = number.toLocaleString("en");
      look();
    },
    connection(state) {
      connection = state;
      look();
    },
  };
}

const NO_SERVER = "The server does not answer.";
const NO_BLOCK = "No new block has come in: the bot may be stopped, or its node does not answer.";

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
