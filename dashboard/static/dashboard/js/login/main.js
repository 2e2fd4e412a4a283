// The login page: which wallet, what it is asked, and what comes of it.
import { say } from "../lib/say.js";
import { bootstrapToken, forgetFragment } from "./bootstrap.js";
import { fallbackWallet, watchWallets } from "./discovery.js";
import { logIn } from "./flow.js";
import { firstAddress, switchChain } from "./provider.js";
import { addWallet, fill, part, show } from "./screens.js";
import { problemWords, stepWords } from "./words.js";

const LOOKING_MILLISECONDS = 400;
const LATE_MILLISECONDS = 8_000;
let bootstrap = bootstrapToken();
const watched = new WeakSet();

/** The attempt that is going on: its wallet, the account once it is known, and what ends it. */
let attempt = null;
let screen = "looking";
let wallets = 0;

class Ended extends Error {}

function turnTo(name, options) {
  screen = name;
  show(name, options);
}

function found(wallet) {
  wallets += 1;
  addWallet(wallet, start);
  if (screen === "looking" || screen === "none") turnTo("choose", { focus: false });
}

function look() {
  turnTo("looking", { focus: false });
  askAgain();
  setTimeout(() => {
    if (screen !== "looking") return;
    const fallback = wallets === 0 ? fallbackWallet() : null;
    if (fallback !== null) found(fallback);
    else turnTo(wallets === 0 ? "none" : "choose", { focus: document.activeElement === document.body });
  }, LOOKING_MILLISECONDS);
}

/** Logs in with `wallet`, after `before` where something has to be done first. */
async function start(wallet, before = async () => {}) {
  stop();
  const ending = new AbortController();
  const mine = { wallet, ending, address: null, running: true };
  attempt = mine;
  watchAccounts(wallet);
  const tell = (told) => {
    mine.address = told.address ?? null;
    tellStep(told, wallet);
  };
  try {
    await before(ending.signal, tell);
    await logIn({ wallet, bootstrap, tell, signal: ending.signal });
    forgetFragment();
    turnTo("done");
    location.replace(nextAddress());
  } catch (error) {
    if (error instanceof Ended) return;
    mine.running = false;
    mine.address = error.address ?? null;
    if (error.code === "not_allowed") dropLink();
    const words = problemWords(error, wallet);
    showProblem(words, error.address, wallet);
    if (words.isOurs) throw error;
  }
}

/** Once it was refused, it would only stand in the way of a wallet that is allowed. */
function dropLink() {
  bootstrap = null;
  forgetFragment();
  document.querySelector("[data-bootstrap-note]").hidden = true;
}

function stop() {
  clearTimeout(late);
  attempt?.ending.abort(new Ended());
  attempt = null;
}

let late;
function tellStep(told, wallet) {
  const { title, text } = stepWords(told, wallet);
  fill("waiting", "title", title);
  fill("waiting", "text", text);
  fill("waiting", "address", told.address);
  fill("waiting", "message", told.message);
  part("waiting", "message-box").hidden = told.message === undefined;
  part("waiting", "late").hidden = true;
  clearTimeout(late);
  if (told.step === "connect" || told.step === "sign" || told.step === "switch") {
    late = setTimeout(() => {
      part("waiting", "late").hidden = false;
    }, LATE_MILLISECONDS);
  }
  turnTo("waiting");
}

function showProblem(words, address, wallet) {
  clearTimeout(late);
  fill("problem", "title", words.title);
  fill("problem", "text", words.text);
  fill("problem", "address", address);
  fill("problem", "act", words.act);
  fill("problem", "command", words.allow ? `.venv/bin/python manage.py wallet_allow ${address}` : null);
  part("problem", "command-box").hidden = words.allow !== true;
  part("problem", "act").onclick = () => act(words, wallet);
  turnTo("problem");
}

function act(words, wallet) {
  if (words.what === "reload") location.reload();
  else if (words.what === "switch") start(wallet, (signal, tell) => changeChain(wallet, signal, tell, words.chainId));
  else start(wallet);
}

async function changeChain(wallet, signal, tell, chainId) {
  tell({ step: "switch" });
  await switchChain(wallet, signal, chainId);
}

/** Another account in the middle of a login begins it anew; the wallet says it of the account it had, too. */
function watchAccounts(wallet) {
  if (watched.has(wallet.provider) || typeof wallet.provider.on !== "function") return;
  watched.add(wallet.provider);
  wallet.provider.on("accountsChanged", (accounts) => {
    if (attempt?.wallet.provider !== wallet.provider || attempt.address === null) return;
    const now = firstAddress(accounts);
    if (now?.toLowerCase() === attempt.address.toLowerCase()) return;
    say(now === null ? `${wallet.name} shows no account any more.` : `You changed the account in ${wallet.name}.`);
    // After a failure nothing is asked of the wallet unasked: the button does it.
    if (attempt.running) start(attempt.wallet);
  });
}

/** The server named it safe; the browser has the last word on what an address means. */
function nextAddress() {
  const next = new URL(document.getElementById("login").dataset.next, location.origin);
  return next.origin === location.origin ? next.href : "/";
}

function choose() {
  stop();
  turnTo("choose");
}

part("waiting", "cancel").addEventListener("click", choose);
part("problem", "back").addEventListener("click", choose);
part("none", "look").addEventListener("click", look);
if (location.hash === "#logged-out") {
  forgetFragment();
  document.querySelector("[data-logged-out]").hidden = false;
}
document.querySelector("[data-bootstrap-note]").hidden = bootstrap === null;
const askAgain = watchWallets(found);
look();
