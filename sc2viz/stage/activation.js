// Shrinkage, double tanh, their derivatives, and the fit of one to the other, as in activations.py. No DOM.

export const shrinkage = [
  (c, { theta }) => Math.sign(c) * Math.max(0, Math.abs(c) - theta),
  (c, { theta }) => Number(Math.abs(c) > theta),
  () => 0,
]; // by the order of the derivative

export const doubleTanh = [
  (c, { D, u }) => D * (Math.tanh(c + u) + Math.tanh(c - u)),
  (c, { D, u }) => D * (2 - Math.tanh(c + u) ** 2 - Math.tanh(c - u) ** 2),
  (c, { D, u }) => {
    const [right, left] = [Math.tanh(c + u), Math.tanh(c - u)];
    return -2 * D * (right * (1 - right ** 2) + left * (1 - left ** 2));
  },
];

// `count` numbers from −radius to radius.
export const between = (radius, count = 201) => Array.from({ length: count }, (_, k) => radius * ((2 * k) / (count - 1) - 1));

// The root mean square of what they differ by on [−R, R].
export const apart = (at) => {
  const c = between(at.R);
  return Math.sqrt(c.reduce((sum, v) => sum + (doubleTanh[0](v, at) - shrinkage[0](v, at)) ** 2, 0) / c.length);
};

// The D and u that differ least, by Levenberg and Marquardt in their logarithms, between e⁻⁶ and e³; null where θ ≥ R.
export const fit = ({ theta, R }) => {
  if (!(theta < R)) return null;
  const c = between(R);
  const at = ([a, b]) => ({ theta, R, D: Math.exp(a), u: Math.exp(b) });
  let [best, damping] = [[0, 0], 1e-3];
  let least = apart(at(best));
  for (let k = 0; k < 300 && damping < 1e12; k++) {
    const now = at(best);
    let [aa, ab, bb, a, b] = [0, 0, 0, 0, 0];
    for (const v of c) {
      const h = doubleTanh[0](v, now);
      const slope = now.D * now.u * (Math.tanh(v - now.u) ** 2 - Math.tanh(v + now.u) ** 2);
      const wrong = h - shrinkage[0](v, now);
      [aa, ab, bb, a, b] = [aa + h * h, ab + h * slope, bb + slope * slope, a + h * wrong, b + slope * wrong];
    }
    [aa, bb] = [aa * (1 + damping) + 1e-300, bb * (1 + damping) + 1e-300];
    const det = aa * bb - ab * ab;
    const steps = [(bb * a - ab * b) / det, (aa * b - ab * a) / det];
    const next = best.map((value, n) => Math.max(-6, Math.min(3, value - steps[n])));
    const found = apart(at(next));
    if (found < least) {
      const done = least - found < 1e-9 * least;
      [best, least, damping] = [next, found, damping / 4];
      if (done) break;
    } else damping *= 4;
  }
  const { D, u } = at(best);
  return { D, u };
};
