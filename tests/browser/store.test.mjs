// Weights that are kept, in a database that answers late, as on a busy computer, or never.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { kept } from "../../sc2viz/browser/store.js";

const KEPT = { B: { text: "1:AAAA" } };

// A request that succeeds with `result` after so many milliseconds.
const request = (result, after = 0) => {
  const asked = { result };
  if (after < Infinity) setTimeout(() => asked.onsuccess(), after);
  return asked;
};

// What `kept` has found after so many milliseconds, where the database opens after `opens`; undefined while it looks.
const found = async (milliseconds, opens) => {
  const database = { transaction: () => ({ objectStore: () => ({ get: (name) => request(KEPT[name]) }) }) };
  globalThis.indexedDB = { open: () => request(database, opens) };
  let texts;
  kept(["B", "C"]).then((all) => {
    texts = all;
  });
  for (let passed = 0; passed <= milliseconds; passed += 500) {
    mock.timers.tick(500);
    await new Promise(setImmediate);
    mock.timers.tick(0);
    await new Promise(setImmediate);
  }
  return texts;
};

test("a database that answers late is waited for, and one that never does is not", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  assert.deepEqual(await found(4000, 3000), { B: "1:AAAA" });
  assert.deepEqual(await found(8000, Infinity), {});
  mock.timers.reset();
});
