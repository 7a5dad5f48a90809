// What the pure modules compute, against the numbers of numpy, scipy and the app's Python.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, between, doubleTanh, fit, shrinkage } from "../../sc2viz/browser/activation.js";
import { objectives, symmetric } from "../../sc2viz/browser/adaptive.js";
import { Coder } from "../../sc2viz/browser/coder.js";
import { LINE, line, mapped, natural, strip } from "../../sc2viz/browser/colour.js";
import { endsOf } from "../../sc2viz/browser/curves.js";
import { bytes, colours, floats, halves, Parcels, words } from "../../sc2viz/browser/decode.js";
import { Problem } from "../../sc2viz/browser/homotopy.js";
import { lowest, measured, stepped } from "../../sc2viz/browser/measure.js";
import { errors, objective, reconstruct } from "../../sc2viz/browser/objective.js";
import {
  above,
  counted,
  decibels,
  fourDigits,
  percent,
  shareMissing,
  short,
  side,
  wholePercent,
  worded,
} from "../../sc2viz/browser/readings.js";
import { sentences } from "../../sc2viz/browser/sentences.js";
import { why } from "../../sc2viz/browser/why.js";
import { ngettext } from "../../sc2viz/browser/words.js";
import { add, gauss, uniform } from "../../sc2viz/pages/photograph/noise.js";
import { close, expected } from "./expected.mjs";

const rgba = (count, colour) => [...new Uint8Array(Uint32Array.from({ length: count }, (_, k) => colour(k)).buffer)];

test("pixels have the colours of the pictures that Python draws", () => {
  const values = expected.colour.values.map(Number);
  for (const [channels, drawn] of Object.entries(expected.colour.natural))
    assert.deepEqual(rgba(values.length / channels, natural(values, Number(channels))), drawn);
  const { errors, top, table, drawn } = expected.colour.mapped;
  assert.deepEqual(rgba(errors.length, mapped(errors, colours(table), 0, top)), drawn);
});

test("rows that are no pictures are drawn as Python draws them", () => {
  for (const { shape, rows, wrong, drawn, strip: strips } of expected.colour.lines) {
    close(line(rows, 1, shape, new Float64Array(LINE.high * LINE.wide)), drawn, 0, 1e-9);
    const out = new Float64Array(LINE.strip * LINE.wide);
    strip(wrong, 1, shape, out);
    close(out, strips, 1e-12);
  }
});

test("numbers and words arrive as they were sent", async () => {
  const given = expected.decode;
  close(await halves(given.all), given.codes);
  close(await halves(given.smooth.text), given.smooth.codes);
  close(await halves(given.atoms.text), given.atoms.numbers);
  assert.ok(given.smooth.text.startsWith("4/") && given.atoms.text.startsWith("1/"));
  close(floats(given.base64), given.floats);
  assert.equal(Buffer.from(bytes(given.base64)).toString("base64"), given.base64);
  assert.equal(await words(given.gzip), given.words);
  const [store, [head, packed]] = [new Parcels(), given.all.split(":")];
  await store.add({ toArray: () => [{ name: "a", head, packed: bytes(packed) }] }); // as a table of Arrow has them
  close(store.get("a"), given.codes);
});

test("a stop that travels apart is put in, and what is missing is asked for", async () => {
  const { others, one, codes } = expected.decode;
  const [store, asked] = [new Parcels(), []];
  const report = (key, { names }) => asked.push(key, ...names);
  assert.equal(await store.take({ others }, [{ name: "others:one:1" }], report), false);
  assert.deepEqual(asked, ["wants", "one"]);
  assert.equal(await store.take({ one }, [{ name: "others:one:1" }], report), true);
  close(store.get("others:one:1"), codes);
});

test("what was used least recently goes first", async () => {
  const [store, half] = [new Parcels(), expected.decode["half of what is kept"]];
  await store.add({ a: half, b: half });
  store.get("a");
  await store.add({ c: half });
  assert.deepEqual(
    ["a", "b", "c"].map((name) => store.kept.has(name)),
    [true, false, true],
  );
});

test("a code makes B s, which has errors and a price", () => {
  const { codes, atoms, x, lam, made, F, wrong, rest } = expected.objective;
  const [n, d_x, d_s] = [3, 12, 5];
  const found = reconstruct(codes, n * d_s, n, d_s, atoms, d_x, new Float64Array(n * d_x));
  close(found, made, 1e-12, 1e-12);
  const begun = reconstruct(codes, n * d_s, n, d_s, atoms, d_x, new Float64Array(n * d_x), expected.objective.offset);
  close(begun, expected.objective.from, 1e-12, 1e-12);
  close(errors(x, found, 3, new Float64Array(12)), wrong, 1e-12);
  close(
    errors(x, found, 3, new Float64Array(12), (value) => value),
    rest,
    1e-9,
    1e-12,
  );
  const row = (values, r, size) => values.slice(r * size, (r + 1) * size);
  const costs = F.map((_, r) => objective(row(x, r, d_x), row(found, r, d_x), row(codes, n + r, d_s), lam));
  close(costs, F, 1e-12);
});

test("shrinkage, double tanh and their derivatives are numpy's", () => {
  const { at, c, soft, smooth } = expected.activation;
  for (const order of [0, 1, 2]) {
    const drawn = [shrinkage, doubleTanh].map((curve) => c.map((v) => curve[order](v, at) + 0));
    close(drawn[0], soft[order], 0, 1e-15);
    close(drawn[1], smooth[order], 1e-12, 1e-12);
  }
  close(between(2, 41), c, 0, 1e-15);
});

test("the fit is as near as scipy's", () => {
  for (const [theta, R, least] of expected.activation.fits) {
    const found = apart({ theta, R, ...fit({ theta, R }) });
    assert.ok(found <= 1.001 * least + 1e-12, `θ = ${theta}, R = ${R}: ${found} against ${least}`);
  }
  assert.equal(fit({ theta: 2, R: 2 }), null);
});

test("adaptive ISTA is Eq. (7)", () => {
  const { problem, upper, G, i, f, steps, F } = expected.adaptive;
  const whole = symmetric(upper, 6);
  close(whole, G, 1e-7); // G is kept in 32 bits
  close(objectives({ ...problem, G: whole }, i, f, steps), F, 1e-5);
});

test("percents read as in Python", () => {
  const { values, read } = expected.percent;
  assert.deepEqual(values.map(Number).map(percent), read);
});

test("the numbers of cards read as in Python", () => {
  const { far, F, psnr, shares, parts, ...read } = expected.read;
  assert.deepEqual(far.map(Number).map(above), read.above);
  assert.deepEqual(far.map(Number).map(side), read.side);
  assert.deepEqual(F.map(Number).map(fourDigits), read.objective);
  assert.deepEqual(psnr.map(Number).map(decibels), read.decibels);
  assert.deepEqual(shares.map(wholePercent), read.whole);
  const told = parts.map((part) => shareMissing(Number(part)));
  assert.deepEqual(told, read.missing);
});

test("a code costs what numpy says", () => {
  const { B, x, s, lam, peak, loss, F, psnr, active } = expected.numbers;
  const found = measured(new Problem(Float32Array.from(B), 7), Float32Array.from(x), s, lam, peak);
  close([found.loss, found.F, found.psnr], [loss, F, psnr], 1e-12);
  assert.equal(found.active, active);
  assert.equal(found.share, active / 9);
});

test("one sentence says which solver has the lowest F", () => {
  assert.equal(lowest("Here", []), "");
  const shared = lowest("Here", Object.entries({ ISTA: 309, FISTA: 309, SLSTM: 694 }));
  const said = "Here, **ISTA** and **FISTA** share the lowest F of the three solvers compared: each is **309\u00a0%** ";
  assert.equal(shared, `${said}above the optimum.`);
  for (const [now, said] of expected.lowest) {
    const far = Object.entries(now).map(([label, each]) => [label, Number(each)]);
    assert.equal(lowest("Here", far), said);
  }
});

test("one sentence says which solver has the lowest F after an iteration", () => {
  const none = "Choose a solver that aims at F to compare with the exact optimum.";
  assert.deepEqual([stepped(3, []), sentences.lowest({ ranked: [] })], [none, none]);
  const said = (t, far, active = 4) =>
    stepped(
      t,
      far.map((each, k) => ["ABC"[k], { far: each, active }]),
    ).replaceAll("\u00a0", " ");
  assert.equal(said(0, [200, 200]), "Every solver starts with the empty code, which is 200 % above the optimum.");
  assert.ok(said(0, [1150, 30]).endsWith("which is 30 % to 1,150 % above the optimum."));
  assert.equal(said(0, [0, 0]), "At this λ the empty code, with which every solver starts, is the optimum.");
  assert.equal(said(4, [0, 0], 0), "After 4 iterations, every code is still empty, which is the optimum at this λ.");
  assert.equal(
    said(4, [63, 2.84, Number.NaN]),
    "After 4 iterations, **B** has the lowest F: it is 2.8 % above the optimum.",
  );
  assert.ok(said(4, [309, 309, 694]).endsWith("**A** and **B** share the lowest F: each is 309 % above the optimum."));
  assert.equal(said(1, [5, 5]), "After 1 iteration, **A** and **B** are 5.0 % above the optimum.");
  assert.equal(said(9, [0, 0.004, 3]), "After 9 iterations, **A** and **B** have reached the optimum.");
  assert.equal(said(2, [-3, 1]), "After 2 iterations, **A** has the lowest F: it is 3.0 % below the optimum.");
});

test("why says what the numbers say, with at most three of them", () => {
  const solver = (label, far, more) => ({
    label,
    far: (t) => far[Math.min(t, far.length - 1)],
    codes: () => null,
    ...more,
  });
  const slow = solver("ISTA", [200, 50, 20, 9, 5, 2], { codes: (t) => [t] });
  const fast = solver("FISTA", [200, 50, 10, 5, 2, 1], { codes: (t) => [2 * t] });
  const net = solver("Net", [200, -3], { own: true, learned: true, missed: 2 });
  const said = (...all) => why(all, 2, 1).replaceAll("\u00a0", " ");
  assert.equal(
    said(slow, fast),
    "**ISTA** needs 3 iterations to come as near as **FISTA**. " +
      "The last step of **FISTA** was 2 times as long as that of **ISTA**.",
  );
  assert.equal(
    said(slow, net),
    "No code on the shared atoms is as good as that of **Net**, which has atoms of its own. " +
      "Exact codes on the atoms of **Net** are 4.9 % below the optimum.",
  );
  assert.equal(said(slow, slow), "They are as near as each other.");
  const left = solver("Net", [200, 1, 50], { learned: true });
  assert.equal(said(fast, left), "**Net** was as near after 1 iteration, and has left since.");
  const never = solver("Net", [200, 90], { learned: true });
  assert.equal(said(fast, never), "**Net** does not come as near as **FISTA** within 100 iterations.");
});

test("a count has the form of its word that gettext gives it", () => {
  for (const [many, said, is] of expected.counts) {
    assert.equal(counted(many, "iteration"), said);
    assert.equal(ngettext("is", "are", many), is);
  }
  assert.equal(counted(2, "patch", "patches"), "2 patches");
});

test("a network may have more or fewer atoms than the dictionary that all solvers share", async () => {
  for (const { B, size, x, lam, T, graph, texts, F, far, own, used } of expected.other) {
    const arrays = {};
    for (const [name, text] of Object.entries(texts)) arrays[name] = await halves(text);
    const coder = new Coder(Float32Array.from(B), size, 1).look(Float32Array.from(x));
    coder.add("net", { graph, own: true }, (name) => arrays[name]);
    const found = coder.numbers("net", lam, T);
    close([found.F, found.far, coder.own("net", lam, T)], [F, far, own], 1e-5, 1e-4);
    assert.equal(coder.says("used", "net", lam, T), used);
  }
});

test("three digits and a power of ten", () => {
  const read = { 0.125: 0.1249, "1,230": 1234, 0: 0, "−2.0·10⁻⁵": -2e-5, "1.2·10⁷": 1.2e7, "−0.5": -0.5, "∞": NaN };
  for (const [said, value] of Object.entries(read)) assert.equal(short(value), said);
});

test("noise is numpy's", () => {
  const { uniform: shares, drawn, clean, sigma, seen, psnr } = expected.noise;
  const random = uniform(0);
  assert.deepEqual(shares.map(random), shares);
  for (const [seed, numbers] of Object.entries(drawn)) close(gauss(numbers.length, Number(seed)), numbers, 1e-6, 1e-7);
  const out = new Float64Array(80);
  const found = add(clean, gauss(60), sigma, 3, out);
  close([found], [psnr], 1e-6);
  for (let k = 0; k < 20; k++) close(out.slice(4 * k, 4 * k + 4), [...seen.slice(3 * k, 3 * k + 3), 255], 1e-5, 1e-5);
});

test("a column's numbers are worded as Python words them", () => {
  for (const [numbers, said] of expected.worded)
    for (const [what, text] of Object.entries(said)) {
      const values = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
      assert.equal(worded(what, values), text, `${what} of ${JSON.stringify(numbers)}`);
    }
});

test("a sentence says what doubling λ does to the non-zeros", () => {
  const given = { optimum: "best", lams: [0.1, 0.2, 0.4, 0.6], whose: "these", drawn: "those", coder: null };
  const say = (lam, shares, coder = null) => sentences.doubling({ ...given, lam, shares, coder });
  assert.equal(
    say(0.1, [0.5, 0.25, 0.1, 0]),
    "Doubling λ from 0.1 to 0.2 reduces these from **50\u00a0%** to **25\u00a0%**.",
  );
  assert.equal(
    say(0.4, [0.5, 0.25, 0.1, 0]),
    "Raising λ from 0.4 to 0.6 reduces these from **10\u00a0%** to **0\u00a0%**.",
  );
  assert.equal(
    say(0.1, [0.052, 0.049, 0, 0]),
    "Doubling λ from 0.1 to 0.2 reduces these from **5.2\u00a0%** to **4.9\u00a0%**.",
  );
  assert.equal(
    say(0.1, [0.25, 0.3, 0, 0]),
    "Doubling λ from 0.1 to 0.2 raises these from **25\u00a0%** to **30\u00a0%**.",
  );
  assert.equal(say(0.1, [0.25, 0.25, 0, 0]), "Doubling λ from 0.1 to 0.2 leaves these at **25\u00a0%**.");
  assert.equal(say(0.6, [0.5, 0.25, 0.1, 0]), "At λ = 0.6 and above, every code is zero.");
  const coder = { numbers: (_, lam) => ({ share: lam > 0.7 ? 0 : 0.3 - lam / 4 }) };
  assert.equal(say(0.3, [], coder), "Doubling λ from 0.3 to 0.6 reduces those from **22\u00a0%** to **15\u00a0%**.");
  assert.equal(say(0.8, [], coder), "At λ = 0.8 and above, every code is zero.");
});

test("an axis holds what is drawn of its lines", () => {
  const cases = [
    [
      { log: true },
      [
        [100, 10, 1],
        [200, Number.NaN, Number.POSITIVE_INFINITY],
      ],
      [1, 230],
    ], // whole decades below
    [{ log: true }, [[2, 1e9]], [1, 20]], // what runs away leaves the picture
    [{}, [[Number.NaN, Number.NaN]], [-0.05, 1.05]],
    [{ top: 2.5, optimum_at: 0.5 }, [[3, 1, 2]], [0.4, 2.6]],
  ];
  for (const [panel, lines, ends] of cases)
    for (const [k, end] of endsOf(panel, lines).entries()) assert.ok(Math.abs(end - ends[k]) < 1e-9);
});
