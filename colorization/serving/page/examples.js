// Photographs to try the page with: scikit-image's own.

const NAMES = ["astronaut", "coffee", "chelsea"];

// opened: called with the File of the one that is clicked.
export function offerExamples(list, opened) {
  list.append(...NAMES.map((name) => {
    const button = document.createElement("button"), picture = new Image();
    picture.src = `page/examples/${name}.jpg`;
    picture.alt = `Example: ${name}`;
    button.type = "button";
    button.append(picture);
    button.addEventListener("click", async () => {
      const blob = await (await fetch(picture.src)).blob();
      opened(new File([blob], `${name}.jpg`, { type: "image/jpeg" }));
    });
    return button;
  }));
}
