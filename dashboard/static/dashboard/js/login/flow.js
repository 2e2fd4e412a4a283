// From a chosen wallet to a login, step by step.
import { call } from "../lib/api.js";
import { accountOf, chainOf, sign } from "./provider.js";

/**
 * Connects, fetches a challenge, has it signed, and hands the signature in; returns who is logged in.
 *
 * `tell` is called before each step with `{ step, ... }`. Throws `WalletProblem`, `NoAccount`, `Refusal`, `Away`, and the
 * reason of `signal`; an error that came after the account was known has it as `address`, and says by `withLink` whether a
 * `bootstrap` token was part of what was refused.
 */
export async function logIn({ wallet, bootstrap, tell, signal }) {
  tell({ step: "connect" });
  const account = await accountOf(wallet, signal);
  const known = { address: account, withLink: bootstrap !== null };
  try {
    return await prove({ wallet, account, known, bootstrap, tell, signal });
  } catch (error) {
    throw Object.assign(error, known);
  }
}

async function prove({ wallet, account, known, bootstrap, tell, signal }) {
  tell({ step: "challenge", address: known.address });
  const chainId = await chainOf(wallet, signal);
  const challenge = await call("POST", "/api/auth/challenge/", { address: account, chain_id: chainId }, { signal });
  known.address = withChecksum(account, challenge.message);
  tell({ step: "sign", address: known.address, message: challenge.message, until: challenge.expires_at });
  const signature = await sign(wallet, signal, challenge.message, account);
  tell({ step: "verify", address: known.address });
  const proof = { message: challenge.message, signature };
  return call("POST", "/api/auth/verify/", bootstrap === null ? proof : { ...proof, bootstrap }, { signal });
}

/** The address as the server writes it: wallets leave the checksum out. */
function withChecksum(account, message) {
  const written = message.match(/0x[0-9a-fA-F]{40}/)?.[0];
  return written?.toLowerCase() === account.toLowerCase() ? written : account;
}
