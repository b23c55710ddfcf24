// Hints: colours at places, {x, y, colour}; x and y are shares of the picture's width and height, colour is "#rrggbb".

const COLOUR = /^#[0-9a-f]{6}$/i;
export const MOST = 1000;

// The pixel that a share of a side stands for.
export const pixel = (share, side) => Math.min(Math.floor(share * side), side - 1);

// As POST /colorize takes it, for a picture of this many pixels.
export const inWords = (hint, width, height) =>
  `${pixel(hint.x, width)},${pixel(hint.y, height)},${hint.colour.slice(1)}`;

export const within = (share) => Math.min(Math.max(share, 0), 1);

export const toJson = (hints) => JSON.stringify({ hints }, null, 2) + "\n";

// The hints of a file that `toJson` or a person wrote; an Error says what is wrong with it.
export function fromJson(text) {
  let hints;
  try {
    ({ hints } = JSON.parse(text));
  } catch {
    throw new Error("this file is no JSON; choose one that was saved here");
  }
  if (!Array.isArray(hints)) throw new Error('this file has no list "hints"; choose one that was saved here');
  if (hints.length > MOST) throw new Error(`${hints.length} colours are too many; at most ${MOST} can be used`);
  return hints.map((hint, i) => {
    const { x, y, colour } = hint ?? {};
    const placed = [x, y].every((share) => typeof share === "number" && share >= 0 && share <= 1);
    if (!placed || !COLOUR.test(colour)) {
      throw new Error(`hint ${i + 1} is wrong: x and y must be shares, 0 to 1, and colour like "#c03020"`);
    }
    return { x, y, colour: colour.toLowerCase() };
  });
}
