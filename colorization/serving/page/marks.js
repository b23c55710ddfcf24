// The marks of the hints on the picture: each a button that is dragged, moved by the arrow keys, or opened.

import { within } from "./hints.js";

const STEP = 0.01; // of the picture's side, for an arrow key; with shift five times as far
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SLACK = 4; // px; a pointer that moves less has clicked

// Draw the hints anew. on: {moved(i, x, y, again), opened(i, mark), removed(i)}; again: by a key that is still held.
export function drawMarks(layer, hints, on) {
  layer.replaceChildren(...hints.map((hint, i) => {
    const mark = document.createElement("button");
    mark.type = "button";
    mark.className = "hint";
    mark.setAttribute("aria-label", `Colour ${i + 1}, ${hint.colour}; arrow keys move it, Delete removes it`);
    mark.style.background = hint.colour;
    put(mark, hint);
    mark.addEventListener("click", (event) => event.stopPropagation());
    mark.addEventListener("keydown", (event) => withKeys(event, hint, i, mark, on));
    dragged(mark, layer, (x, y) => on.moved(i, x, y), () => on.opened(i, mark));
    return mark;
  }));
}

export function put(mark, { x, y }) {
  mark.style.left = `${x * 100}%`;
  mark.style.top = `${y * 100}%`;
}

function withKeys(event, hint, i, mark, on) {
  const step = ARROWS[event.key];
  if (step) {
    const far = STEP * (event.shiftKey ? 5 : 1);
    on.moved(i, within(hint.x + step[0] * far), within(hint.y + step[1] * far), event.repeat);
  } else if (event.key === "Delete" || event.key === "Backspace") on.removed(i);
  else if (event.key === "Enter" || event.key === " ") on.opened(i, mark);
  else return;
  event.preventDefault();
}

function dragged(mark, layer, moved, opened) {
  let from = null, place = null;
  mark.addEventListener("pointerdown", (event) => {
    from = event;
    place = null;
    mark.setPointerCapture(event.pointerId);
  });
  mark.addEventListener("pointermove", (event) => {
    if (!from || (!place && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < SLACK)) return;
    const box = layer.parentElement.getBoundingClientRect();
    place = { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
    put(mark, place);
  });
  mark.addEventListener("pointerup", () => {
    if (from) place ? moved(place.x, place.y) : opened();
    from = null;
  });
  mark.addEventListener("pointercancel", () => { from = null; });
}
