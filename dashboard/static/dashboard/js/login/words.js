// What happens and what went wrong at the login, in plain words.
import { Away, Refusal } from "../lib/api.js";
import { localClock } from "../lib/times.js";
import { plainWords, seconds, sentence } from "../lib/words.js";
import { ALREADY_PENDING, DISCONNECTED, NoAccount, REJECTED, UNAUTHORISED, UNKNOWN_CHAIN, WalletProblem } from "./provider.js";

/** Title and text of a step of `logIn`. */
export function stepWords(told, wallet) {
  switch (told.step) {
    case "connect":
      return { title: `Connect ${wallet.name}`, text: `Confirm in ${wallet.name} that this page may see your address.` };
    case "sign":
      return {
        title: `Sign in ${wallet.name}`,
        text: `Read the text in ${wallet.name} and sign it, by ${localClock(told.until)}, with this account:`,
      };
    case "switch":
      return { title: "Change the chain", text: `Confirm in ${wallet.name} that it may change the chain.` };
    case "verify":
      return { title: "Checking the signature", text: "One moment …" };
    default:
      return { title: "Asking for the text to sign", text: "One moment …" };
  }
}

/**
 * What to show for an error of `logIn`: `title`, `text`, `act` (the label of the main button) and `what` it does: "again",
 * "switch" to `chainId`, or "reload". `allow` marks that the owner has to allow the address, `isOurs` a mistake of this page.
 */
export function problemWords(error, wallet) {
  if (error instanceof NoAccount) {
    return again(`${wallet.name} shows no account`, `It is locked, or no account is open to this page. Unlock ${wallet.name} and choose an account.`);
  }
  if (error instanceof Away) {
    return again("The server does not answer", "It may have stopped, or you are offline. Nothing is lost: start it and try again.");
  }
  if (error instanceof Refusal) return refusalWords(error);
  if (error instanceof WalletProblem) return walletWords(error, wallet);
  return { title: "This page made a mistake", text: "Load it again, please.", act: "Load again", what: "reload", isOurs: true };
}

function walletWords(error, wallet) {
  if (error.code === REJECTED) return again("You declined", `${wallet.name} says that you declined. Nothing was signed.`);
  if (error.code === ALREADY_PENDING) {
    return again(`${wallet.name} is still waiting for you`, `It has a request open from before. Open ${wallet.name} from the browser's toolbar, answer it, then try again.`);
  }
  if (error.code === UNAUTHORISED) {
    return again(`${wallet.name} does not let this page ask`, `Unlock ${wallet.name} and connect the account to this page.`);
  }
  if (error.code === UNKNOWN_CHAIN) {
    return again(`${wallet.name} does not know that chain`, `Add the chain in ${wallet.name} first, or choose one there that is allowed, then try again.`);
  }
  if (DISCONNECTED.includes(error.code)) {
    return again(`${wallet.name} has no connection`, `${wallet.name} is not connected to a chain. Look at its network settings, then try again.`);
  }
  const said = error.message.slice(0, 200);
  return again(`${wallet.name} could not do it`, said === "" ? "It did not say why." : `It said: ${sentence(said)}`);
}

const REFUSALS = {
  challenge_over: () => again("That took too long", "The text to sign holds for a few minutes and can be used once. Ask for a new one."),
  wrong_signature: () => again("The signature is not this account's", "The text was signed by another account, or by a contract wallet, which cannot log in yet."),
  not_allowed: (error) => (error.withLink ? linkOver(error) : notAllowed("The signature is right, but the owner of this bot has not allowed the address.")),
  wrong_origin: () => again("This page came by another address", `The bot's setting PUBLIC_URL does not name ${location.origin}. Open an address that it names, or add this one to it and start the web process again.`),
  wrong_chain: (error) => wrongChain(error),
};

function refusalWords(error) {
  if (Object.hasOwn(REFUSALS, error.code)) return REFUSALS[error.code](error);
  if (error.status === 429) return again("Too many tries", `Try again in ${seconds(error.waitSeconds)}.`);
  if (error.status === 403) {
    return { title: "This page is too old", text: "The server does not know it any more. Load it again.", act: "Load again", what: "reload" };
  }
  return again(error.status >= 500 ? "The server has a problem" : "The server refused", plainWords(error));
}

function linkOver(error) {
  return notAllowed(sentence(error.message), "This login link does not work");
}

function notAllowed(reason, title = "This address may not log in") {
  return { ...again(title, `${reason} If that is you, allow it in the bot's folder on its machine with:`), allow: true };
}

function wrongChain(error) {
  const chainId = Number(error.fields.chain_id?.[0]);
  const text = sentence(error.message);
  if (!Number.isSafeInteger(chainId) || chainId <= 0) return again("Your wallet is on another chain", text);
  return { title: "Your wallet is on another chain", text, act: `Change to chain ${chainId}`, what: "switch", chainId };
}

function again(title, text) {
  return { title, text, act: "Try again", what: "again" };
}
