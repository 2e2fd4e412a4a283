// Notes when something has come to the screen: after the first frame that was painted with it, in unix milliseconds.
(() => {
  const seen = {};
  globalThis.seenAt = seen;

  function note(what) {
    if (what in seen) return;
    seen[what] = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (seen[what] = performance.timeOrigin + performance.now());
      port2.postMessage("");
    });
  }

  function number(text) {
    return text.replaceAll(/\D/g, "");
  }

  function look() {
    for (const mark of document.querySelectorAll("#trade-list .mark-good")) {
      note(`trade ${number(mark.closest("tr").id)}`);
    }
    for (const link of document.querySelectorAll("#decision-list .thought-line a")) {
      note(`decision ${number(link.textContent)}`);
    }
    const header = document.querySelector("[data-head]");
    if (header !== null) note(`block ${number(header.textContent)}`);
    const cursor = /Last block\s*block ([\d,]+)/.exec(document.getElementById("part-head")?.textContent ?? "");
    if (cursor !== null) note(`tick ${number(cursor[1])}`);
  }

  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
})();
