// The page of the system: what is silent tells nothing, so its parts are also asked for by the clock.
const EVERY_MS = 10_000;

function look() {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("#system .part")) htmx.trigger(part, "refresh");
}

// htmx takes hold of the page just before.
document.addEventListener("DOMContentLoaded", () => {
  const queues = document.getElementById("part-queues");
  queues.classList.replace("later", "part");
  htmx.trigger(queues, "refresh");
});
setInterval(look, EVERY_MS);
