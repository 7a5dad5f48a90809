// The dual of the Lasso in the plane: the points u with |bᵀu| ≤ λ for every atom b are a polygon, and the residual of
// the optimum is the point of it nearest to x. Nothing here needs a page.

const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const ROUNDING = 1e-9;

// The point that lies on bᵀu = p and on cᵀu = q.
const crossing = (b, p, c, q) => {
  const det = b[0] * c[1] - b[1] * c[0];
  return [(p * c[1] - q * b[1]) / det, (q * b[0] - p * c[0]) / det];
};

// The sides ±bᵀu ≤ λ of all atoms as [number of the atom, outward normal].
const sides = (atoms) =>
  atoms.flatMap((b, j) => [
    [j, b],
    [j, b.map((each) => -each)],
  ]);
const within = (atoms, lam, u) => atoms.every((b) => Math.abs(dot(b, u)) <= lam * (1 + ROUNDING));

// The corners of the polygon, counterclockwise: crossings of two sides that no other side cuts off.
export const corners = (atoms, lam) => {
  const found = [];
  const all = sides(atoms);
  for (const [k, [j, b]] of all.entries())
    for (const [i, c] of all.slice(k + 1)) {
      if (i === j || Math.abs(b[0] * c[1] - b[1] * c[0]) < ROUNDING) continue;
      const u = crossing(b, lam, c, lam);
      if (within(atoms, lam, u)) found.push(u);
    }
  return found.sort((a, b) => Math.atan2(a[1], a[0]) - Math.atan2(b[1], b[0]));
};

// The point u of the polygon nearest to x, and the weights s (one an atom) of x − u = Σ sⱼ bⱼ: an atom has one if u
// touches one of its sides.
export const project = (atoms, lam, x) => {
  const none = atoms.map(() => 0);
  if (within(atoms, lam, x)) return { u: [...x], s: none };
  let best = null;
  const take = (u, s) => {
    const far = Math.hypot(x[0] - u[0], x[1] - u[1]);
    if (within(atoms, lam, u) && (!best || far < best.far - ROUNDING)) best = { far, u, s };
  };
  const all = sides(atoms);
  for (const [j, b] of all) {
    const beyond = (dot(b, x) - lam) / dot(b, b);
    if (beyond > 0)
      take(
        x.map((each, k) => each - beyond * b[k]),
        none.map((_, k) => (k === j ? beyond * Math.sign(dot(b, atoms[j])) : 0)),
      );
  }
  for (const [k, [j, b]] of all.entries())
    for (const [i, c] of all.slice(k + 1)) {
      const det = b[0] * c[1] - b[1] * c[0];
      if (i === j || Math.abs(det) < ROUNDING) continue;
      const u = crossing(b, lam, c, lam);
      const rest = [x[0] - u[0], x[1] - u[1]];
      const [p, q] = [(rest[0] * c[1] - rest[1] * c[0]) / det, (rest[1] * b[0] - rest[0] * b[1]) / det];
      if (p < 0 || q < 0) continue; // x is not in front of this corner
      const s = [...none];
      s[j] = p * Math.sign(dot(b, atoms[j]));
      s[i] = q * Math.sign(dot(c, atoms[i]));
      take(u, s);
    }
  return { u: best.u, s: best.s };
};
