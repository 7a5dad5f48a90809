// Which answers count as right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRight } from "../../sc2viz/browser/answers.js";

test("a number within the margin is right, and so is each choice of a tie", () => {
  const right = (truth) => [0, 1, 2, 3].filter((answer) => isRight(answer, truth));
  assert.deepEqual(right([1.5, 0.5, []]), [1, 2]);
  assert.deepEqual(right([0, 0, [2]]), [0, 2]);
});
