// The line between before and after: dragged, moved by the range below the picture, or away while a button is held.

export function compare(stage, divider, range, hold) {
  const show = (percent) => {
    range.value = percent;
    stage.style.setProperty("--split", `${percent}%`);
    stage.classList.toggle("split", percent > 0);
  };
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return Math.min(Math.max(((event.clientX - box.left) / box.width) * 100, 0), 100);
  };
  range.addEventListener("input", () => show(range.value));
  divider.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
  });
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) show(place(event));
  });
  divider.addEventListener("click", (event) => event.stopPropagation()); // no colour is given there
  const before = (held) => () => stage.classList.toggle("before", held);
  for (const kind of ["pointerdown", "keydown"]) hold.addEventListener(kind, before(true));
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) hold.addEventListener(kind, before(false));
  show(range.value);
}
