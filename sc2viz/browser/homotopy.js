// The exact codes of a picture at every λ, followed from λ_max down, knot by knot, as exact/homotopy.py does it and
// explains it: F(s) = ½‖x − B s‖² + λ‖s‖₁, G = BᵀB, c = Bᵀx − G s. Everything is in float64. Nothing here needs a page.
import { reconstruct } from "./objective.js";

const CLOSE = 1e-6; // an atom is close to the span of the support below this share of its squared length
const DEPENDENT = 1e-12; // and stays out below this one
const REFRESH = 16; // after so many knots, codes and correlations are computed afresh
const EXACT = 1e-12; // codes are improved where a condition of optimality fails by a larger share of λ

// What the pictures of a dictionary B (d_x, d_s) share: its atoms as rows, and the Gram matrix, row by row.
export class Problem {
  constructor(B, d_x) {
    const d_s = B.length / d_x;
    Object.assign(this, { B, d_x, d_s });
    this.atoms = new Float64Array(d_x * d_s);
    for (let k = 0; k < d_x; k++) for (let j = 0; j < d_s; j++) this.atoms[j * d_x + k] = B[k * d_s + j];
    this.gram = new Float64Array(d_s * d_s);
    for (let j = 0; j < d_s; j++)
      for (let i = 0; i <= j; i++) this.gram[j * d_s + i] = this.gram[i * d_s + j] = this.inner(i, this.atoms, j * d_x);
    this.norms = Float64Array.from({ length: d_s }, (_, j) => Math.sqrt(this.gram[j * (d_s + 1)]));
  }

  // b_jᵀ of the numbers that begin at `from`.
  inner(j, numbers, from = 0) {
    let sum = 0;
    for (let k = 0, at = j * this.d_x; k < this.d_x; k++, at++) sum += this.atoms[at] * numbers[from + k];
    return sum;
  }

  // Bᵀx and ‖x‖² of a picture, which are kept for the last one.
  view(x) {
    if (x === this.seen?.x) return this.seen;
    const { B, d_x, d_s } = this;
    const projection = new Float64Array(d_s);
    let square = 0;
    for (let k = 0; k < d_x; k++) {
      if (x[k] === 0) continue;
      square += x[k] ** 2;
      for (let j = 0, at = k * d_s; j < d_s; j++, at++) projection[j] += x[k] * B[at];
    }
    this.seen = { x, projection, square };
    return this.seen;
  }

  // G s of codes, without those that are zero.
  timesGram(codes, out = new Float64Array(this.d_s)) {
    return reconstruct(codes, 0, 1, this.d_s, this.gram, this.d_s, out);
  }

  // ‖B s‖² of codes, from the entries of G between those that are not zero.
  energy(codes) {
    const { gram, d_s } = this;
    let [used, sum] = [[], 0];
    for (let j = 0, row = 0; j < d_s; j++, row += d_s) {
      if (codes[j] === 0) continue;
      let dot = (codes[j] * gram[row + j]) / 2;
      for (let u = 0; u < used.length; u++) dot += codes[used[u]] * gram[row + used[u]];
      sum += 2 * codes[j] * dot;
      used.push(j);
    }
    return sum;
  }

  // The duality gap of codes relative to F: certificates.py.
  gap(x, codes, lam) {
    const { projection, square } = this.view(x);
    const c = this.timesGram(codes).map((value, j) => projection[j] - value);
    const largest = c.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0);
    const scale = largest > lam ? lam / largest : 1;
    let [rest, price, dot] = [square, 0, 0];
    for (let j = 0; j < this.d_s; j++) {
      rest -= codes[j] * (projection[j] + c[j]);
      price += lam * Math.abs(codes[j]);
      dot += lam * Math.abs(codes[j]) - scale * codes[j] * c[j];
    }
    rest = Math.max(rest, 0);
    const gap = Math.max(((1 - scale) ** 2 * rest) / 2 + dot, 0);
    return gap > 0 ? gap / (rest / 2 + price) : 0;
  }
}

// The lower half of G_AA⁻¹ of the support, atom by atom.
export class Support {
  constructor(problem) {
    this.problem = problem;
    Object.assign(this, { active: [], sign: [], direction: [], inverse: [] });
  }

  times(weights) {
    const out = new Float64Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const row = this.inverse[i];
      for (let j = 0; j < i; j++) {
        out[i] += row[j] * weights[j];
        out[j] += row[j] * weights[i];
      }
      out[i] += row[i] * weights[i];
    }
    return out;
  }

  // Least squares on the atoms of the support, with Bᵀx as `projection`, into `codes`, which are 0 elsewhere.
  fit(projection, codes) {
    const weights = this.times(this.active.map((j) => projection[j]));
    for (const [k, j] of this.active.entries()) codes[j] = weights[k];
    return codes;
  }

  // The squared distance of atom j from the span of the support. The weights `w` of its projection are improved once.
  distance(j, w) {
    const { problem, active } = this;
    const { atoms, d_x } = problem;
    const rest = atoms.slice(j * d_x, (j + 1) * d_x);
    const take = (weights) => {
      for (let i = 0; i < active.length; i++)
        for (let k = 0, at = active[i] * d_x; k < d_x; k++, at++) rest[k] -= weights[i] * atoms[at];
    };
    take(w);
    const change = this.times(active.map((i) => problem.inner(i, rest)));
    take(change);
    for (let i = 0; i < active.length; i++) w[i] += change[i];
    return rest.reduce((sum, value) => sum + value * value, 0);
  }

  // Takes atom j in, with its sign; false where less than the share `least` of its squared length is its own.
  enter(j, sign, least = DEPENDENT) {
    const { problem, active } = this;
    const { gram, d_s } = problem;
    const [square, column] = [gram[j * d_s + j], active.map((i) => gram[j * d_s + i])];
    const w = this.times(column);
    let rest = square - column.reduce((sum, value, i) => sum + value * w[i], 0);
    if (!(rest > CLOSE * square)) rest = this.distance(j, w);
    if (!(rest > least * square)) return false;
    const last = w.reduce((sum, value, i) => sum - value * this.sign[i], sign) / rest;
    for (let i = 0; i < active.length; i++) {
      const [row, share] = [this.inverse[i], w[i] / rest];
      for (let m = 0; m <= i; m++) row[m] += share * w[m];
      this.direction[i] -= last * w[i];
    }
    this.inverse.push([...Array.from(w, (value) => -value / rest), 1 / rest]);
    active.push(j);
    this.sign.push(sign);
    this.direction.push(last);
    return true;
  }

  // Removes the atom at place p; the last one moves to that place.
  leave(p) {
    const last = this.active.length - 1;
    const at = (i, m) => (i > m ? this.inverse[i][m] : this.inverse[m][i]);
    const border = Array.from({ length: last }, (_, m) => at(p, m === p ? last : m));
    const corner = this.inverse[p][p];
    if (p < last) {
      const moved = Array.from({ length: last }, (_, m) => at(last, m === p ? last : m));
      for (let m = 0; m < last; m++) this.inverse[Math.max(m, p)][Math.min(m, p)] = moved[m];
    }
    const gone = this.direction[p];
    for (const list of [this.active, this.sign, this.direction]) {
      list[p] = list[last];
      list.pop();
    }
    this.inverse.pop();
    for (let i = 0; i < last; i++) {
      const [row, share] = [this.inverse[i], border[i] / corner];
      for (let m = 0; m <= i; m++) row[m] -= share * border[m];
      this.direction[i] -= share * gone;
    }
  }
}

export class Path {
  constructor(problem, x) {
    Object.assign(this, { problem, support: new Support(problem), events: 0, left: 0, leftSign: 0 });
    const { d_x, d_s } = problem;
    this.projection = problem.view(x).projection;
    this.c = Float64Array.from(this.projection);
    [this.codes, this.slope] = [new Float64Array(d_s), new Float64Array(d_s)];
    this.free = new Array(d_s).fill(true);
    this.lam = this.c.reduce((most, value) => Math.max(most, Math.abs(value)), 0); // λ_max
    this.limit = 10 * Math.min(d_x, d_s);
    this.knots = [{ lam: this.lam, codes: Float64Array.from(this.codes) }];
  }

  // The codes (d_s,) at λ > 0, which are linear between two knots.
  at(lam) {
    while (this.lam > lam && this.events < this.limit) this.follow();
    const { knots } = this;
    let k = knots.length - 1;
    while (k > 0 && knots[k - 1].lam <= lam) k--;
    if (k === 0 || knots[k].lam > lam) return knots[k].codes;
    const [above, below] = [knots[k - 1], knots[k]];
    const share = (above.lam - lam) / (above.lam - below.lam);
    return above.codes.map((value, j) => value + share * (below.codes[j] - value));
  }

  // (fall of λ, atom, sign) at which the correlation of a free atom next reaches ±λ; the one that left last moves away.
  entering() {
    const { c, slope, lam, free, left, leftSign } = this;
    let [first, atom, sign] = [Number.POSITIVE_INFINITY, -1, 0];
    for (let j = 0; j < c.length; j++) {
      if (!free[j]) continue;
      const barred = j === left ? leftSign : 0;
      const up = 1 + slope[j] > 0 && barred <= 0 ? Math.max(lam - c[j], 0) / (1 + slope[j]) : first;
      if (up < first) [first, atom, sign] = [up, j, 1];
      const down = 1 - slope[j] > 0 && barred >= 0 ? Math.max(lam + c[j], 0) / (1 - slope[j]) : first;
      if (down < first) [first, atom, sign] = [down, j, -1];
    }
    return [first, atom, sign];
  }

  // Goes to the next knot.
  follow() {
    const { problem, support, codes, c, slope } = this;
    const { active, direction } = support;
    const moved = new Float64Array(problem.d_s);
    for (let i = 0; i < active.length; i++) moved[active[i]] = direction[i];
    problem.timesGram(moved, slope);
    for (let j = 0; j < slope.length; j++) slope[j] = -slope[j];
    let [fall, atom, sign] = this.entering();
    if (active.length === Math.min(problem.d_x, problem.d_s)) fall = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let i = 0; i < active.length; i++) {
      if (direction[i] * support.sign[i] >= 0) continue;
      const until = Math.max(-codes[active[i]] / direction[i], 0);
      if (until < fall) [fall, place] = [until, i];
    }
    const arrived = !(fall < this.lam);
    fall = Math.min(fall, this.lam);
    this.lam -= fall;
    for (let i = 0; i < active.length; i++) codes[active[i]] += fall * direction[i];
    for (let j = 0; j < c.length; j++) c[j] += fall * slope[j];
    this.leftSign = 0;
    this.events++;
    if (arrived) this.lam = 0;
    else if (place >= 0) {
      [this.left, this.leftSign] = [active[place], support.sign[place]];
      codes[this.left] = 0;
      support.leave(place);
      this.free.fill(true);
      for (const j of active) this.free[j] = false;
    } else {
      this.free[atom] = false;
      support.enter(atom, sign);
    }
    if (this.events % REFRESH === 0) this.refresh();
    if (fall > 0) this.knots.push({ lam: this.lam, codes: Float64Array.from(codes) });
  }

  // Computes c afresh and improves the codes by s_A ← s_A + G_AA⁻¹(c_A − λ z_A).
  refresh() {
    const { problem, support, codes, c, projection, lam } = this;
    for (let attempt = 0; attempt < 3; attempt++) {
      problem.timesGram(codes, c);
      for (let j = 0; j < c.length; j++) c[j] = projection[j] - c[j];
      const wrong = support.active.map((j, i) => c[j] - lam * support.sign[i]);
      const most = Math.max(0, ...c.map((value) => Math.abs(value) - lam), ...wrong.map(Math.abs));
      if (most <= EXACT * lam || attempt === 2) break;
      const change = support.times(wrong);
      for (const [i, j] of support.active.entries()) codes[j] += change[i];
    }
    support.direction.splice(0, support.direction.length, ...support.times(support.sign));
  }
}
