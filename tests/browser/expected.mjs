// The numbers that Python computes (expected.py), and comparisons with them. `.ci/javascript` writes them to a file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const file = process.env.SC2VIZ_EXPECTED;
if (!file) throw new Error("SC2VIZ_EXPECTED is not set: run these tests by .ci/javascript");

export const expected = JSON.parse(readFileSync(file, "utf-8"));

// Arrays of numbers that differ by at most `relative` of the expected number plus `absolute`; NaN and infinities are equal
// to themselves alone.
export const close = (found, wanted, relative = 0, absolute = 0) => {
  assert.equal(found.length, wanted.length);
  for (const [k, each] of wanted.entries()) {
    const [is, should] = [found[k], Number(each)];
    const same = Object.is(is, should) || Math.abs(is - should) <= absolute + relative * Math.abs(should);
    assert.ok(same, `entry ${k} is ${is}, should be ${should}`);
  }
};
