// The colours to choose from at one place.

const dialog = document.getElementById("popover");
const swatches = document.getElementById("swatches");
const picker = document.getElementById("picker");
let on = null, from = null;

// Open beside `anchor`, a DOMRect. colour: what the place has now, or null. handlers: {chosen(colour), removed(), closed()}.
export function open(anchor, colour, handlers) {
  close();
  on = handlers;
  from = document.activeElement;
  if (colour) picker.value = colour;
  document.getElementById("remove").hidden = !colour;
  offerNothing("looking …");
  dialog.show();
  const { width, height } = dialog.getBoundingClientRect();
  dialog.style.left = `${Math.max(Math.min(anchor.right + 12, innerWidth - width - 8), 8)}px`;
  dialog.classList.toggle("above", anchor.bottom > innerHeight / 2); // on a narrow screen it must not hide the place
  dialog.style.top = `${Math.max(Math.min(anchor.top - 20, innerHeight - height - 8), 8)}px`;
}

export function close() {
  if (!dialog.open) return;
  const focused = dialog.contains(document.activeElement);
  dialog.close();
  on.closed();
  if (focused && from?.isConnected) from.focus({ preventScroll: true });
}

// colours: [{colour, chance}], likeliest first.
export function offer(colours) {
  swatches.replaceChildren(...colours.map(({ colour, chance }) => {
    const swatch = document.createElement("button");
    swatch.type = "button";
    swatch.className = "swatch";
    swatch.style.background = swatch.title = colour;
    swatch.setAttribute("aria-label", `${colour}, ${Math.round(chance * 100)} %`);
    swatch.addEventListener("click", () => chosen(colour));
    return swatch;
  }));
  if (dialog.contains(document.activeElement) || document.activeElement === document.body) swatches.querySelector("button")?.focus();
}

export function offerNothing(message) {
  const line = document.createElement("p");
  line.textContent = message;
  swatches.replaceChildren(line);
}

function chosen(colour) {
  close();
  on.chosen(colour);
}

document.getElementById("use").addEventListener("click", () => chosen(picker.value));
document.getElementById("grey").addEventListener("click", () => chosen("#808080"));
document.getElementById("remove").addEventListener("click", () => { close(); on.removed(); });
document.getElementById("close").addEventListener("click", close);
dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
document.addEventListener("pointerdown", ({ target }) => { if (!dialog.contains(target)) close(); });
