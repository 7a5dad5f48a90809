// Codes of a picture by a solver's graph (export.py). Nothing here needs a page.
import { reconstruct } from "./objective.js";
import { Pursuit } from "./omp.js";
import { operations, sizeOf } from "./operations.js";

const [LAMBDA, PICTURE] = [1, 2]; // what a part of the setup depends on, as bits

const special = { "#inf": Number.POSITIVE_INFINITY, "#-inf": Number.NEGATIVE_INFINITY, "#nan": Number.NaN };

// What an argument stands for: a number, a list, or ["n", 3], the fourth part of the setup, of "v" the results of an
// iteration, "s" its state or "t" the row of its table.
const argument = (text) => {
  if (Array.isArray(text)) return text.map(argument);
  if (typeof text !== "string") return text;
  return special[text] ?? { from: text[0], k: Number(text.slice(1)) };
};

// An operation that is ready to run. `shapeOf` returns the shape of what an argument refers to, undefined of a number.
const prepared = ([op, args, shape, double], shapeOf) => {
  if (!operations[op]) throw new Error(`a graph has the operation ${op}, which the browser lacks`);
  const values = args.map(argument);
  const node = { args: values, shape, shapes: values.map((value) => (value?.from ? shapeOf(value) : undefined)) };
  const operate = operations[op](node);
  let room = null; // its results stand in one place, which belongs to it
  const run = (...operands) => {
    room ??= new (double ? Float64Array : Float32Array)(sizeOf(shape));
    return operate(room, ...operands) ?? room;
  };
  return { args: values, run };
};

// Arrays one after the other.
const together = (arrays) => arrays[0].constructor.from(arrays.flatMap((numbers) => [...numbers]));

export class Network {
  // data: what `export` returns; find: the array of a name.
  constructor(data, find) {
    this.values = [];
    this.moving = []; // the parts of the setup that x or λ change, in order
    const needs = [];
    const shapes = data.setup.map(([, , shape]) => shape);
    const take = (each) => (Array.isArray(each) ? each.map(take) : each?.from ? this.values[each.k] : each);
    for (const [k, part] of data.setup.entries()) {
      const [op, names] = part;
      const [name] = names;
      if (op === "given") this.values[k] = names.length > 1 ? together(names.map(find)) : find(name);
      else if (op === "input") [this[`${name}At`], needs[k]] = [k, name === "x" ? PICTURE : LAMBDA];
      else {
        const { args, run } = prepared(part, (each) => shapes[each.k]);
        needs[k] = args.flat().reduce((bits, each) => bits | (needs[each?.k] ?? 0), 0);
        if (needs[k]) this.moving.push({ k, needs: needs[k], run: () => run(...args.map(take)) });
        else this.values[k] = run(...args.map(take));
      }
    }
    this.start = data.start.map(argument);
    this.steps = data.steps.map((step) => this.prepare(step, data.shapes, shapes));
    Object.assign(this, { plan: data.plan, fields: data.fields, replaced: data.replaced });
    this.dictionary = this.values[argument(data.dictionary).k]; // (d_x, d_s)
  }

  prepare({ operations: all, after, rows }, states, setup) {
    const table = rows.map((row) => row.map(argument));
    const made = all.map(([, , shape]) => shape);
    const shapeOf = ({ from, k }) => {
      if (from === "t") return table[0][k]?.from && setup[table[0][k].k];
      return { n: setup, v: made, s: states }[from][k];
    };
    return { table, after: after.map(argument), all: all.map((each) => prepared(each, shapeOf)) };
  }

  // Looks at a picture x (d_x,) at a λ. What neither of the two changes is kept. Another picture is another array.
  look(x, lam) {
    const changed = (x === this.x ? 0 : PICTURE) | (lam === this.lam ? 0 : LAMBDA);
    if (!changed) return this;
    Object.assign(this, { x, lam });
    if ("xAt" in this) this.values[this.xAt] = x;
    if ("lamAt" in this) this.values[this.lamAt] = Float32Array.of(lam);
    for (const { k, needs, run } of this.moving) if (needs & changed) this.values[k] = run();
    this.states = [this.start.map((each) => each && Float32Array.from(this.values[each.k]))];
    return this;
  }

  // The codes (d_s,) after T iterations. Those before are kept, so that the next ones go on from there.
  codes(T) {
    while (this.states.length <= T) this.states.push(this.step(this.states.length - 1));
    return this.states[T][0];
  }

  step(t) {
    const [kind, row] = this.plan[Math.min(t, this.plan.length - 1)];
    const { table, all, after } = this.steps[kind];
    const [state, results] = [this.states[t], []];
    const take = (each) => {
      if (Array.isArray(each)) return each.map(take);
      if (!each?.from) return each;
      const { from, k } = each;
      if (from === "t") return take(table[row][k]);
      return from === "v" ? results[k] : from === "s" ? state[k] : this.values[k];
    };
    for (const { args, run } of all) results.push(run(...args.map(take)));
    const next = after.map((each) => each && take(each).slice());
    return this.guard && t >= this.guard.beyond ? this.guarded(state, next) : next;
  }

  // The safeguard (cell.py): where an iteration would raise F, an ISTA step takes its place.
  guarded(state, next) {
    const { atoms, tau } = this.guard;
    const [d_x, d_s] = [this.x.length, next[0].length];
    const residual = (codes) =>
      reconstruct(codes, 0, 1, d_s, atoms, d_x, new Float64Array(d_x)).map((value, k) => this.x[k] - value);
    const cost = (codes, rest) =>
      rest.reduce((sum, v) => sum + v * v, 0) / 2 + this.lam * codes.reduce((sum, s) => sum + Math.abs(s), 0);
    const before = residual(state[0]);
    if (cost(next[0], residual(next[0])) <= cost(state[0], before)) return next;
    const ista = state[0].map((code, j) => {
      let c = code;
      for (let k = 0, at = j * d_x; k < d_x; k++, at++) c += tau * before[k] * atoms[at];
      return Math.sign(c) * Math.max(0, Math.abs(c) - this.lam * tau);
    });
    return next.map((each, k) => (this.replaced.includes(k) ? ista : each));
  }
}

// A solver without a graph: its codes of some pictures after each iteration at stops of λ. Of all else they are NaN.
class Stored {
  constructor({ stored }, find) {
    Object.assign(this, { codesOfAll: find(stored.codes), pictures: find(stored.pictures), lams: stored.lams });
    this.dictionary = find(stored.dictionary);
  }

  look(x, lam) {
    const [count, d_x] = [this.pictures.length / x.length, x.length];
    const isOf = (row) => x.every((value, k) => value === this.pictures[row * d_x + k]);
    this.row = Array.from({ length: count }, (_, row) => row).findIndex(isOf);
    Object.assign(this, { count, stop: this.lams.indexOf(lam), d_s: this.dictionary.length / d_x });
    return this;
  }

  codes(T) {
    const { row, stop, d_s } = this;
    if (row < 0 || stop < 0) return new Float32Array(d_s).fill(Number.NaN);
    const from = ((T * this.lams.length + stop) * this.count + row) * d_s;
    return this.codesOfAll.subarray(from, from + d_s);
  }
}

// What has the codes of a solver, by its graph, a search or in store: `look(x, lam)`, `codes(T)` and `dictionary`.
export const solverOf = (data, find) => {
  if (data.stored) return new Stored(data, find);
  return data.search ? new { omp: Pursuit }[data.search.kind](data, find) : new Network(data, find);
};
