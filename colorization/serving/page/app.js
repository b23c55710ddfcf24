// The page: photographs that stay in the browser, shown in colour as the server answers, corrected by the visitor.

import { compare } from "./compare.js";
import { fromJson, inWords, pixel, toJson, within } from "./hints.js";
import { History } from "./history.js";
import { drawMarks, put } from "./marks.js";
import * as popover from "./popover.js";
import * as server from "./server.js";
import { Settings } from "./settings.js";
import { zip } from "./zip.js";

const SIDE = 1280; // px, longer side of what is shown
const EXAMPLES = ["astronaut", "coffee", "chelsea"];
const KNOWN = /\.(avif|bmp|gif|hei[cf]|j2k|jp2|jpe?g|jxl|pbm|pgm|png|pnm|ppm|psd|tga|tiff?|webp)$/i;

const element = (id) => document.getElementById(id);
const stage = element("stage");
const pictures = []; // {file, name, about, before: {blob, url}, after: {url, stale}, hints: History, thumb}
let current = null, settings = null, painting = null;

// ---- photographs ----

async function open(files) {
  const wanted = [...files].filter((file) => file.type.startsWith("image/") || KNOWN.test(file.name));
  if (files.length && !wanted.length) tell("none of these files is a picture");
  for (const file of wanted) {
    busy(true);
    try {
      const { blob, ...about } = await server.preview(file, SIDE);
      const picture = { file, name: file.name || "photograph.png", about, hints: new History([]), after: null };
      picture.before = { blob, url: URL.createObjectURL(blob) };
      pictures.push(picture);
      element("start").hidden = true;
      element("work").hidden = element("controls").hidden = false;
      addToStrip(picture);
      await show(picture);
    } catch (error) {
      tell(error.message);
    }
    busy(false);
  }
}

function addToStrip(picture) {
  const item = document.createElement("li"), button = document.createElement("button");
  picture.thumb = new Image();
  picture.thumb.src = picture.before.url;
  picture.thumb.alt = picture.name;
  button.type = "button";
  button.title = picture.name;
  button.append(picture.thumb);
  button.addEventListener("click", () => show(picture));
  item.append(button);
  picture.button = button;
  element("strip").append(item);
  element("strip").hidden = element("download-all").hidden = pictures.length < 2;
}

async function show(picture) {
  popover.close();
  current = picture;
  for (const each of pictures) each.button.ariaCurrent = String(each === picture);
  const { width, height, format, notes } = picture.about;
  element("about").textContent = [`${picture.name}: ${width} × ${height} px, ${format}`, ...notes].join("; ");
  element("before").src = picture.before.url;
  element("after").src = (picture.after ?? picture.before).url;
  drawHints();
  if (!picture.after || picture.after.stale) await paint();
}

async function paint() {
  painting?.abort();
  const [picture, mine] = [current, new AbortController()];
  painting = mine;
  busy(true);
  try {
    const blob = await server.colorize(picture.before.blob, await asked(picture), mine.signal);
    const [url, old] = [URL.createObjectURL(blob), picture.after?.url];
    picture.after = { url, stale: false };
    picture.thumb.src = url;
    if (picture === current) await shown(url);
    if (old) URL.revokeObjectURL(old);
    element("status").textContent = "in colour";
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message);
  }
  if (painting === mine) busy(false);
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

async function sizeOf(picture) {
  if (!picture.before.size) {
    const { width, height } = await createImageBitmap(picture.before.blob);
    picture.before.size = { width, height };
  }
  return picture.before.size;
}

function repaintAll() {
  for (const picture of pictures) if (picture.after) picture.after.stale = true;
  if (current) paint();
}

// ---- hints ----

function change(hints) {
  current.hints.push(hints);
  changed();
}

function changed() {
  drawHints();
  paint();
}

function drawHints() {
  const { hints } = current;
  const changedAt = (i, ...now) => hints.value.toSpliced(i, 1, ...now);
  drawMarks(element("hints"), hints.value, {
    moved: (i, x, y) => {
      change(changedAt(i, { ...hints.value[i], x, y }));
      element("hints").children[i].focus();
    },
    opened: (i, mark) => choose(mark, hints.value[i], (colour) => change(changedAt(i, { ...hints.value[i], colour })), () => change(changedAt(i))),
    removed: (i) => change(changedAt(i)),
  });
  element("undo").disabled = !hints.canUndo;
  element("redo").disabled = !hints.canRedo;
  element("clear").disabled = element("save").disabled = !hints.value.length;
}

// Offer colours for a place {x, y, colour}; mark: what stands there.
async function choose(mark, place, chosen, removed, closed) {
  const looking = new AbortController(), picture = current;
  popover.open(mark.getBoundingClientRect(), place.colour ?? null, { chosen, removed, closed: () => { looking.abort(); closed?.(); } });
  try {
    const size = await sizeOf(picture);
    popover.offer(await server.likely(picture.before.blob, await asked(picture), pixel(place.x, size.width), pixel(place.y, size.height), looking.signal));
  } catch (error) {
    if (error.name !== "AbortError") popover.offerNothing(error.message);
  }
}

function addAt(x, y) {
  popover.close();
  const mark = document.createElement("span");
  mark.className = "hint new";
  put(mark, { x, y });
  element("hints").append(mark);
  choose(mark, { x, y }, (colour) => change([...current.hints.value, { x, y, colour }]), () => {}, () => mark.remove());
}

// ---- files out ----

async function inColour(picture) {
  const blob = await server.colorize(picture.file, await asked(picture, true));
  const stem = picture.name.replace(/\.[^.]*$/, "");
  return { name: `${stem}-colorized${picture.about.ending}`, blob };
}

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function saveAll() {
  const files = [];
  for (const [i, picture] of pictures.entries()) {
    element("download-all").textContent = `${i + 1} of ${pictures.length} …`;
    try {
      const { name, blob } = await inColour(picture);
      files.push({ name, bytes: new Uint8Array(await blob.arrayBuffer()) });
    } catch (error) {
      tell(`${picture.name}: ${error.message}`);
    }
  }
  element("download-all").textContent = "Download all (zip)";
  if (files.length) save({ name: "colorized.zip", blob: zip(files) });
}

async function whileDisabled(button, job) {
  button.disabled = true;
  busy(true);
  try {
    await job();
  } catch (error) {
    tell(error.message);
  }
  busy(false);
  button.disabled = false;
}

// ---- what is said ----

function tell(message) {
  element("message").textContent = message;
  element("message").hidden = false;
}

function busy(is) {
  element("busy").hidden = !is;
  if (is) element("status").textContent = "colorizing";
}

// ---- what a visitor does ----

function listen() {
  const on = (id, kind, act) => element(id).addEventListener(kind, act);
  on("files", "change", ({ target }) => { open(target.files); target.value = ""; });
  on("message", "click", () => { element("message").hidden = true; });
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
  compare(stage, element("divider"), element("split"), element("hold"));
}

function offerExamples() {
  element("examples").append(...EXAMPLES.map((name) => {
    const button = document.createElement("button"), picture = new Image();
    picture.src = `page/examples/${name}.jpg`;
    picture.alt = `Example: ${name}`;
    button.type = "button";
    button.append(picture);
    button.addEventListener("click", async () => {
      const blob = await (await fetch(picture.src)).blob();
      open([new File([blob], `${name}.jpg`, { type: "image/jpeg" })]);
    });
    return button;
  }));
}

try {
  settings = new Settings(await server.models(), repaintAll);
  listen();
  offerExamples();
} catch (error) {
  tell(`the page could not start: ${error.message}; load it again`);
}
