// Codes a picture in the browser: the exact optimum on a dictionary, and solvers by their graphs, with the numbers of
// their codes. Nothing here needs a page.
import { Path, Problem, Support } from "./homotopy.js";
import { excess, IN_USE, measured } from "./measure.js";
import { worded } from "./readings.js";
import { solverOf } from "./solve.js";
import { _, N_ } from "./words.js";

export const OPTIMUM = N_("Exact optimum"); // its name among the solvers
const REFITTED = "Refitted"; // that of the optimum without its shrinkage
const RESTS = 80; // ms
// What the picture that is coded is called: a drawing, unless a page names another one, of which it knows all words
// that are `current`.
const MINE = { title: _("Your drawing"), this: _("Your drawing"), every: _("your drawing") };

// The problem on a dictionary B (d_x, d_s), row by row: a network may have more atoms, or fewer, than the shared
// dictionary.
const problemOf = (B, d_x) => new Problem(B, d_x, B.length / d_x);

export class Coder {
  // B (d_x, d_s), row by row; peak: the range of a pixel. `without` has what is said of a solver that it has not.
  constructor(B, [d_x, d_s], peak) {
    const problem = new Problem(B, d_x, d_s);
    Object.assign(this, { d_x, d_s, peak, problem, without: {}, named: MINE });
    const [atoms, exact] = [Float32Array.from(problem.atoms), true];
    this.all = new Map([
      [OPTIMUM, { problem, atoms, exact }],
      [REFITTED, { problem, atoms, refits: true }],
    ]);
  }

  // Takes a solver under a name: its graph, whose arrays `find` finds by name; what its safeguard needs; whether it has
  // atoms of its own; whether its codes are ≥ 0; and what its reconstructions begin from.
  add(name, { graph, guard, own, positive, offset }, find) {
    const solver = solverOf(graph, find);
    const problem = own ? problemOf(solver.dictionary, this.d_x) : this.problem;
    const atoms = own ? Float32Array.from(problem.atoms) : this.all.get(OPTIMUM).atoms;
    const one = { solver, problem, atoms, offset, own, positive };
    if (guard) solver.guard = { ...guard, atoms };
    this.all.set(name, one);
    return one;
  }

  has(name) {
    return this.all.has(name);
  }

  // Looks at a picture x (d_x,). Another picture is another array.
  look(x) {
    if (x === this.x) return this;
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const contrast = x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return Object.assign(this, { x, contrast, paths: new Map(), known: new Map() });
  }

  // The exact codes at λ on the atoms of a problem, of x without an offset.
  best(problem, x, lam) {
    if (!this.paths.has(problem)) this.paths.set(problem, new Path(problem, x));
    return this.paths.get(problem).at(lam);
  }

  // The picture that the atoms of a solver reconstruct: x without its offset.
  seen(one) {
    if (!one.offset) return this.x;
    if (one.shifted?.of !== this.x) one.shifted = { of: this.x, rest: this.x.map((value, k) => value - one.offset[k]) };
    return one.shifted.rest;
  }

  codes(name, lam, T) {
    const { solver, refits } = this.all.get(name);
    if (solver) return solver.look(this.x, lam).codes(T);
    const codes = this.best(this.problem, this.x, lam);
    return refits ? this.refitted(codes) : codes;
  }

  // Least squares on the atoms that codes use. What depends on others gets 0.
  refitted(codes) {
    const { problem, d_s } = this;
    const support = new Support(problem);
    for (let j = 0; j < d_s; j++) if (Math.abs(codes[j]) > IN_USE) support.enter(j, 1);
    const { projection } = problem.view(this.x);
    const weights = support.times(support.active.map((j) => projection[j]));
    const found = new Float64Array(d_s);
    for (const [k, j] of support.active.entries()) found[j] = weights[k];
    return found;
  }

  // The problem on a solver's own atoms, of length 1, whose optimum its iterations can reach.
  unit(one) {
    const { problem } = one;
    one.unit ??= problemOf(
      problem.B.map((value, at) => value / (problem.norms[at % problem.d_s] || 1)),
      this.d_x,
    );
    return one.unit;
  }

  // The exact codes on the atoms of a solver at λ; null where codes are ≥ 0, which the homotopy does not know, and
  // where those on the solver's own atoms wait until the picture stays.
  bestOf(name, lam) {
    const one = this.all.get(name);
    if (!one || one.positive) return null;
    if (!one.own) return this.codes(OPTIMUM, lam);
    return this.moves && !this.paths.has(one.unit) ? null : this.best(this.unit(one), this.seen(one), lam);
  }

  // The numbers of a solver's codes at λ after T iterations, as `measured` has them; how `far` its F is above the
  // optimum, in % of it; and whether it has run `away`.
  numbers(name, lam, T) {
    const key = `${name} ${lam} ${name === OPTIMUM ? "" : T}`;
    if (!this.known.has(key)) {
      const one = this.all.get(name);
      const found = measured(one.problem, this.seen(one), this.codes(name, lam, T), lam, this.peak);
      const least = one.exact ? found.F : this.numbers(OPTIMUM, lam, T).F;
      const away = !(found.F <= this.problem.view(this.x).square + 1e-6);
      const size = (codes) => codes.reduce((sum, s) => sum + Math.abs(s), 0);
      if (one.refits) found.shrunk = 1 - size(this.codes(OPTIMUM, lam)) / Math.max(size(this.codes(name, lam)), 1e-12);
      const missing = (2 * found.loss) / (this.contrast || 1);
      this.known.set(key, { ...found, missing, far: excess(found.F, least), away });
    }
    return this.known.get(key);
  }

  // The first iteration, up to T, after which the codes of a solver are not finite; undefined where all are.
  failure(name, lam, T) {
    if (Number.isFinite(this.numbers(name, lam, T).F)) return undefined;
    return Array.from({ length: T + 1 }, (_, t) => t).find((t) => !this.codes(name, lam, t).every(Number.isFinite));
  }

  // Looks at a picture that may change at once again. What takes longest waits until it has been the same for RESTS ms,
  // when `then` is called.
  follow(x, then) {
    clearTimeout(this.resting);
    this.moves = true;
    this.resting = setTimeout(() => {
      this.moves = false;
      then();
    }, RESTS);
    return this.look(x);
  }

  // How far F is above the optimum on the solver's own atoms, in % of it; undefined where it has none, null while that
  // waits.
  own(name, lam, T) {
    const one = this.all.get(name);
    if (!one.own || one.positive) return undefined;
    const codes = this.bestOf(name, lam);
    if (!codes) return null;
    const best = measured(this.unit(one), this.seen(one), codes, lam, 1).F;
    return excess(this.numbers(name, lam, T).F, best);
  }

  // One of these numbers in words (readings.js); undefined where there is none. Of codes that are not finite it is
  // known that they run away, and nothing else.
  says(what, name, lam, T) {
    const numbers = this.numbers(name, lam, T);
    if (!Number.isFinite(numbers.F) && !["above", "side"].includes(what)) return undefined;
    return worded(what, { ...numbers, lam, own: what === "own" && this.own(name, lam, T) });
  }

  // F of a solver's codes at λ after 0 … T iterations, and the best bound F* ≥ … up to each, as bounds.course has them,
  // with the optimum and its gap in %. A network with atoms of its own has those of its atoms, scaled to length 1.
  course(name, lam, T) {
    const key = `course ${name} ${lam} ${T}`;
    if (this.known.has(key)) return this.known.get(key);
    const one = this.all.get(name);
    const [problem, x] = [one.own ? this.unit(one) : this.problem, this.seen(one)];
    const at = (codes) => ({ F: measured(problem, x, codes, lam, 1).F, gap: problem.gap(x, codes, lam) });
    const [F, bound] = [[], []];
    for (let t = 0; t <= T; t++) {
      const codes = this.codes(name, lam, t);
      const now = at(one.own ? codes.map((s, j) => s * one.problem.norms[j]) : codes);
      F.push(now.F);
      bound.push(Math.max(bound.at(-1) ?? Number.NEGATIVE_INFINITY, now.F * (1 - now.gap)));
    }
    const best = at(one.own ? this.best(problem, x, lam) : this.codes(OPTIMUM, lam));
    this.known.set(key, { F, bound, best: best.F, gap: 100 * best.gap, own: one.own });
    return this.known.get(key);
  }

  // The duality gap of the exact codes at λ.
  gap(lam) {
    return this.problem.gap(this.x, this.codes(OPTIMUM, lam), lam);
  }
}
