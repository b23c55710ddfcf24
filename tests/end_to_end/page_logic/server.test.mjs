// What the page does while the server is busy, with a server and a clock of the test's own.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const server = await import("../../../colorization/serving/page/server.js");
const busy = () => new Response('{"error": "busy"}', { status: 503, headers: { "Retry-After": "5" } });
let asked = 0, told = [];

beforeEach(() => {
  asked = 0;
  told = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  server.onBusy((waits) => told.push(waits));
});

function answers(next) {
  globalThis.fetch = async () => { asked += 1; return next(asked); };
}

// Let `seconds` pass, one by one, so that what waits can go on between them.
async function pass(seconds) {
  for (let second = 0; second < seconds; second++) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    await new Promise((done) => setImmediate(done));
    mock.timers.tick(1000);
  }
  await new Promise((done) => setImmediate(done));
}

test("a busy server is asked again until it answers", async () => {
  answers((count) => (count < 3 ? busy() : new Response("[]")));
  const models = server.models();
  await pass(4);
  assert.equal(asked, 1);
  assert.deepEqual(told, [true]);
  await pass(6);
  assert.deepEqual(await models, []);
  assert.deepEqual([asked, told.at(-1)], [3, false]);
});

test("after a minute it is given up", async () => {
  answers(busy);
  const models = server.models();
  const gaveUp = assert.rejects(models, (error) => error.temporary && /busy for 60 s/.test(error.message));
  await pass(61);
  await gaveUp;
  assert.deepEqual([asked, told.at(-1)], [13, false]);
});

test("what is no longer wanted is not asked again", async () => {
  answers(busy);
  const wanted = new AbortController();
  const stopped = assert.rejects(server.colorize(new Blob(["x"]), { query: "" }, wanted.signal), { name: "AbortError" });
  await pass(1);
  wanted.abort();
  await stopped;
  await pass(10);
  assert.deepEqual([asked, told.at(-1)], [1, false]);
});
