// One line at the foot of the page, which screen readers read out too.
const SHOWN_MILLISECONDS = 6_000;
let timer;

export function say(text) {
  const line = document.getElementById("status");
  line.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    line.textContent = "";
  }, SHOWN_MILLISECONDS);
}
