// Two parts of a page, each with a copy of messages.js of its own, as in the browser.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = new EventTarget();
const [one, other] = await Promise.all([1, 2].map((copy) => import(`../../sc2viz/browser/messages.js?${copy}`)));

test("parts share the values of sliders and hear of moves until they leave", () => {
  const heard = [];
  const shown = new AbortController();
  other.onMoved((key) => heard.push([key, other.sliderValues().lam]), shown.signal);
  one.sliderValues().lam = 0.2;
  one.tellMoved("lam");
  one.tellMoved();
  shown.abort();
  one.tellMoved("lam");
  assert.notEqual(one.sliderValues, other.sliderValues);
  assert.deepEqual(heard, [
    ["lam", 0.2],
    [null, 0.2],
  ]);
});

test("a part moves sliders that another one has", () => {
  const asked = [];
  other.onMoveSliders((values) => asked.push(values));
  one.moveSliders({ D: 1.5, u: 0.4 });
  assert.deepEqual(asked, [{ D: 1.5, u: 0.4 }]);
});

test("hints are there for parts that come later", () => {
  let told = 0;
  other.onHints(() => told++);
  assert.deepEqual(other.sliderHints(), {});
  one.tellHints({ T: "OMP takes T atoms." });
  assert.deepEqual([other.sliderHints(), told], [{ T: "OMP takes T atoms." }, 1]);
});
