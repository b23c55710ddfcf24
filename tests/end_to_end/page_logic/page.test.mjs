// The page's logic that needs no browser: history, hints as words and as JSON, zip.

import assert from "node:assert/strict";
import { test } from "node:test";

const page = (name) => import(`../../../colorization/serving/page/${name}.js`);
const { History } = await page("history");
const { fromJson, inWords, pixel, toJson } = await page("hints");
const { crc32, different, zip } = await page("zip");

test("steps are undone and done again, and a new one forgets what was undone", () => {
  const history = new History("a");
  history.undo();
  assert.equal(history.value, "a");
  for (const step of "bc") history.push(step);
  history.undo();
  history.undo();
  assert.deepEqual([history.value, history.canUndo, history.canRedo], ["a", false, true]);
  history.redo();
  assert.equal(history.value, "b");
  history.push("d");
  assert.deepEqual([history.value, history.canRedo], ["d", false]);
  history.undo();
  assert.equal(history.value, "b");
});

test("shares become pixels inside the picture", () => {
  assert.deepEqual([0, 0.5, 0.999, 1].map((share) => pixel(share, 10)), [0, 5, 9, 9]);
  assert.equal(inWords({ x: 0.5, y: 1, colour: "#c03020" }, 300, 200), "150,199,c03020");
});

test("hints come back from JSON as they were", () => {
  const hints = [{ x: 0.25, y: 1, colour: "#c03020" }, { x: 0, y: 0.5, colour: "#808080" }];
  assert.deepEqual(fromJson(toJson(hints)), hints);
});

test("other JSON is refused in words", () => {
  for (const [text, told] of [
    ["no", /is no JSON/], ["null", /is no JSON/], ["[1]", /no list/], ['{"hints": {}}', /no list/],
    ['{"hints": [{"x": 0.5, "y": 2, "colour": "#c03020"}]}', /hint 1 is wrong/],
    ['{"hints": [{"x": 0.5, "y": 0.5, "colour": "red"}]}', /hint 1 is wrong/],
    [JSON.stringify({ hints: Array(1001).fill({}) }), /1001 colours are too many/],
  ]) assert.throws(() => fromJson(text), told, text);
});

test("CRC-32 of the standard's check value", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("names in a zip are all different", () => {
  assert.deepEqual(different(["a.jpg", "a.jpg", "b", "b", "a-2.jpg"]), ["a.jpg", "a-2.jpg", "b", "b-2", "a-2-2.jpg"]);
});

test("a zip begins and ends as one", async () => {
  const bytes = new Uint8Array(await zip([{ name: "ä.txt", bytes: new Uint8Array([1, 2, 3]) }]).arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 4)], [0x50, 0x4b, 3, 4]);
  assert.deepEqual([...bytes.slice(-22, -18)], [0x50, 0x4b, 5, 6]);
});
