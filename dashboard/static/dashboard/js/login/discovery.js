// The wallets of this browser: those that announce themselves (EIP-6963), else `window.ethereum` (EIP-1193).
const MOST_WALLETS = 20;
const MOST_NAME = 60;
const MOST_ICON = 128 * 1024;
const ICON = /^data:image\/(png|svg\+xml|webp|gif|jpeg)[;,]/i;
// What could turn the reading of a line around, or hide in it.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Calls `found` with each wallet as it appears: `{ id, name, source, icon, provider }`, `icon` a data URI or null.
 * Pages and extensions are not ours: everything that they announce is checked. Returns a function that asks again.
 */
export function watchWallets(found) {
  const known = new Set();
  window.addEventListener("eip6963:announceProvider", (event) => {
    const wallet = announced(event.detail);
    if (wallet === null || known.has(wallet.id) || known.size >= MOST_WALLETS) return;
    known.add(wallet.id);
    found(wallet);
  });
  const again = () => window.dispatchEvent(new Event("eip6963:requestProvider"));
  again();
  return again;
}

/** The wallet that announces itself in no way, or null. */
export function fallbackWallet() {
  const provider = window.ethereum;
  if (typeof provider?.request !== "function") return null;
  return { id: "window.ethereum", name: "Browser wallet", source: "the one wallet of this browser", icon: null, provider };
}

function announced(detail) {
  const { info, provider } = detail ?? {};
  const name = clean(info?.name);
  if (typeof info?.uuid !== "string" || name === "" || typeof provider?.request !== "function") return null;
  return { id: info.uuid, name, source: clean(info.rdns), icon: safeIcon(info.icon), provider };
}

function clean(text) {
  return typeof text === "string" ? text.replace(UNPRINTABLE, "").trim().slice(0, MOST_NAME) : "";
}

function safeIcon(icon) {
  return typeof icon === "string" && icon.length <= MOST_ICON && ICON.test(icon) ? icon : null;
}
