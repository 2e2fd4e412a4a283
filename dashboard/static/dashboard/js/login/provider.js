// What a wallet is asked, and what can come back (EIP-1193).

/** The wallet refused or failed: `code` as EIP-1193 and EIP-1474 have it, 0 where it named none. */
export class WalletProblem extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export const REJECTED = 4001;
export const UNAUTHORISED = 4100;
export const UNKNOWN_CHAIN = 4902;
export const DISCONNECTED = [4900, 4901];
export const ALREADY_PENDING = -32002;

/** No account is to be had: the wallet is locked, or shows none to this page. */
export class NoAccount extends Error {}

/** Throws `WalletProblem`, and what `signal` was aborted with: a wallet may keep its answer for as long as it likes. */
export async function request(wallet, signal, method, params) {
  const asked = Promise.resolve()
    .then(() => wallet.provider.request(params === undefined ? { method } : { method, params }))
    .catch((error) => {
      throw problemOf(error);
    });
  return unlessAborted(signal, asked);
}

export async function accountOf(wallet, signal) {
  const accounts = await request(wallet, signal, "eth_requestAccounts");
  const address = firstAddress(accounts);
  if (address === null) throw new NoAccount("no account");
  return address;
}

export async function chainOf(wallet, signal) {
  const chain = Number(await request(wallet, signal, "eth_chainId"));
  if (!Number.isSafeInteger(chain) || chain <= 0) throw new WalletProblem(0, "its chain has no number");
  return chain;
}

/** `personal_sign` (EIP-191) over the UTF-8 bytes of `message`. */
export async function sign(wallet, signal, message, address) {
  const hex = Array.from(new TextEncoder().encode(message), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const signature = await request(wallet, signal, "personal_sign", [`0x${hex}`, address]);
  if (typeof signature !== "string") throw new WalletProblem(0, "it gave no signature");
  return signature;
}

export async function switchChain(wallet, signal, chainId) {
  await request(wallet, signal, "wallet_switchEthereumChain", [{ chainId: `0x${chainId.toString(16)}` }]);
}

/** The account that a wallet shows first, or null. */
export function firstAddress(accounts) {
  const first = Array.isArray(accounts) ? accounts[0] : undefined;
  return typeof first === "string" && /^0x[0-9a-f]{40}$/i.test(first) ? first : null;
}

function problemOf(error) {
  // Some wallets wrap the error of their own background process.
  const codes = [error?.code, error?.data?.originalError?.code, error?.cause?.code].map(Number);
  const message = typeof error?.message === "string" ? error.message : "";
  return new WalletProblem(codes.find((code) => Number.isInteger(code) && code !== 0) ?? 0, message);
}

function unlessAborted(signal, promise) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
