// Run in a page of its own: a picture in at most 256 colours, as indices into a palette. Pictures of pages have a few
// colours and many shades between them at the edges of letters, which take the nearest of those that are seen most.
async (address) => {
  const MOST = 256;
  const bitmap = await createImageBitmap(await (await fetch(address)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);

  const seen = new Map();
  for (const colour of pixels) seen.set(colour, (seen.get(colour) ?? 0) + 1);
  const palette = [...seen.keys()].sort((one, other) => seen.get(other) - seen.get(one)).slice(0, MOST);

  const red = (colour) => colour & 255;
  const green = (colour) => (colour >> 8) & 255;
  const blue = (colour) => (colour >> 16) & 255;
  const distance = (one, other) =>
    (red(one) - red(other)) ** 2 + (green(one) - green(other)) ** 2 + (blue(one) - blue(other)) ** 2;
  const index = new Map();
  for (const colour of seen.keys()) {
    let best = 0;
    for (let at = 1; at < palette.length; at++) {
      if (distance(colour, palette[at]) < distance(colour, palette[best])) best = at;
    }
    index.set(colour, best);
  }

  let indices = "";
  for (const colour of pixels) indices += String.fromCharCode(index.get(colour));
  return { width, height, palette: palette.flatMap((colour) => [red(colour), green(colour), blue(colour)]), indices: btoa(indices) };
};
