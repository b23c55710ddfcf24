// The strip of thumbnails, shown where there are several photographs: one is chosen, or taken out.

const list = document.getElementById("strip");

// The thumbnail of a new photograph: an element whose `src` is its picture. on: {chosen(), removed()}.
export function addThumbnail(name, src, on) {
  const item = document.createElement("li"), picture = Object.assign(new Image(), { src, alt: name });
  const choose = button(name, on.chosen, picture), remove = button(`Take out ${name}`, on.removed, "×");
  choose.className = "thumbnail";
  remove.className = "remove";
  remove.ariaLabel = remove.title;
  item.append(choose, remove);
  list.append(item);
  drawStrip();
  return picture;
}

export function removeThumbnail(picture) {
  picture.closest("li").remove();
  drawStrip();
}

// Mark the thumbnail of what is shown, and bring it into view.
export function markThumbnail(picture) {
  const item = picture.closest("li");
  for (const each of list.children) each.firstChild.ariaCurrent = String(each === item);
  list.scrollLeft = item.offsetLeft + (item.offsetWidth - list.clientWidth) / 2;
}

export const focusThumbnail = (picture) => picture.parentElement.focus({ preventScroll: true });

function drawStrip() {
  list.hidden = document.getElementById("download-all").hidden = list.children.length < 2;
}

function button(title, act, content) {
  const made = Object.assign(document.createElement("button"), { type: "button", title });
  made.append(content);
  made.addEventListener("click", act);
  return made;
}
