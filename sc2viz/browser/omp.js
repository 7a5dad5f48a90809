// OMP, a search that chooses by what it finds, as solvers/omp.py does it and explains it. Nothing here needs a page.
import { Problem, Support } from "./homotopy.js";

const TINY = 10 * 2 ** -23; // what rounding makes of nothing, in the precision of the solver

export class Pursuit {
  constructor({ search, dictionary }, find) {
    this.epsilon = search.epsilon;
    this.dictionary = find(dictionary.name);
    this.problem = new Problem(this.dictionary, dictionary.size[0]);
  }

  // Looks at a picture x (d_x,); λ does not matter.
  look(x) {
    if (x === this.x) return this;
    const { problem } = this;
    Object.assign(this, { x, support: new Support(problem) }, problem.view(x));
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
    const { problem, projection, free, support } = this;
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
    if (!support.enter(best, 1, TINY)) return codes;
    return support.fit(projection, new Float32Array(d_s));
  }
}
