// Shrinkage, double tanh, their derivatives, and the fit of one to the other, as in activations.py.

const [LOW, HIGH] = [-6, 3]; // the bounds of log D and log u in the fit

// Shrinkage at c, its first and its second derivative.
export const shrinkage = [
  (c, { theta }) => Math.sign(c) * Math.max(0, Math.abs(c) - theta),
  (c, { theta }) => Number(Math.abs(c) > theta),
  () => 0,
];

// Double tanh at c, its first and its second derivative.
export const doubleTanh = [
  (c, { D, u }) => D * (Math.tanh(c + u) + Math.tanh(c - u)),
  (c, { D, u }) => D * (2 - Math.tanh(c + u) ** 2 - Math.tanh(c - u) ** 2),
  (c, { D, u }) => {
    const [right, left] = [Math.tanh(c + u), Math.tanh(c - u)];
    return -2 * D * (right * (1 - right ** 2) + left * (1 - left ** 2));
  },
];

// `count` numbers from −radius to radius, at equal distances.
export const between = (radius, count = 201) =>
  Array.from({ length: count }, (_, k) => radius * ((2 * k) / (count - 1) - 1));

// The root mean square of the difference between shrinkage and double tanh on [−R, R].
export const apart = (at) => {
  const c = between(at.R);
  return Math.sqrt(c.reduce((sum, v) => sum + (doubleTanh[0](v, at) - shrinkage[0](v, at)) ** 2, 0) / c.length);
};

// The D and u with which double tanh differs least from shrinkage on [−R, R]; null where θ ≥ R. As in activations.py,
// only u is searched, because the best D for each u has a closed form. `most` has the bounds of D and u.
export const fit = ({ theta, R }, most = {}) => {
  if (!(theta < R)) return null;
  const c = between(R).filter((v) => v > 0); // one half is enough, because both curves are odd
  const target = c.map((v) => shrinkage[0](v, { theta }));
  const top = Math.min(HIGH, Math.log(most.D ?? Number.POSITIVE_INFINITY));
  const best = (log) => {
    const u = Math.exp(log);
    const h = c.map((v) => doubleTanh[0](v, { D: 1, u }));
    const [along, size] = [h.reduce((sum, v, k) => sum + v * target[k], 0), h.reduce((sum, v) => sum + v * v, 1e-300)];
    const D = Math.exp(Math.max(LOW, Math.min(top, Math.log(along / size))));
    return { log, D, u, wrong: h.reduce((sum, v, k) => sum + (D * v - target[k]) ** 2, 0) };
  };
  let [low, high, found] = [LOW, Math.min(HIGH, Math.log(most.u ?? Number.POSITIVE_INFINITY))];
  for (let k = 0; k < 8; k++) {
    const tried = Array.from({ length: 41 }, (_, k) => best(low + ((high - low) * k) / 40));
    found = tried.reduce((least, one) => (one.wrong < least.wrong ? one : least));
    const at = tried.indexOf(found);
    [low, high] = [tried[Math.max(0, at - 1)].log, tried[Math.min(40, at + 1)].log];
  }
  return { D: found.D, u: found.u };
};
