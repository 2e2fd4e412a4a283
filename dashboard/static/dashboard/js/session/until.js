// How long a session still runs.
const EVERY_MS = 1_000;

export function watchUntil(page) {
  const look = () => {
    const place = page.querySelector("[data-until]");
    if (place !== null) place.textContent = left(Date.parse(place.dataset.until) - Date.now());
  };
  look();
  setInterval(look, EVERY_MS);
}

function left(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds === 0) return "(now)";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `(${hours} h ${minutes} min left)`;
  return minutes > 0 ? `(${minutes} min ${seconds % 60} s left)` : `(${seconds} s left)`;
}
