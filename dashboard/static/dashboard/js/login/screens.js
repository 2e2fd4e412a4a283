// The screens of the login card: one is shown at a time, and its heading has the focus.
const card = document.getElementById("login");
const screens = new Map(Array.from(card.children, (screen) => [screen.dataset.screen, screen]));

/** `focus` is off while the page loads: nobody did anything yet. */
export function show(name, { focus = true } = {}) {
  for (const [key, screen] of screens) screen.hidden = key !== name;
  if (focus) screens.get(name).querySelector("h2")?.focus();
}

/** The parts of a screen by the name of their data attribute: `part("waiting", "late")`. */
export function part(screen, name) {
  return screens.get(screen).querySelector(`[data-${name}]`);
}

/** Sets the text of a part and hides it where there is none. */
export function fill(screen, name, text) {
  const element = part(screen, name);
  element.textContent = text ?? "";
  element.hidden = text === undefined || text === null || text === "";
}

/** A button for `wallet` at the end of the list. */
export function addWallet(wallet, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "wallet";
  button.append(pictureOf(wallet), namesOf(wallet));
  button.addEventListener("click", () => choose(wallet));
  const item = document.createElement("li");
  item.append(button);
  part("choose", "wallets").append(item);
}

function pictureOf(wallet) {
  if (wallet.icon === null) return letterOf(wallet);
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = wallet.icon;
  picture.addEventListener("error", () => picture.replaceWith(letterOf(wallet)), { once: true });
  return picture;
}

function letterOf(wallet) {
  const letter = element("span", "wallet-letter", Array.from(wallet.name)[0].toUpperCase());
  letter.setAttribute("aria-hidden", "true");
  return letter;
}

function namesOf(wallet) {
  const names = document.createElement("span");
  names.append(element("bdi", "wallet-name", wallet.name));
  if (wallet.source !== "") names.append(element("bdi", "wallet-source", wallet.source));
  return names;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
