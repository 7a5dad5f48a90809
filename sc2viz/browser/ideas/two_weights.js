// The Lasso in two weights, whose smooth part is ½ (s − c)ᵀ G (s − c), and the same with ℓ2. Nothing here needs a page.

const quadratic = ([[a, g], [, b]], x, y) => a * x * x + 2 * g * x * y + b * y * y;
const inverse = ([[a, g], [, b]], [x, y]) => {
  const det = a * b - g * g;
  return [(b * x - g * y) / det, (a * y - g * x) / det];
};
const soft = (value, lam) => Math.sign(value) * Math.max(0, Math.abs(value) - lam);

// The minimum of ½ (s − c)ᵀ G (s − c) + λ‖s‖₁: the best of those on the axes and those with a sign each.
export const lasso2 = (G, c, lam) => {
  const [[a, g], [, b]] = G;
  const F = ([x, y]) => quadratic(G, x - c[0], y - c[1]) / 2 + lam * (Math.abs(x) + Math.abs(y));
  const found = [
    [0, 0],
    [soft(a * c[0] + g * c[1], lam) / a, 0],
    [0, soft(g * c[0] + b * c[1], lam) / b],
  ];
  for (const signs of [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ]) {
    const moved = inverse(
      G,
      signs.map((sign) => lam * sign),
    );
    const s = [c[0] - moved[0], c[1] - moved[1]];
    if (s[0] * signs[0] > 0 && s[1] * signs[1] > 0) found.push(s);
  }
  return found.reduce((best, s) => (F(s) < F(best) - 1e-15 ? s : best));
};

// The minimum of ½ (s − c)ᵀ G (s − c) + ½ λ‖s‖²: (G + λI)⁻¹ G c.
export const ridge2 = ([[a, g], [, b]], c, lam) =>
  inverse(
    [
      [a + lam, g],
      [g, b + lam],
    ],
    [a * c[0] + g * c[1], g * c[0] + b * c[1]],
  );

// The contour of the smooth part through s: its radii along the axes of the ellipse, how far it reaches along the axes
// of the plane, and the angle of its first axis, in degrees.
export const contour = (G, c, s) => {
  const [[a, g], [, b]] = G;
  const level = Math.sqrt(Math.max(0, quadratic(G, s[0] - c[0], s[1] - c[1])));
  const [mean, apart] = [(a + b) / 2, Math.hypot((a - b) / 2, g)];
  const det = Math.max(a * b - g * g, 1e-12);
  return {
    radii: [level / Math.sqrt(mean + apart), level / Math.sqrt(Math.max(mean - apart, 1e-12))],
    reach: [level * Math.sqrt(b / det), level * Math.sqrt(a / det)],
    turn: (Math.atan2(2 * g, a - b) * 90) / Math.PI,
  };
};
