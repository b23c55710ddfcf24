// What is told to the visitor: what went wrong, one line each, until it is closed or mended; and what is being done.

const element = (id) => document.getElementById(id);
const told = new Map(); // a line: what "Try again" does, a list of functions

// again: a function that tries once more, or null where that would fail as before.
export function tell(line, again = null) {
  told.set(line, [...(told.get(line) ?? []), ...(again ? [again] : [])]);
  draw();
}

// The server answers: what waited for that need not be told any longer.
export function settle() {
  for (const [line, again] of told) if (again.length) told.delete(line);
  draw();
}

export function status(text) {
  element("status").textContent = text;
}

function draw() {
  element("lines").replaceChildren(...[...told.keys()].map((line) => {
    const shown = document.createElement("div");
    shown.textContent = line;
    return shown;
  }));
  element("message").hidden = !told.size;
  element("again").hidden = ![...told.values()].flat().length;
}

element("dismiss").addEventListener("click", () => {
  told.clear();
  draw();
});
element("again").addEventListener("click", () => {
  const again = [...told.values()].flat();
  settle();
  for (const act of again) act();
});
