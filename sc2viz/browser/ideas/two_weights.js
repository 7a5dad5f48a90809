// The Lasso in two weights, whose smooth part is ½ (s − c)ᵀ G (s − c), and the same with ℓ2. Nothing here needs a page.

const quadratic = ([[a, g], [, b]], x, y) => a * x * x + 2 * g * x * y + b * y * y;
const multiply = ([[a, g], [, b]], [x, y]) => [a * x + g * y, g * x + b * y];
const inverse = ([[a, g], [, b]], [x, y]) => {
  const det = a * b - g * g;
  return [(b * x - g * y) / det, (a * y - g * x) / det];
};
export const SIGNS = [1, -1].flatMap((p) => [1, -1].map((q) => [p, q])); // of two weights, a quadrant each
const soft = (value, lam) => Math.sign(value) * Math.max(0, Math.abs(value) - lam);

// The minimum of ½ (s − c)ᵀ G (s − c) + λ‖s‖₁: the best of those on the axes and those with a sign each.
export const lasso2 = (G, c, lam) => {
  const F = ([x, y]) => quadratic(G, x - c[0], y - c[1]) / 2 + lam * (Math.abs(x) + Math.abs(y));
  const alone = multiply(G, c).map((value, k) => soft(value, lam) / G[k][k]);
  const signed = SIGNS.map((signs) => {
    const change = inverse(
      G,
      signs.map((sign) => lam * sign),
    );
    return c.map((value, k) => value - change[k]);
  }).filter((s, k) => s.every((value, j) => value * SIGNS[k][j] > 0));
  return [[0, 0], [alone[0], 0], [0, alone[1]], ...signed].reduce((best, s) => (F(s) < F(best) - 1e-15 ? s : best));
};

// The minimum of ½ (s − c)ᵀ G (s − c) + ½ λ‖s‖²: (G + λI)⁻¹ G c.
export const ridge2 = (G, c, lam) => {
  const ridge = G.map((row, j) => row.map((value, k) => value + (j === k ? lam : 0)));
  return inverse(ridge, multiply(G, c));
};

// The ellipse vᵀGv = level²: its radii, how far it reaches along the axes of the plane, and its turn in degrees.
export const ellipse = ([[a, g], [, b]], level) => {
  const [mean, apart] = [(a + b) / 2, Math.hypot((a - b) / 2, g)];
  const det = Math.max(a * b - g * g, 1e-12);
  return {
    radii: [level / Math.sqrt(mean + apart), level / Math.sqrt(Math.max(mean - apart, 1e-12))],
    reach: [level * Math.sqrt(b / det), level * Math.sqrt(a / det)],
    turn: (Math.atan2(2 * g, a - b) * 90) / Math.PI,
  };
};

// Ellipses around (x, y), of these radii in px and turned by so many degrees, as one path.
export const outline = (x, y, radii, turn) => {
  const angle = (turn * Math.PI) / 180;
  const ring = ([a, b]) => {
    const [p, q, half] = [a * Math.cos(angle), -a * Math.sin(angle), `A${a} ${b} ${-turn} 1 0 `];
    return `M${x + p} ${y + q}${half}${x - p} ${y - q}${half}${x + p} ${y + q}`;
  };
  return radii.map(ring).join("");
};

// The contour of the smooth part through s, as an ellipse around c.
export const contour = (G, c, s) => ellipse(G, Math.sqrt(Math.max(0, quadratic(G, s[0] - c[0], s[1] - c[1]))));

// In the quadrant of the signs σ, F(s) = ½ (s − centre)ᵀ G (s − centre) + least, without ½‖x‖². `on` is Bᵀx.
export const inQuadrant = (G, on, lam, signs) => {
  const left = on.map((each, k) => each - lam * signs[k]);
  const centre = inverse(G, left);
  return { centre, least: -quadratic(G, ...centre) / 2 };
};

// Runs ISTA, or with `momentum` FISTA, on two atoms of which G is the Gram matrix and `on` is Bᵀx: from zero, until
// `done(p, q, t)`, which is called with both weights after each iteration t.
export const descent = (G, on, lam, momentum, done) => {
  const [[a, g], [, b]] = G;
  const tau = 1 / ((a + b) / 2 + Math.hypot((a - b) / 2, g));
  let [p, q, before, last, k] = [0, 0, 0, 0, 1];
  for (let t = 0; !done(p, q, t); t++) {
    const next = t > 0 ? (1 + Math.sqrt(1 + 4 * k * k)) / 2 : 1;
    const m = momentum ? (k - 1) / next : 0;
    const y = p + m * (p - before);
    const z = q + m * (q - last);
    before = p;
    last = q;
    k = next;
    p = soft(y + tau * (on[0] - a * y - g * z), lam * tau);
    q = soft(z + tau * (on[1] - g * y - b * z), lam * tau);
  }
};

// The iterations after which the code of `descent` stays within `accuracy` of `best`, at most `most`. ISTA never moves
// away from the optimum; FISTA is followed until it is a hundred times as near. The codes are put into `path`, if any.
export const needed = (G, on, lam, momentum, best, accuracy, most, path = null) => {
  const enough = momentum ? accuracy / 100 : accuracy;
  let count = 0;
  descent(G, on, lam, momentum, (p, q, t) => {
    const far = Math.sqrt((p - best[0]) ** 2 + (q - best[1]) ** 2);
    if (far > accuracy) count = t + 1;
    path?.push([p, q]);
    return t === most || far <= enough;
  });
  return count;
};
