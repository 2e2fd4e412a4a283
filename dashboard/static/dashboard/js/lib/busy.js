// A button that was pressed once is not pressed twice.

/** Runs `work` while `button` is marked busy; presses meanwhile do nothing. The button keeps the focus. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
