// Codes of a picture: the exact optimum on a dictionary, and those of solvers by their graphs, with their numbers.
import { Path, Problem, Support } from "./homotopy.js";
import { excess, IN_USE, measured } from "./measure.js";
import { worded } from "./readings.js";
import { solverOf } from "./solve.js";
import { _, N_ } from "./words.js";

export const OPTIMUM = N_("Exact optimum"); // its name among the solvers
const REFITTED = "Refitted"; // that of the optimum without its shrinkage
const RESTS = 80; // ms
// The words for the picture that is coded: a drawing, unless a page names another one, with all words `current`.
const MINE = { title: _("Your drawing"), subject: _("Your drawing"), every: _("your drawing") };

export class Coder {
  // B (d_x, d_s), row by row; peak: the range of a pixel. `without` has what is said of a solver that it has not.
  constructor(B, [d_x, d_s], peak) {
    const problem = new Problem(B, d_x);
    Object.assign(this, { d_x, d_s, peak, problem, without: {}, named: MINE });
    const shared = { problem, atoms: Float32Array.from(problem.atoms) };
    this.all = new Map(
      Object.entries({ [OPTIMUM]: { ...shared, exact: true }, [REFITTED]: { ...shared, refits: true } }),
    );
  }

  // Takes a solver under a name: its graph, whose arrays `find` finds by name; what its safeguard needs; whether it has
  // atoms of its own; whether its codes are ≥ 0; and what its reconstructions begin from.
  add(name, { graph, guard, own, positive, offset }, find) {
    const solver = solverOf(graph, find);
    const problem = own ? new Problem(solver.dictionary, this.d_x) : this.problem;
    const atoms = own ? Float32Array.from(problem.atoms) : this.all.get(OPTIMUM).atoms;
    const entry = { solver, problem, atoms, offset, own, positive };
    if (guard) solver.guard = { ...guard, atoms };
    this.all.set(name, entry);
    return entry;
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
  seen(entry) {
    if (!entry.offset) return this.x;
    if (entry.shifted?.of !== this.x)
      entry.shifted = { of: this.x, rest: this.x.map((value, k) => value - entry.offset[k]) };
    return entry.shifted.rest;
  }

  codes(name, lam, T) {
    const { solver, refits } = this.all.get(name);
    if (solver) return solver.look(this.x, lam).codes(T);
    const codes = this.best(this.problem, this.x, lam);
    return refits ? this.refitted(codes) : codes;
  }

  // Least squares on the atoms that codes use. What depends on others gets 0.
  refitted(codes) {
    const support = new Support(this.problem);
    for (const [j, weight] of codes.entries()) if (Math.abs(weight) > IN_USE) support.enter(j, 1);
    return support.fit(this.problem.view(this.x).projection, new Float64Array(this.d_s));
  }

  // The problem on a solver's own atoms, of length 1, whose optimum its iterations can reach.
  unit(entry) {
    const { B, norms, d_s } = entry.problem;
    const scaled = () => B.map((value, index) => value / (norms[index % d_s] || 1));
    entry.unit ??= new Problem(scaled(), this.d_x);
    return entry.unit;
  }

  // The exact codes on the atoms of a solver at λ; null where codes are ≥ 0, which the homotopy does not know, and
  // where those on the solver's own atoms wait until the picture stays.
  bestOf(name, lam) {
    const entry = this.all.get(name);
    if (!entry || entry.positive) return null;
    if (!entry.own) return this.codes(OPTIMUM, lam);
    return this.moves && !this.paths.has(entry.unit) ? null : this.best(this.unit(entry), this.seen(entry), lam);
  }

  // The numbers of a solver's codes at λ after T iterations, as `measured` has them; how `far` its F is above the
  // optimum, in % of it; and whether it has run `away`.
  numbers(name, lam, T) {
    const key = `${name} ${lam} ${name === OPTIMUM ? "" : T}`;
    if (!this.known.has(key)) {
      const entry = this.all.get(name);
      const codes = this.codes(name, lam, T);
      const numbers = measured(entry.problem, this.seen(entry), codes, lam, this.peak);
      const optimum = entry.exact ? numbers.F : this.numbers(OPTIMUM, lam, T).F;
      const away = !(numbers.F <= this.problem.view(this.x).square + 1e-6);
      const size = (weights) => weights.reduce((sum, s) => sum + Math.abs(s), 0);
      if (entry.refits) numbers.shrunk = 1 - size(this.codes(OPTIMUM, lam)) / Math.max(size(codes), 1e-12);
      const missing = (2 * numbers.loss) / (this.contrast || 1);
      this.known.set(key, { ...numbers, missing, far: excess(numbers.F, optimum), away });
    }
    return this.known.get(key);
  }

  // The first iteration, up to T, after which the codes of a solver are not finite; undefined where all are.
  failure(name, lam, T) {
    if (Number.isFinite(this.numbers(name, lam, T).F)) return undefined;
    return Array.from({ length: T + 1 }, (_, t) => t).find((t) => !this.codes(name, lam, t).every(Number.isFinite));
  }

  // Looks at a picture that may change at once again. `then` is called when it has been the same for RESTS ms.
  follow(x, then) {
    clearTimeout(this.resting);
    this.moves = true;
    this.resting = setTimeout(() => {
      this.moves = false;
      then();
    }, RESTS);
    return this.look(x);
  }

  // The distance of F to the optimum on the solver's own atoms, in %; undefined without such, null while it waits.
  own(name, lam, T) {
    const entry = this.all.get(name);
    if (!entry.own || entry.positive) return undefined;
    const codes = this.bestOf(name, lam);
    if (!codes) return null;
    const best = measured(this.unit(entry), this.seen(entry), codes, lam, 1).F;
    return excess(this.numbers(name, lam, T).F, best);
  }

  // One of these numbers in words (readings.js), or undefined. Of codes that are not finite, only that they run away.
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
    const entry = this.all.get(name);
    const [problem, x] = [entry.own ? this.unit(entry) : this.problem, this.seen(entry)];
    const measure = (codes) => ({ F: measured(problem, x, codes, lam, 1).F, gap: problem.gap(x, codes, lam) });
    const [F, bound] = [[], []];
    for (let t = 0; t <= T; t++) {
      const codes = this.codes(name, lam, t);
      const current = measure(entry.own ? codes.map((s, j) => s * entry.problem.norms[j]) : codes);
      F.push(current.F);
      bound.push(Math.max(bound.at(-1) ?? Number.NEGATIVE_INFINITY, current.F * (1 - current.gap)));
    }
    const best = measure(entry.own ? this.best(problem, x, lam) : this.codes(OPTIMUM, lam));
    this.known.set(key, { F, bound, best: best.F, gap: 100 * best.gap, own: entry.own });
    return this.known.get(key);
  }
}
