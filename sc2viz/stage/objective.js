// What a code makes, and what it costs. No DOM.

// B s of n codes (n, d_s), which begin at `from`; atoms are rows here, (d_s, d_x).
export const reconstruct = (codes, from, n, d_s, atoms, d_x, out) => {
  out.fill(0);
  for (let r = 0; r < n; r++)
    for (let j = 0; j < d_s; j++) {
      const weight = codes[from + r * d_s + j];
      if (weight !== 0) for (let k = 0, row = r * d_x, atom = j * d_x; k < d_x; k++) out[row + k] += weight * atoms[atom + k];
    }
  return out;
};

// F of one code: x and what the code makes, (d_x,).
export const objective = (x, made, codes, lam) => {
  let [loss, price] = [0, 0];
  for (let k = 0; k < x.length; k++) loss += (x[k] - made[k]) ** 2;
  for (const weight of codes) price += Math.abs(weight);
  return loss / 2 + lam * price;
};

// |x − B s| of each pixel, averaged over its channels; or, where its `size` is itself, with its sign.
export const errors = (x, made, channels, out, size = Math.abs) => {
  for (let k = 0, at = 0; k < out.length; k++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, at++) sum += size(x[at] - made[at]);
    out[k] = sum / channels;
  }
  return out;
};
