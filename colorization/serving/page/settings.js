// What is asked for beside the hints: model, look, numbers, input size, and whose colours; the same for all pictures.

import { preview } from "./server.js";

export const PALETTES = {
  "Warm film": ["#8c5a3c", "#d9b38c", "#5f6b4a", "#7f93a6", "#e8dcc8"],
  "Garden": ["#4f7a3a", "#8fb05a", "#c8506e", "#e5c85c", "#7fa8d0"],
  "Sea": ["#2f6f9f", "#7fb5d5", "#d9c79b", "#f0ead8", "#4a5f6b"],
  "Autumn": ["#a8481f", "#d98b2b", "#6b4a2b", "#8a8f4a", "#c9b59a"],
};
const NUMBERS = {
  saturation: { most: 3, step: 0.05, title: "Saturation" },
  vibrance: { most: 1, step: 0.05, title: "Vibrance" },
  temperature: { most: 1, step: 0.02, title: "Temperature" },
};

const REFERENCE_SIDE = 256; // px; its colours are counted at 64 px

const element = (id) => document.getElementById(id);
const made = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

export class Settings {
  // models: as GET /models describes them. changed: called after each change. failed: called with an Error.
  constructor(models, changed, failed) {
    this.models = models;
    this.failed = failed;
    this.changed = changed;
    this.reference = null; // a Blob: the photograph, reduced
    this.palette = null; // a name in PALETTES
    element("model").append(...models.map(({ name }) => made("option", { textContent: name })));
    element("model-field").hidden = models.length < 2;
    element("model").addEventListener("change", () => { this.#show(); changed(); });
    element("input-size").addEventListener("change", changed);
    this.#offerReferences();
    this.#show();
  }

  // What an address and a form say of it; hints: words as hints.js gives them.
  asked(hints) {
    const query = new URLSearchParams({ model: this.model.name });
    if (this.look) query.set("look", this.look);
    for (const [name, value] of Object.entries(this.numbers)) query.set(name, value);
    if (Number(element("input-size").value) !== this.model.input_size) query.set("input_size", element("input-size").value);
    if (this.palette) query.set("palette", PALETTES[this.palette].map((colour) => colour.slice(1)).join(","));
    for (const hint of hints) query.append("hint", hint);
    return { query, reference: this.reference };
  }

  // Take a photograph's colours. It is reduced once, so that it need not be sent and read whole for every answer.
  async take(file) {
    try {
      const { blob, grey } = await preview(file, REFERENCE_SIDE);
      if (grey) throw new Error(`${file.name}: the reference is grey, which says nothing of colours; give a colour photograph`);
      this.#choose(blob, null);
    } catch (error) {
      this.failed(error);
    }
  }

  #show() {
    this.model = this.models.find(({ name }) => name === element("model").value) ?? this.models[0];
    const looks = Object.keys(this.model.presets);
    this.look = looks[0] ?? "";
    element("look-field").hidden = looks.length < 2;
    element("looks").replaceChildren(...looks.map((look) => {
      const radio = made("input", { type: "radio", name: "look", value: look, checked: look === this.look });
      radio.addEventListener("change", () => { this.look = look; this.#showNumbers(); this.changed(); });
      return made("label", { className: "choice" }, radio, ` ${look}`);
    }));
    element("input-size").replaceChildren(...this.model.input_sizes.map((size) => {
      const own = size === this.model.input_size;
      return made("option", { value: size, selected: own, textContent: own ? `${size} px (default)` : `${size} px` });
    }));
    this.#showNumbers();
  }

  #showNumbers() {
    const preset = { ...this.model.numbers, ...this.model.presets[this.look] };
    const names = Object.keys(NUMBERS).filter((name) => name in this.model.numbers);
    this.numbers = Object.fromEntries(names.map((name) => [name, preset[name]]));
    element("numbers").replaceChildren(...names.map((name) => {
      const { most, step, title } = NUMBERS[name];
      const shown = made("output", { textContent: preset[name] });
      const slider = made("input", { type: "range", min: 0, max: most, step, ariaLabel: title });
      slider.value = preset[name];
      slider.addEventListener("input", () => {
        this.numbers[name] = Number(slider.value);
        shown.textContent = slider.value;
        this.changed();
      });
      return made("label", {}, `${title} `, slider, shown);
    }));
  }

  #offerReferences() {
    element("palettes").append(...Object.entries(PALETTES).map(([name, colours]) => {
      const patches = colours.map((colour) => {
        const patch = made("i", {});
        patch.style.background = colour;
        return patch;
      });
      const button = made("button", { type: "button", className: "palette", ariaLabel: `Palette ${name}`, ariaPressed: "false" }, made("span", {}, ...patches), name);
      button.dataset.palette = name;
      button.addEventListener("click", () => this.#choose(null, this.palette === name ? null : name));
      return button;
    }));
    element("reference").addEventListener("change", ({ target }) => {
      if (target.files.length) this.take(target.files[0]);
      target.value = "";
    });
    element("no-reference").addEventListener("click", () => this.#choose(null, null));
    const drop = element("reference-drop");
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      drop.classList.remove("over");
      if (event.dataTransfer.files.length) this.take(event.dataTransfer.files[0]);
    });
  }

  #forget() {
    this.reference = this.palette = null;
    element("reference-chosen").hidden = true;
    for (const button of element("palettes").children) button.ariaPressed = "false";
  }

  #choose(reference, palette) {
    this.#forget();
    [this.reference, this.palette] = [reference, palette];
    const picture = element("reference-picture");
    URL.revokeObjectURL(picture.src);
    element("reference-chosen").hidden = !reference;
    if (reference) picture.src = URL.createObjectURL(reference);
    for (const button of element("palettes").children) button.ariaPressed = String(button.dataset.palette === palette);
    this.changed();
  }
}
