// Adaptive ISTA, Eq. (7), with gates i and f that are the same for all atoms and iterations. Nothing here needs a page.

// A symmetric matrix (n, n) from its upper triangle, row by row.
export const symmetric = (upper, n) => {
  const whole = new Float32Array(n * n);
  for (let j = 0, at = 0; j < n; j++) for (let k = j; k < n; k++, at++) whole[j * n + k] = whole[k * n + j] = upper[at];
  return whole;
};

// F after each of 0 … `steps` iterations, from the Gram matrix G = BᵀB (d_s, d_s), b = Bᵀx (d_s,), and energy = ‖x‖².
// The price of a code is that on atoms of length 1: λ Σ ‖b_j‖ |s_j| for the columns b_j of B.
export const objectives = ({ G, b, energy, tau, lam }, i, f, steps) => {
  const n = b.length;
  const [s, c, Gs] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const found = [];
  for (let t = 0; t <= steps; t++) {
    Gs.fill(0);
    for (let j = 0; j < n; j++) if (s[j] !== 0) for (let k = 0, row = j * n; k < n; k++) Gs[k] += s[j] * G[row + k];
    let F = energy / 2;
    for (let k = 0; k < n; k++) F += s[k] * (Gs[k] / 2 - b[k]) + lam * Math.sqrt(G[k * n + k]) * Math.abs(s[k]);
    found.push(F);
    for (let k = 0; k < n; k++) {
      c[k] = f * c[k] + i * (s[k] + tau * (b[k] - Gs[k]));
      s[k] = Math.sign(c[k]) * Math.max(0, Math.abs(c[k]) - lam * tau);
    }
  }
  return found;
};
