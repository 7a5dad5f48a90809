// The plane of two atoms' weights, for Why zeros. Nothing here needs a page.
import { IN_USE } from "../measure.js";

const NO_AREA = 1e-10; // as in refitting.py, which explains the choice of two atoms
const [OVERLAP, BESIDE] = [0.35, 0.5];

// bⱼᵀ(x − B s) of every atom.
const restOf = (problem, x, codes) => {
  const [{ projection }, used] = [problem.view(x), problem.timesGram(codes)];
  return projection.map((value, j) => value - used[j]);
};

// Two atoms that show in their plane why a weight of x's exact code is zero, as refitting.pair has them; null without.
export const pair = (problem, x, codes) => {
  const { d_s, gram, norms } = problem;
  const rest = restOf(problem, x, codes);
  const all = [...codes.keys()].filter((j) => norms[j] > 0);
  let one = all.filter((j) => Math.abs(codes[j]) > IN_USE);
  let other = all.filter((j) => !one.includes(j));
  if (one.length === d_s) other = [one.reduce((least, j) => (Math.abs(codes[j]) < Math.abs(codes[least]) ? j : least))];
  one = one.filter((j) => !other.includes(j));
  let [found, best] = [null, Number.POSITIVE_INFINITY];
  for (const i of one)
    for (const j of other) {
      const [a, b, g, r, q] = [norms[i] ** 2, norms[j] ** 2, gram[i * d_s + j], rest[i], rest[j]];
      const det = Math.max(a * b - g ** 2, NO_AREA);
      const alone = codes[j] + (a * q - g * r) / det;
      const level = (b * r ** 2 - 2 * g * r * q + a * q ** 2) / det;
      const size = Math.abs(codes[i]);
      const wrong =
        Math.abs(Math.log(Math.abs(alone) / size / BESIDE)) +
        Math.abs(Math.log(Math.sqrt((level * b) / det) / size)) +
        Math.abs(Math.abs(g) / Math.sqrt(a * b) - OVERLAP) +
        (codes[i] < 0 || alone < 0 ? 0.5 : 0);
      if (wrong < best) [found, best] = [[i, j], wrong];
    }
  return found;
};

// The Gram matrix of two atoms, and their weights of least loss for each of the codes, as refitting.plane has them.
export const plane = (problem, x, codes, [i, j]) => {
  const at = (k, m) => problem.gram[k * problem.d_s + m];
  const [a, b, g] = [at(i, i), at(j, j), at(i, j)];
  const centres = codes.map((code) => {
    const rest = restOf(problem, x, code);
    const det = a * b - g ** 2;
    return [code[i] + (b * rest[i] - g * rest[j]) / det, code[j] + (a * rest[j] - g * rest[i]) / det];
  });
  return { gram: [i, j].map((k) => [at(k, i), at(k, j)]), centres };
};
