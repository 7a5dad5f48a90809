// The dual of the Lasso in the plane: the points u with |bᵀu| ≤ λ for every atom b are a polygon, and the residual of
// the optimum is the point of it nearest to x. Nothing here needs a page.

const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const ROUNDING = 1e-9;

// The sides ±bᵀu ≤ λ of all atoms as [number of the atom, outward normal].
const sides = (atoms) => atoms.flatMap((b, j) => [1, -1].map((sign) => [j, b.map((value) => sign * value)]));
// The points u in which two sides of different atoms cross, with both sides and their determinant.
const crossings = (atoms, lam) => {
  const lines = sides(atoms);
  const pairs = lines.flatMap((line, k) => lines.slice(k + 1).map((other) => [line, other]));
  return pairs.flatMap(([[j, b], [i, c]]) => {
    const det = b[0] * c[1] - b[1] * c[0];
    if (i === j || Math.abs(det) < ROUNDING) return [];
    return [{ u: [(lam * (c[1] - b[1])) / det, (lam * (b[0] - c[0])) / det], j, b, i, c, det }];
  });
};
const within = (atoms, lam, u) => atoms.every((b) => Math.abs(dot(b, u)) <= lam * (1 + ROUNDING));

// The corners of the polygon, counterclockwise: crossings of two sides that no other side cuts off.
export const corners = (atoms, lam) => {
  const inside = crossings(atoms, lam).flatMap(({ u }) => (within(atoms, lam, u) ? [u] : []));
  return inside.sort((a, b) => Math.atan2(a[1], a[0]) - Math.atan2(b[1], b[0]));
};

// The point u of the polygon nearest to x, and the weights s of x − u = Σ sⱼ bⱼ: not 0 where u touches a side of bⱼ.
export const project = (atoms, lam, x) => {
  const none = atoms.map(() => 0);
  if (within(atoms, lam, x)) return { u: [...x], s: none };
  let best = null;
  const take = (u, s) => {
    const far = Math.hypot(x[0] - u[0], x[1] - u[1]);
    if (within(atoms, lam, u) && (!best || far < best.far - ROUNDING)) best = { far, u, s };
  };
  for (const [j, b] of sides(atoms)) {
    const beyond = (dot(b, x) - lam) / dot(b, b);
    const foot = x.map((value, k) => value - beyond * b[k]);
    if (beyond > 0) take(foot, none.with(j, beyond * Math.sign(dot(b, atoms[j]))));
  }
  for (const { u, j, b, i, c, det } of crossings(atoms, lam)) {
    const rest = [x[0] - u[0], x[1] - u[1]];
    const [p, q] = [(rest[0] * c[1] - rest[1] * c[0]) / det, (rest[1] * b[0] - rest[0] * b[1]) / det];
    if (p < 0 || q < 0) continue; // x is not in front of this corner
    take(u, none.with(j, p * Math.sign(dot(b, atoms[j]))).with(i, q * Math.sign(dot(c, atoms[i]))));
  }
  return { u: best.u, s: best.s };
};
