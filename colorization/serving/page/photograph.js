// A visitor's photograph: the file itself, which stays in the browser, and its preview, which is shown and colorized.

import { History } from "./history.js";
import { preview } from "./server.js";

const LARGEST = 1280; // px, longer side of what is shown
const KNOWN = /\.(avif|bmp|gif|hei[cf]|j2k|jp2|jpe?g|jxl|pbm|pgm|png|pnm|ppm|psd|tga|tiff?|webp)$/i;

export const isPicture = (file) => file.type.startsWith("image/") || KNOWN.test(file.name);

// {file, name, about, before: {blob, url}, after: url or null, painted: version or null, painting, hints: History}
export async function photographOf(file) {
  const { blob, ...about } = await preview(file, sideOnScreen());
  const before = { blob, url: URL.createObjectURL(blob) };
  return { file, name: file.name || "photograph.png", about, before, after: null, painted: null, painting: null, hints: new History([]) };
}

// Of the preview, px.
export async function sizeOf(picture) {
  if (!picture.before.size) {
    const { width, height } = await createImageBitmap(picture.before.blob);
    picture.before.size = { width, height };
  }
  return picture.before.size;
}

export function forget(picture) {
  picture.painting?.abort();
  for (const url of [picture.before.url, picture.after]) if (url) URL.revokeObjectURL(url);
}

// Pixels of this screen that a picture's longer side can have here (page.css: beside the controls, 74 % of the height).
function sideOnScreen() {
  const width = innerWidth - (matchMedia("(max-width: 56rem)").matches ? 0 : 336);
  return Math.min(Math.ceil(Math.max(width, 0.74 * innerHeight) * devicePixelRatio), LARGEST);
}
