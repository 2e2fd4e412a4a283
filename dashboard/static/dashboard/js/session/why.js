// Why a decision was made is asked for when the reader opens it, and kept: it never changes.
import { goToLogin, ofThisPage } from "../lib/leaving.js";

const PATIENCE_MS = 10_000;

/** What was read, by the address that it is had from. */
const read = new Map();
const asked = new Set();

export function watchWhy(page) {
  // It does not bubble.
  page.addEventListener("toggle", ({ target }) => target.open && show(target), { capture: true });
  // A decision that was renewed around its open reasons has none again.
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    for (const details of target.querySelectorAll("details[data-why][open]")) show(details);
  });
}

function show(details) {
  const address = details.dataset.why;
  const place = details.querySelector("summary + div");
  if (address === undefined || place.dataset.read !== undefined) return;
  if (read.has(address)) put(place, read.get(address));
  else if (!asked.has(address)) void ask(address, place);
}

async function ask(address, place) {
  asked.add(address);
  try {
    const told = await fetch(address, {
      headers: ofThisPage(),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (told.status === 401) goToLogin(told);
    if (!told.ok) throw new TypeError(`the server answered with ${told.status}`);
    read.set(address, await told.text());
    put(place, read.get(address));
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    place.textContent = "It cannot be read just now. Close and open it to try again.";
  } finally {
    asked.delete(address);
  }
}

function put(place, inside) {
  place.dataset.read = "";
  place.innerHTML = inside;
}
