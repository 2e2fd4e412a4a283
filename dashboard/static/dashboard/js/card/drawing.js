// What the picture of a result looks like.
import { colour } from "../charts/colours.js";

export const WIDTH = 1_200;
export const HEIGHT = 630;
const EDGE = 72;
const HOW = "To verify: export the account's receipts, hash each one (SHA-256 of its JSON, keys sorted) and follow the chain to this hash.";

/** Text that is too long is drawn smaller, down to half its size, and cut off after that. */
function write(pen, text, x, y, { size, weight = 400, fill, family, align = "left" }) {
  const room = WIDTH - 2 * EDGE;
  const least = size / 2;
  pen.textAlign = align;
  pen.fillStyle = fill;
  let height = size;
  pen.font = `${weight} ${height}px ${family}`;
  while (height > least && pen.measureText(text).width > room) {
    height -= 1;
    pen.font = `${weight} ${height}px ${family}`;
  }
  pen.fillText(text, x, y, room);
}

/** @param {CanvasRenderingContext2D} pen */
export function draw(pen, { result, percent, kind, what, level, period, hash }) {
  const [ground, text, quiet, good, bad, paper, paperGround] = ["surface", "text", "quiet", "good", "bad", "paper", "paper-ground"].map(colour);
  const { fontFamily: family } = getComputedStyle(document.body);
  const mono = "monospace";
  const tone = { good, bad }[kind] ?? text;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = tone;
  pen.fillRect(0, 0, 16, HEIGHT);
  pen.fillStyle = paperGround;
  pen.fillRect(WIDTH - EDGE - 150, 56, 150, 52);
  write(pen, "PAPER", WIDTH - EDGE - 75, 93, { size: 30, weight: 750, fill: paper, family, align: "center" });
  write(pen, what.slice(0, 40), EDGE, 98, { size: 44, weight: 650, fill: text, family });
  write(pen, percent, EDGE, 262, { size: 120, weight: 700, fill: tone, family });
  write(pen, result, EDGE, 346, { size: 54, weight: 600, fill: tone, family });
  write(pen, `${period}${level === "" ? "" : ` · level ${level}`}`, EDGE, 412, { size: 28, fill: quiet, family });
  write(pen, "Newest receipt of the account", EDGE, 492, { size: 22, fill: quiet, family });
  write(pen, hash, EDGE, 526, { size: 26, fill: text, family: mono });
  write(pen, HOW, EDGE, 574, { size: 20, fill: quiet, family });
}
