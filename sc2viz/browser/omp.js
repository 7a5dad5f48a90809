// OMP, a search that chooses by what it finds, as solvers/omp.py does it and explains it: G = BᵀB, G_SS = L Lᵀ. Nothing
// here needs a page.
import { Problem } from "./homotopy.js";

const TINY = 10 * 2 ** -23; // what rounding makes of nothing, in the precision of the solver

export class Pursuit {
  constructor({ search, dictionary }, find) {
    const [d_x, d_s] = dictionary.size;
    this.epsilon = search.epsilon;
    this.dictionary = find(dictionary.name);
    this.problem = new Problem(this.dictionary, d_x, d_s);
  }

  // Looks at a picture x (d_x,); λ does not matter.
  look(x) {
    if (x === this.x) return this;
    const { problem } = this;
    Object.assign(this, { x, L: [], y: [], atoms: [] }, problem.view(x));
    this.free = Array.from({ length: problem.d_s }, (_, j) => problem.gram[j * (problem.d_s + 1)] > 0);
    this.found = [new Float32Array(problem.d_s)];
    return this;
  }

  // The codes (d_s,) with T atoms.
  codes(T) {
    while (this.found.length <= T) this.found.push(this.next(this.found.at(-1)));
    return this.found[T];
  }

  next(codes) {
    const { problem, projection, free, L, y, atoms } = this;
    const { gram, d_s } = problem;
    const used = problem.timesGram(codes);
    let [square, best, gain] = [this.square, -1, 0];
    for (let j = 0; j < d_s; j++) {
      const left = projection[j] - used[j];
      square -= codes[j] * (projection[j] + left);
      const size = free[j] ? Math.abs(left) / Math.sqrt(gram[j * d_s + j]) : -1;
      if (size > gain) [best, gain] = [j, size];
    }
    if (best < 0 || !(square > Math.max(TINY * this.square, this.epsilon ** 2))) return codes;
    free[best] = false;
    const row = [];
    let pivot = gram[best * d_s + best];
    const own = pivot;
    let rest = projection[best];
    for (const [k, atom] of atoms.entries()) {
      let value = gram[atom * d_s + best];
      for (let m = 0; m < k; m++) value -= L[k][m] * row[m];
      row.push(value / L[k][k]);
      pivot -= row[k] ** 2;
      rest -= row[k] * y[k];
    }
    if (!(pivot > TINY * own)) return codes;
    L.push([...row, Math.sqrt(pivot)]);
    y.push(rest / Math.sqrt(pivot));
    atoms.push(best);
    const [found, size] = [Float32Array.from(codes).fill(0), atoms.length];
    const values = new Float64Array(size);
    for (let k = size - 1; k >= 0; k--) {
      values[k] = y[k];
      for (let m = k + 1; m < size; m++) values[k] -= L[m][k] * values[m];
      values[k] /= L[k][k];
      found[atoms[k]] = values[k];
    }
    return found;
  }
}
