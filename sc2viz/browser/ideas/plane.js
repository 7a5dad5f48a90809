// The plane of two atoms' weights, for Why zeros. Nothing here needs a page.
import { IN_USE } from "../measure.js";

const NO_AREA = 1e-10; // as in refitting.py, which explains the choice of two atoms
const [OVERLAP, BESIDE] = [0.35, 0.5];

// bⱼᵀ(x − B s) of every atom.
const left = (problem, x, codes) => {
  const [{ projection }, used] = [problem.view(x), problem.timesGram(codes)];
  return projection.map((value, j) => value - used[j]);
};

// Two atoms that show in their plane why a weight of x's exact code is zero, as refitting.pair has them; null without.
export const pair = (problem, x, codes) => {
  const { d_s, gram, norms } = problem;
  const rest = left(problem, x, codes);
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

// The Gram matrix of two atoms, and for each of the exact codes the two weights at which the loss is least, as
// refitting.plane has them.
export const plane = (problem, x, codes, [i, j]) => {
  const at = (k, m) => problem.gram[k * problem.d_s + m];
  const gram = [
    [at(i, i), at(i, j)],
    [at(j, i), at(j, j)],
  ];
  const centres = codes.map((each) => {
    const rest = left(problem, x, each);
    const det = at(i, i) * at(j, j) - at(i, j) ** 2;
    return [
      each[i] + (at(j, j) * rest[i] - at(i, j) * rest[j]) / det,
      each[j] + (at(i, i) * rest[j] - at(i, j) * rest[i]) / det,
    ];
  });
  return { gram, centres };
};
