// What a code makes, and what it costs. Nothing here needs a page.

// offset + B s of n codes (n, d_s), which begin at `from`, into `out` (n, d_x). Atoms are rows here, (d_s, d_x), and
// the offset is 0 where none is given. The loop adds eight atoms at once, which takes a third of the time.
export const reconstruct = (codes, from, n, d_s, atoms, d_x, out, offset) => {
  out.fill(0);
  const [weights, rows] = [[], []];
  for (let r = 0; r < n; r++) {
    if (offset) out.set(offset, r * d_x);
    weights.length = rows.length = 0;
    for (let j = 0; j < d_s; j++) {
      const weight = codes[from + r * d_s + j];
      if (weight !== 0) [weights.push(weight), rows.push(j * d_x)];
    }
    while (weights.length % 8) [weights.push(0), rows.push(0)];
    for (let u = 0; u < weights.length; u += 8) {
      const [a, b, c, d] = [weights[u], weights[u + 1], weights[u + 2], weights[u + 3]];
      const [e, f, g, h] = [weights[u + 4], weights[u + 5], weights[u + 6], weights[u + 7]];
      const [A, B, C, D] = [rows[u], rows[u + 1], rows[u + 2], rows[u + 3]];
      const [E, F, G, H] = [rows[u + 4], rows[u + 5], rows[u + 6], rows[u + 7]];
      for (let k = 0, at = r * d_x; k < d_x; k++, at++) {
        const half = a * atoms[A + k] + b * atoms[B + k] + c * atoms[C + k] + d * atoms[D + k];
        out[at] += half + e * atoms[E + k] + f * atoms[F + k] + g * atoms[G + k] + h * atoms[H + k];
      }
    }
  }
  return out;
};

// F = ½‖x − B s‖² + λ‖s‖₁ of one code: x and `made`, which is B s, (d_x,).
export const objective = (x, made, codes, lam) => {
  let [loss, price] = [0, 0];
  for (let k = 0; k < x.length; k++) loss += (x[k] - made[k]) ** 2;
  for (const weight of codes) price += Math.abs(weight);
  return loss / 2 + lam * price;
};

// |x − B s| of each pixel, averaged over its channels, into `out`. With the identity as `size` it is x − B s.
export const errors = (x, made, channels, out, size = Math.abs) => {
  for (let k = 0, at = 0; k < out.length; k++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, at++) sum += size(x[at] - made[at]);
    out[k] = sum / channels;
  }
  return out;
};
