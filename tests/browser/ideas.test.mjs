// The figures of ideas, against numbers that Python's core computes, three random states each.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Coder } from "../../sc2viz/browser/coder.js";
import { halves } from "../../sc2viz/browser/decode.js";
import { Problem } from "../../sc2viz/browser/homotopy.js";
import { planeOf } from "../../sc2viz/browser/ideas/dual_bound.js";
import { corners, project } from "../../sc2viz/browser/ideas/dual_polygon.js";
import { Course, recordOf } from "../../sc2viz/browser/ideas/iteration.js";
import { cost, describeWeight, slopes } from "../../sc2viz/browser/ideas/one_weight.js";
import { pair, plane } from "../../sc2viz/browser/ideas/plane.js";
import { describeAlike, exact, problem } from "../../sc2viz/browser/ideas/two_alike.js";
import {
  contour,
  descent,
  inQuadrant,
  lasso2,
  needed,
  outline,
  ridge2,
} from "../../sc2viz/browser/ideas/two_weights.js";
import { ofGates, ofNetwork } from "../../sc2viz/browser/ideas/unfolded.js";
import { finds, verdict } from "../../sc2viz/browser/ideas/when_found.js";
import { describeZeros } from "../../sc2viz/browser/ideas/why_zeros.js";
import { spaced } from "../../sc2viz/browser/measure.js";
import { solverOf } from "../../sc2viz/browser/solve.js";
import { close, expected } from "./expected.mjs";

test("the contour touches the ball where the exact solver has the two weights", () => {
  for (const { G, c, lam, lasso, ridge } of expected.ideas.two) {
    const s = lasso2(G, c, lam);
    close(s, lasso, 0, 1e-6);
    close(ridge2(G, c, lam), ridge, 1e-9);
    const { radii, reach, turn } = contour(G, c, s);
    const level = (x, y) => G[0][0] * x * x + 2 * G[0][1] * x * y + G[1][1] * y * y;
    const at = level(s[0] - c[0], s[1] - c[1]);
    const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
    close([level(radii[0] * cos, radii[0] * sin), level(-radii[1] * sin, radii[1] * cos)], [at, at], 1e-9);
    const drawn = outline(5, 7, [radii], turn)
      .match(/-?[\d.]+(e-?\d+)?/g)
      .map(Number); // upside down
    const [x, y, ...half] = drawn.slice(0, 9);
    close([...half.slice(0, 3), ...half.slice(5)], [...radii, -turn, 10 - x, 14 - y], 1e-9);
    close([level(x - 5, 7 - y), ...drawn.slice(-2)], [at, x, y], 1e-9);
    const points = Array.from({ length: 720 }, (_, k) => {
      const [u, v] = [radii[0] * Math.cos((k * Math.PI) / 360), radii[1] * Math.sin((k * Math.PI) / 360)];
      return [u * cos - v * sin, u * sin + v * cos];
    });
    for (const k of [0, 1]) {
      const most = Math.max(...points.map((point) => point[k]));
      assert.ok(Math.abs(most - reach[k]) < 1e-3 * reach[k] + 1e-9);
    }
  }
});

test("both slopes of one weight lead to zero where shrinkage leaves it there", () => {
  for (const { c, theta, least, F, slopes: beside } of expected.ideas.one) {
    close([cost(least, c, theta)], [F], 1e-9);
    close(slopes(c, theta), beside, 0, 1e-5);
    assert.equal(least === 0, slopes(c, theta)[0] < 0 && slopes(c, theta)[1] > 0);
  }
});

test("the residual is the nearest point of the polygon, and its distance is the optimum", () => {
  for (const { atoms, x, lam, codes, u, F } of expected.ideas.dual) {
    const found = project(atoms, lam, x);
    close(found.u, u, 0, 1e-6); // by a solver of quadratic programmes
    close(found.s, codes, 0, 1e-6); // of the Lasso
    const rest = [x[0] - found.u[0], x[1] - found.u[1]];
    close([(x[0] ** 2 + x[1] ** 2 - rest[0] ** 2 - rest[1] ** 2) / 2], [F], 1e-9);
    const shape = corners(atoms, lam);
    assert.ok(shape.length >= 4 && shape.length % 2 === 0);
    for (const [a, b] of shape) {
      const on = atoms.map((atom) => Math.abs(atom[0] * a + atom[1] * b));
      assert.equal(on.filter((each) => Math.abs(each - lam) < 1e-9).length, 2);
      assert.ok(Math.max(...on) < lam + 1e-9);
    }
    close(project(atoms, lam, [0.1 * lam, 0]).u, [0.1 * lam, 0]);
    assert.ok(project(atoms, lam, [0.1 * lam, 0]).s.every((each) => each === 0));
  }
});

test("the polygon and x are whole and large at every λ", () => {
  const side = 500;
  for (const { atoms } of expected.ideas.dual)
    for (const lam of [0.01, 0.05, 0.1, 0.3, 1])
      for (const asked of [
        [0.6, 0.53],
        [-1, 0.4],
      ]) {
        const { x, far, shape, view } = planeOf(atoms, lam, asked, side);
        close(
          x.map((each) => each * far),
          asked,
          1e-12,
        );
        assert.ok(far === 1 || Math.abs(Math.hypot(...x) - 8 * lam) < 1e-9);
        const all = [...shape, x].map(view.place);
        assert.ok(all.flat().every((each) => each > 0 && each < side));
        const wide = [0, 1].map((k) => all.map((each) => each[k])).map((each) => Math.max(...each) - Math.min(...each));
        assert.ok(Math.max(...wide) > 0.6 * side); // nothing else takes the room
        const ball = shape.map(view.place);
        const across = ball.map(([a, b]) => Math.max(...ball.map(([c, d]) => Math.hypot(a - c, b - d))));
        assert.ok(Math.max(...across) > 0.2 * side);
        close(view.back(...view.place(x)), x, 1e-9);
      }
});

test("labels stand where they should, in the same order, and far enough from each other", () => {
  assert.deepEqual(spaced([90, 10, 50], 20, 0, 100), [90, 10, 50]);
  for (const wanted of [
    [50, 51, 49],
    [-30, 5, 4],
    [99, 400, 98],
    [7, 7, 7],
  ]) {
    const at = spaced(wanted, 20, 0, 100);
    const sorted = at.toSorted((a, b) => a - b);
    assert.ok(sorted[0] >= 0 && sorted[2] <= 100 && sorted[1] - sorted[0] >= 20 && sorted[2] - sorted[1] >= 20);
    for (const j of [0, 1, 2]) for (const k of [0, 1, 2]) assert.ok(wanted[j] >= wanted[k] || at[j] < at[k]);
  }
});

test("ISTA and FISTA take in two weights the ways that the solvers take", () => {
  for (const { angle, x, lam, best, ways, counts } of expected.ideas.alike) {
    const { G, on } = problem(angle, x);
    const s = exact({ G, on }, lam);
    close(s, best, 0, 1e-6);
    for (const [k, momentum] of [false, true].entries()) {
      const way = [];
      descent(G, on, lam, momentum, (...at) => way.push(at.slice(0, 2)) === 60);
      close(way.flat(), ways[k].flat(), 0, 1e-9);
      const path = [];
      assert.equal(needed(G, on, lam, momentum, s, 0.01, 900, path), counts[k]);
      close(path.slice(0, 60).flat(), way.slice(0, path.length).flat(), 0, 1e-12);
    }
    const F = ([p, q]) =>
      (G[0][0] * p * p + 2 * G[0][1] * p * q + G[1][1] * q * q) / 2 -
      on[0] * p -
      on[1] * q +
      lam * (Math.abs(p) + Math.abs(q));
    const at = [0.3, -0.8];
    const { centre, least } = inQuadrant(G, on, lam, [1, -1]);
    const [a, b] = [at[0] - centre[0], at[1] - centre[1]];
    close([(G[0][0] * a * a + 2 * G[0][1] * a * b + G[1][1] * b * b) / 2 + least], [F(at)], 1e-9);
  }
});

test("two atoms and their plane are the core's", () => {
  for (const { B, x, codes, atoms, gram, centres } of expected.ideas.planes) {
    const [all, seen] = [new Problem(Float32Array.from(B), 8), Float32Array.from(x)];
    const exact = codes.map((each) => Float64Array.from(each));
    assert.deepEqual(pair(all, seen, exact[1]), atoms);
    const found = plane(all, seen, exact, atoms);
    close(found.gram.flat(), gram, 1e-6);
    close(found.centres.flat(), centres, 1e-4, 1e-5);
  }
  const nothing = new Problem(Float32Array.of(1, 0, 0, 1), 2);
  assert.equal(pair(nothing, Float32Array.of(1, 1), new Float64Array(2)), null);
});

test("the terms of a cell are the core's", async () => {
  const { B, size, x, lam, tau, atom, momenta, rows, network, graph, texts } = expected.ideas.unfolded;
  const [all, seen] = [new Problem(Float32Array.from(B), size[0]), Float32Array.from(x)];
  const made = {
    momentum: ofGates(
      all,
      seen,
      lam,
      tau,
      atom,
      momenta.map((m) => [1 + m, -m]),
    ),
    hand: ofGates(
      all,
      seen,
      lam,
      tau,
      atom,
      momenta.map(() => [1.3, -0.3]),
      true,
    ),
  };
  const arrays = {};
  for (const [name, text] of Object.entries(texts)) arrays[name] = await halves(text);
  const learned = ofNetwork(
    solverOf(graph, (name) => arrays[name]),
    seen,
    lam,
    momenta.length,
    atom,
  );
  for (const [found, wanted] of [...Object.entries(rows).map(([name, row]) => [made[name], row]), [learned, network]])
    for (const [term, values] of Object.entries(wanted)) close(found[term], values, 1e-5, 1e-6);
});

test("each phase of an iteration is numpy's, from the core's record and from the browser's own", async () => {
  for (const { record, wanted, B, size, own, x, lam, graph, texts } of expected.iterations) {
    const coder = new Coder(Float32Array.from(B), size, 1);
    const arrays = {};
    for (const [name, text] of Object.entries(texts)) arrays[name] = await halves(text);
    coder.look(Float32Array.from(x)).add("solver", { graph, own }, (name) => arrays[name]);
    for (const course of [new Course(record), new Course(recordOf(coder, "solver", lam, wanted.length))]) {
      close(course.F, record.F, 1e-5);
      close(course.share, record.share, 1e-5, 1e-6);
      for (const [k, each] of wanted.entries()) {
        const now = course.at(k + 1);
        for (const name of ["point", "candidate", "into", "push", "code"]) close(now[name], each[name], 1e-5, 1e-5);
        close(course.rest(k + 1, false), each.missing, 1e-5, 1e-5);
        close(course.rest(k + 1, true), record.missing[k + 1], 1e-5, 1e-5);
        assert.equal(now.tau === null, each.tau === null);
        assert.equal(course.describe(k + 1, "beyond").includes("overshoots"), each.turns);
        if (course.gated)
          assert.ok(
            course.isSettled(k + 1, course.atomIn(k + 1, "gates")) || course.atomIn(k + 1, "gates") === each.moves,
          );
        for (const value of [...each.into, ...(now.stays ?? [])])
          assert.ok(value >= now.codeSpan[0] - 1e-5 && value <= now.codeSpan[1] + 1e-5);
        if (each.tau === null) continue;
        close([now.tau, now.momentum ?? 0], [each.tau, each.momentum], 1e-4, 1e-5);
        assert.ok(now.theta === null || Math.abs(now.theta - each.theta) < 1e-5);
        assert.ok(now.zeros.every((j) => each.code[j] === 0 && Math.abs(each.into[j]) <= each.theta + 1e-6));
      }
    }
  }
});

test("one unknown and one equation are one", () => {
  const cell = { share: 0, rho: 0.5, theory: 0.1, trials: 8, atoms: 100, d_x: 1, k: 1, label: "OMP", exact: false };
  assert.ok(verdict(cell).endsWith("least squares finds it: 1 unknown, 1 equation."));
});

test("a cell says which of the three fails there, and nothing else", () => {
  const said = (cell, exact) => verdict({ ...cell, label: exact ? "Exact optimum" : "OMP", exact });
  const starts =
    (...all) =>
    (text) =>
      all.some((each) => text.startsWith(each));
  for (const cell of expected.ideas.cells) {
    assert.deepEqual(finds(cell), cell.finds);
    const { solver, theory, support } = cell.finds;
    for (const exact of [false, true]) {
      const text = said(cell, exact);
      assert.equal(starts("**All three fail**")(text), !support);
      assert.equal(starts("**ℓ1 fails**")(text), support && !theory && !solver);
      assert.equal(starts("**OMP fails**", "**100 atoms are few**")(text), support && theory && !solver);
      assert.equal(starts("**All three find it**")(text), solver && theory);
      assert.equal(starts("**Beyond theory")(text), solver && !theory);
      assert.equal(text.includes(`${8 * cell.share} of 8`) && text.includes(`ρ = ${cell.theory.toFixed(2)}`), support);
    }
  }
});

test("no sentence says that a number is another than the one that it reads as", () => {
  const zeros = (norm, c, s) => describeZeros([3, 7], norm, 0.1, [1, c], [0.8, s]);
  assert.ok(zeros(0, -0.004, 0).endsWith("Atom 7 is exactly **zero**, though the loss alone would give it −0.004."));
  assert.ok(zeros(0, 0, 0).endsWith("Atom 7 is exactly **zero**, and the loss alone would give it next to nothing."));
  assert.ok(zeros(1, 0.0048, 0.0044).includes("atom 7 has 0.004, where the loss alone gives 0.005: not zero"));
  assert.ok(describeWeight(0.3, -0.3004, -0.0004, 0).startsWith("|c| = 0.3004 > θ = 0.3000: "));
  assert.ok(describeWeight(0.3, -0.3004, -0.0004, 0).includes("is at c + θ = **−0.0004**"));
  assert.ok(describeWeight(0.3, 0.2, 0, 0).startsWith("|c| = 0.20 ≤ θ = 0.30: "));
  const alike = (on, s) => describeAlike({ G: [[1, 0.9]], on }, 0.497, s);
  assert.ok(alike([0.861, 0.8614], [0, 0.3]).includes("|b₂ᵀx| = 0.8614 is more than |b₁ᵀx| = 0.8610"));
  assert.ok(!alike([0.9, 0.9], [0.311, 0.314]).includes("the wrong one has more"));
  assert.ok(alike([0.9, 0.9], [0.31, 0.32]).includes("0.31 and 0.32, though it was made of atom 1: the wrong one"));
});
