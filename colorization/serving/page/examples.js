// Photographs to try the page with: scikit-image's own.

import { file } from "./server.js";

const NAMES = ["astronaut", "coffee", "chelsea"];

// opened: called with the File of the one that is clicked. failed: called with an Error and what tries again.
export function offerExamples(list, opened, failed) {
  list.append(...NAMES.map((name) => {
    const button = document.createElement("button"), picture = new Image();
    picture.src = `page/examples/${name}.jpg`;
    picture.alt = `Example: ${name}`;
    button.type = "button";
    button.append(picture);
    button.addEventListener("click", async () => {
      try {
        opened(new File([await file(picture.src)], `${name}.jpg`, { type: "image/jpeg" }));
      } catch (error) {
        failed(error, () => button.click());
      }
    });
    return button;
  }));
}
