// Short films: before and after side by side, played together.

import { save } from "./save.js";
import * as server from "./server.js";

const KNOWN = /\.(3gp|avi|m4v|mkv|mov|mp4|mpe?g|mts|ogv|ts|webm|wmv)$/i;
const element = (id) => document.getElementById(id);

export const isFilm = (file) => file.type.startsWith("video/") || KNOWN.test(file.name);

// Show a film, and beside it the film in colour as soon as the server has made it.
// asked: {query, reference}. again: does so with the settings that are chosen then.
export async function showFilm(file, asked, again) {
  const before = element("film-before"), after = element("film-after");
  const download = element("film-download"), repeat = element("film-again");
  for (const old of [before, after]) {
    URL.revokeObjectURL(old.src);
    old.removeAttribute("src");
  }
  element("film").hidden = false;
  download.disabled = repeat.disabled = true;
  element("film-about").textContent = `${file.name}: colorizing …`;
  before.src = URL.createObjectURL(file);
  try {
    const blob = await server.film(file, asked);
    after.src = URL.createObjectURL(blob);
    download.onclick = () => save({ name: `${file.name.replace(/\.[^.]*$/, "")}-colorized.mp4`, blob });
    repeat.onclick = again;
    download.disabled = repeat.disabled = false;
    element("film-about").textContent = `${file.name}: in colour`;
  } catch (error) {
    element("film").hidden = true;
    throw error;
  }
}

// The film as it was follows the one in colour.
export function playTogether() {
  const before = element("film-before"), after = element("film-after");
  const follow = () => { before.currentTime = after.currentTime; };
  after.addEventListener("seeking", follow);
  after.addEventListener("pause", () => { before.pause(); follow(); });
  after.addEventListener("play", () => { follow(); before.play(); });
}
