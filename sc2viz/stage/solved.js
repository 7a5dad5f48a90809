// A board that computes the codes that it shows, of one picture at any λ and T: those of the exact optimum and those of
// every solver whose graph it has. The picture may be one that the reader draws.
import { Board } from "./board.js";
import { parcels } from "./decode.js";
import { Path, Problem } from "./homotopy.js";
import { excess, lowest, measured } from "./measure.js";
import { reconstruct } from "./objective.js";
import { above, decibels, fourDigits, percent, side, wholePercent } from "./readings.js";
import { solverOf } from "./solve.js";

const [AWAY, WHY_AWAY] = ["runs away", "F is above 2 F(0). The safeguard stops it"]; // as in readings.py
const MINE = "Your drawing";

// The numbers of a column in words, by the names of comparison.READS.
const inWords = ({ F, psnr, share, loss, far, own, away }, contrast) => ({
  above: away ? AWAY : above(far),
  side: away ? WHY_AWAY : side(far),
  F: fourDigits(F),
  psnr: decibels(psnr),
  nonzeros: wholePercent(share),
  own: above(own),
  missing: `${percent((200 * loss) / (contrast || 1))} missing`,
});

export class Solved extends Board {
  async take(given, report, signal) {
    if (!(await super.take(given, report, signal))) return false;
    const { B, solvers } = this.data.computed;
    const [d_x, d_s] = B.size;
    const find = (name) => parcels.get(name);
    this.exact = new Problem(find(B.name), d_x, d_s);
    this.given = { x: this.x, first: this.x, n: this.data.x.size[0] };
    for (const [k, column] of this.columns.entries()) {
      const told = solvers[k];
      if (k === 0) continue;
      if (told?.graph) this.solve(column, told, find);
      else if (k === 1) Object.assign(column, { problem: this.exact, exact: true });
      if (column.problem) column.atoms = Float32Array.from(column.problem.atoms);
      column.made = new Float32Array(this.x.length);
    }
    return true;
  }

  solve(column, { graph, guard, own }, find) {
    const { d_x, d_s } = this.exact;
    const solver = solverOf(graph, find);
    column.solver = solver;
    column.problem = own ? new Problem(solver.dictionary, d_x, d_s) : this.exact;
    if (guard) solver.guard = { ...guard, atoms: Float32Array.from(column.problem.atoms) };
    if (!own) return;
    const { norms } = column.problem; // those of the optimum on its own atoms, which are of length 1
    const unit = solver.dictionary.map((value, at) => value / (norms[at % d_s] || 1));
    column.unit = new Problem(unit, d_x, d_s);
  }

  layOut() {
    super.layOut();
    this.reads = [...this.root.querySelectorAll("[data-reads]")].map((node) => {
      const [column, what] = node.dataset.reads.split(" ");
      return { node, column: Number(column), what };
    });
    this.alts ??= [...this.root.querySelectorAll("canvas")].map((canvas) => [canvas, canvas.ariaLabel]);
    const { subject } = this.data.computed;
    for (const [canvas, alt] of this.alts) canvas.ariaLabel = this.drawn ? alt.replace(subject, MINE) : alt;
    const legend = this.root.querySelector(".sc-legend span");
    if (legend) legend.textContent = this.drawn ? MINE : subject;
  }

  // Whether codes are computed here, and not taken from those at the stops.
  get computes() {
    return Boolean(this.drawn) || this.given?.n === 1;
  }

  // Looks at a picture (d_x,) that the reader has drawn; null: at those of the page again.
  look(x) {
    const [before, n] = [this.data.x.size[0], x ? 1 : this.given.n];
    const anew = Boolean(this.drawn) !== Boolean(x);
    Object.assign(this, { drawn: x, x: x ?? this.given.x });
    this.columns[0].made = this.x;
    if (before !== n) {
      this.data.x.size[0] = n;
      for (const column of this.columns.slice(1)) column.made = new Float32Array(this.x.length);
    }
    if (anew) this.layOut();
    this.paint(true);
  }

  paint(anew = false) {
    if (!this.data || !this.root.isConnected || !this.draw) return;
    if (!this.computes) {
      super.paint(anew);
      return this.said?.();
    }
    const { lam, T } = this.now;
    const [axis] = Object.keys(this.data.tops);
    if (!anew && lam === this.last?.lam && T === this.last.T) return;
    this.last = { lam, T };
    this.compute(lam, T);
    for (const draw of this.draw) draw(axis, 0);
    this.root.dataset.at = `${lam} ${T}`;
    this.said?.();
  }

  // Computes the codes of each column, what they make, and their numbers.
  compute(lam, T) {
    const { d_x, d_s } = this.exact;
    if (this.path?.x !== this.x) this.path = { x: this.x, exact: new Path(this.exact, this.x), own: new Map() };
    const mean = this.x.reduce((sum, value) => sum + value, 0) / d_x;
    this.contrast = this.x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const words = [];
    for (const [k, column] of this.columns.entries()) {
      if (k === 0) continue;
      if (!column.problem) {
        words[k] = this.stays(column);
        continue;
      }
      column.now = column.exact ? this.path.exact.at(lam) : column.solver.look(this.x, lam).codes(T);
      Object.assign(column, { from: 0, d_s });
      reconstruct(column.now, 0, 1, d_s, column.atoms, d_x, column.made, column.offset);
      column.numbers = this.numbersOf(column, column.now, lam);
      if (column.unit) column.numbers.own = excess(column.numbers.F, this.ownBest(column, lam));
      words[k] = inWords(column.numbers, this.contrast);
    }
    this.gap = this.exact.gap(this.x, this.columns[1].now, lam);
    for (const { node, column, what } of this.reads) {
      const text = words[column] ? words[column][what] : undefined;
      if (text !== undefined) node.textContent = text;
    }
  }

  // The picture that the atoms of a column reconstruct: x without its offset.
  seen(column) {
    if (!column.offset) return this.x;
    if (column.shifted?.of !== this.x) {
      const rest = this.x.map((value, k) => value - column.offset[k]);
      column.shifted = { of: this.x, rest };
    }
    return column.shifted.rest;
  }

  numbersOf(column, codes, lam) {
    const found = measured(column.problem, this.seen(column), codes, lam, this.data.computed.peak);
    const best = column.exact ? found.F : this.columns[1].numbers.F;
    const { square } = this.exact.view(this.x);
    return { ...found, far: excess(found.F, best), away: !(found.F <= square + 1e-6) };
  }

  // F of the exact optimum on a solver's own atoms.
  ownBest(column, lam) {
    const [{ unit }, x] = [column, this.seen(column)];
    if (!this.path.own.has(unit)) this.path.own.set(unit, new Path(unit, x));
    return measured(unit, x, this.path.own.get(unit).at(lam), lam, 1).F;
  }

  // A column without a graph has codes at the stops for the page's own picture, and none for another.
  stays(column) {
    const at = Object.values(column.codes)[0];
    const [count, , d_s] = at.size;
    const place = this.position;
    const there = this.x === this.given.first && place;
    Object.assign(column, {
      d_s,
      from: there ? (place.k % count) * d_s : 0,
      now: there ? at.values : new Float32Array(d_s),
    });
    reconstruct(column.now, column.from, 1, d_s, column.atoms, this.exact.d_x, column.made, column.offset);
    if (!there) return new Proxy({}, { get: () => "–" });
    for (const [put, texts] of this.moving)
      if (texts[place.axis]) put(texts[place.axis][place.k % texts[place.axis].length]);
    return null;
  }

  // Distances to the optimum at λ after each of the iterations T, for the solvers of these columns.
  distances(columns, lam, T) {
    return columns.map((k) => {
      const column = this.columns[k];
      if (!column.solver) return null;
      const codes = column.solver.look(this.x, lam);
      return T.map((each) => this.numbersOf(column, codes.codes(each), lam).far);
    });
  }

  // The share of non-zeros and the PSNR of these columns at any λ, after T iterations.
  along(columns, lam, T) {
    return columns.map((k) => {
      const { exact, solver, problem } = this.columns[k];
      const codes = exact ? this.path.exact.at(lam) : solver.look(this.x, lam).codes(T);
      const { share, psnr } = measured(problem, this.x, codes, lam, this.data.computed.peak);
      return [share, psnr];
    });
  }

  // The sentence that compares the solvers of these columns, and their distances now.
  sentence(columns, where) {
    const now = columns
      .filter((k) => this.columns[k].numbers)
      .map((k) => [this.data.computed.solvers[k].label, this.columns[k].numbers.far]);
    return lowest(where, now);
  }
}
