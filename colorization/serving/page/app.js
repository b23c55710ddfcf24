// The page: photographs that stay in the browser, shown in colour as the server answers, corrected by the visitor.

import { compare } from "./compare.js";
import { offerExamples } from "./examples.js";
import { isFilm, playTogether, showFilm } from "./films.js";
import { fromJson, inWords, pixel, toJson, within } from "./hints.js";
import { drawMarks, put } from "./marks.js";
import { settle, status, tell } from "./message.js";
import { forget, isPicture, photographOf, sizeOf } from "./photograph.js";
import * as popover from "./popover.js";
import * as server from "./server.js";
import { save } from "./save.js";
import { Settings } from "./settings.js";
import { addThumbnail, focusThumbnail, markThumbnail, removeThumbnail } from "./strip.js";
import { zip } from "./zip.js";

const element = (id) => document.getElementById(id);
const stage = element("stage");
// as photographOf gives them, each with `thumb`, its thumbnail
const pictures = [];
let current = null, settings = null;
let version = 0; // of the settings; a picture painted with an older one is painted anew when it is shown
let jobs = 0; // downloads on their way
let serverBusy = false;

// ---- photographs ----

// Show the first of these photographs as soon as it is there, and colorize the others meanwhile.
async function open(files) {
  const films = [...files].filter(isFilm), wanted = [...files].filter((file) => isPicture(file) && !isFilm(file));
  if (files.length && !wanted.length && !films.length) tell("none of these files is a picture");
  for (const film of films.slice(-1)) openFilm(film); // one at a time is shown
  const opened = [];
  for (const [i, file] of wanted.entries()) {
    status(wanted.length > 1 ? `opening ${i + 1} of ${wanted.length} …` : "opening …");
    const picture = await read(file);
    if (!picture) continue;
    pictures.push(picture);
    picture.thumb = addThumbnail(picture.name, picture.before.url, { chosen: () => show(picture), removed: () => takeOut(picture) });
    if (opened.push(picture) === 1) show(picture);
  }
  drawBusy();
  for (const picture of opened) {
    if (pictures.includes(picture) && picture.painted === null && !picture.painting) await paint(picture);
  }
}

async function openFilm(file) {
  element("start").hidden = true;
  element("controls").hidden = false;
  element("own").hidden = !current; // a film takes no marks
  try {
    await showFilm(file, settings.asked([]), () => openFilm(file));
  } catch (error) {
    element("start").hidden = pictures.length > 0;
    element("controls").hidden = !pictures.length;
    failed(error, () => openFilm(file));
  }
}

// The photograph of a file; null, and told, if it cannot be read.
async function read(file) {
  try {
    return await photographOf(file);
  } catch (error) {
    failed(error, () => open([file]));
    return null;
  }
}

function show(picture) {
  popover.close();
  current = picture;
  element("start").hidden = true;
  element("work").hidden = element("controls").hidden = element("own").hidden = false;
  markThumbnail(picture.thumb);
  const { width, height, format, notes } = picture.about;
  element("about").textContent = [`${picture.name}: ${width} × ${height} px, ${format}`, ...notes].join("; ");
  element("before").src = picture.before.url;
  element("after").src = picture.after ?? picture.before.url;
  drawHints();
  drawBusy();
  if (picture.painted !== version) paint(picture);
}

// Take a photograph out of the strip; the one beside it is shown in its place.
function takeOut(picture) {
  const lost = picture.hints.value.length;
  if (lost && !confirm(`Take ${picture.name} out? Its ${lost === 1 ? "mark is" : `${lost} marks are`} lost.`)) return;
  const at = pictures.indexOf(picture);
  pictures.splice(at, 1);
  forget(picture);
  removeThumbnail(picture.thumb);
  const beside = pictures[Math.min(at, pictures.length - 1)];
  if (picture === current) show(beside);
  focusThumbnail(beside.thumb);
}

// Colorize a picture's preview with what is asked for now; an answer that is still on its way is no longer wanted.
async function paint(picture) {
  picture.painting?.abort();
  const mine = picture.painting = new AbortController(), asking = version;
  picture.painted = null;
  drawBusy();
  try {
    const blob = await server.colorize(picture.before.blob, await asked(picture), mine.signal);
    const old = picture.after;
    picture.after = picture.thumb.src = URL.createObjectURL(blob);
    picture.painted = asking;
    if (picture === current) await shown(picture.after);
    if (old) URL.revokeObjectURL(old);
    settle();
  } catch (error) {
    failed(error, () => paint(picture));
  }
  if (picture.painting === mine) picture.painting = null;
  drawBusy();
}

function shown(url) {
  element("after").src = url;
  return element("after").decode().catch(() => {});
}

// What is asked for a picture: of its preview, or of the file itself.
async function asked(picture, whole = false) {
  const size = whole ? picture.about : await sizeOf(picture);
  return settings.asked(picture.hints.value.map((hint) => inWords(hint, size.width, size.height)));
}

function repaint() {
  version += 1;
  if (current) paint(current);
}

// ---- hints ----

// again: whether a key that was held has made the step before, too; both are undone together.
function change(hints, again = false) {
  if (again) current.hints.undo();
  current.hints.push(hints);
  changed();
}

function changed() {
  popover.close();
  drawHints();
  paint(current);
}

function drawHints() {
  const { hints } = current;
  const changeAt = (i, hint, again) => {
    change(hints.value.toSpliced(i, 1, ...(hint ? [hint] : [])), again);
    focusMark(i);
  };
  drawMarks(element("hints"), hints.value, {
    moved: (i, x, y, again) => changeAt(i, { ...hints.value[i], x, y }, again),
    opened: (i, mark) => choose(mark, hints.value[i], {
      chosen: (colour) => changeAt(i, { ...hints.value[i], colour }),
      removed: () => changeAt(i, null),
    }),
    removed: (i) => changeAt(i, null),
  });
  element("undo").disabled = !hints.canUndo;
  element("redo").disabled = !hints.canRedo;
  element("clear").disabled = element("save").disabled = !hints.value.length;
}

// Keep the keyboard where it was: at this mark, or at what is nearest where it has been removed.
function focusMark(i) {
  const marks = element("hints").children;
  (marks[i] ?? marks[i - 1] ?? element("add")).focus({ preventScroll: true });
}

// Offer colours for a place {x, y, colour}. mark: what stands there. on: {chosen(colour), removed(), closed()}.
async function choose(mark, place, on) {
  const looking = new AbortController(), picture = current;
  popover.open(mark.getBoundingClientRect(), place.colour ?? null, { ...on, closed: () => { looking.abort(); on.closed?.(); } });
  try {
    const size = await sizeOf(picture);
    popover.offer(await server.likely(picture.before.blob, await asked(picture), pixel(place.x, size.width), pixel(place.y, size.height), looking.signal));
  } catch (error) {
    if (error.name !== "AbortError") popover.offerNothing(error.message);
  }
}

function addAt(x, y) {
  popover.close();
  const mark = document.createElement("span"), { hints } = current;
  mark.className = "hint new";
  put(mark, { x, y });
  element("hints").append(mark);
  choose(mark, { x, y }, {
    chosen: (colour) => {
      change([...hints.value, { x, y, colour }]);
      focusMark(hints.value.length - 1);
    },
    closed: () => mark.remove(),
  });
}

// ---- files out ----

async function inColour(picture) {
  const blob = await server.colorize(picture.file, await asked(picture, true));
  const stem = picture.name.replace(/\.[^.]*$/, "");
  return { name: `${stem}-colorized${picture.about.ending}`, blob };
}

async function saveAll() {
  const files = [];
  for (const [i, picture] of pictures.entries()) {
    status(`colorizing ${i + 1} of ${pictures.length} in full size …`);
    try {
      const { name, blob } = await inColour(picture);
      files.push({ name, bytes: new Uint8Array(await blob.arrayBuffer()) });
    } catch (error) {
      tell(`${picture.name} is not in the zip: ${error.message}`);
    }
  }
  if (files.length) save({ name: "colorized.zip", blob: zip(files) });
}

async function whileDisabled(button, job) {
  button.disabled = true;
  jobs += 1;
  drawBusy();
  try {
    await job();
  } catch (error) {
    failed(error, () => button.click());
  }
  jobs -= 1;
  drawBusy();
  button.disabled = false;
}

// ---- what is said ----

function failed(error, again) {
  if (error.name !== "AbortError") tell(error.message, error.temporary ? again : null);
}

function drawBusy() {
  const busy = jobs > 0 || Boolean(current?.painting);
  element("busy").hidden = !busy;
  if (serverBusy) status("server busy, asking again …");
  else status(busy ? (jobs ? "colorizing in full size …" : "colorizing …") : (current?.painted === version ? "in colour" : ""));
}

// ---- what a visitor does ----

function listen() {
  const on = (id, kind, act) => element(id).addEventListener(kind, act);
  on("files", "change", ({ target }) => { open(target.files); target.value = ""; });
  on("add", "click", () => addAt(0.5, 0.5));
  on("undo", "click", () => { current.hints.undo(); changed(); });
  on("redo", "click", () => { current.hints.redo(); changed(); });
  on("clear", "click", () => change([]));
  on("download", "click", ({ target }) => whileDisabled(target, async () => save(await inColour(current))));
  on("download-all", "click", ({ target }) => whileDisabled(target, saveAll));
  on("save", "click", () => save({ name: `${current.name}-colours.json`, blob: new Blob([toJson(current.hints.value)]) }));
  on("load", "change", async ({ target }) => {
    try {
      change(fromJson(await target.files[0].text()));
    } catch (error) {
      tell(error.message);
    }
    target.value = "";
  });
  stage.addEventListener("click", (event) => {
    const box = stage.getBoundingClientRect();
    addAt(within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height));
  });
  document.addEventListener("keydown", (event) => {
    if (!current || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(event.key.toLowerCase())) return;
    event.preventDefault();
    event.key.toLowerCase() === "y" || event.shiftKey ? current.hints.redo() : current.hints.undo();
    changed();
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => { event.preventDefault(); open(event.dataTransfer.files); });
  document.addEventListener("paste", (event) => { if (event.clipboardData.files.length) open(event.clipboardData.files); });
  addEventListener("beforeunload", (event) => { if (pictures.some(({ hints }) => hints.value.length)) event.preventDefault(); });
  compare(stage, element("divider"), element("split"), element("hold"));
}

try {
  server.onBusy((busy) => { serverBusy = busy; drawBusy(); });
  settings = new Settings(await server.models(), repaint, failed);
  listen();
  playTogether();
  offerExamples(element("examples"), (file) => open([file]), failed);
} catch (error) {
  tell(`the page could not start: ${error.message}; load it again`);
}
