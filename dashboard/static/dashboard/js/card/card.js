// A result as a picture, drawn here and saved by the browser: nothing is sent anywhere.
import { say } from "../lib/say.js";
import { localTime } from "../lib/times.js";
import { draw, HEIGHT, WIDTH } from "./drawing.js";

/** Buttons with `data-card` save what their other data attributes say. */
export function watchCards() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-card]");
    if (button === null) return;
    const { file } = button.dataset;
    const picture = await pictureOf(button.dataset);
    if (picture === null) {
      say("This browser could not draw the picture.");
      return;
    }
    save(picture, `paper-${file}.png`);
    say("The picture is saved.");
  });
}

function pictureOf({ since, until, ...rest }) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  draw(canvas.getContext("2d"), { ...rest, period: [since, until].filter((at) => at !== "").map(localTime).join(" to ") });
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
}

function save(picture, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  // Later: the browser may still be reading it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
