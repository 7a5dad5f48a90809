// Values as colours, and rows as pictures. A colour is four bytes in one number; `colour(at)` is that of a pixel.

// A value from 0 to 1 as a byte. What is not a number is 255, as bright as can be.
export const level = (value) => (value <= 0 ? 0 : value < 1 ? (255 * value + 0.5) | 0 : 255);
export const rgb = (r, g, b) => (255 << 24) | (b << 16) | (g << 8) | r;
const grey = (value) => rgb(value, value, value);

// Pixels in grey or in colour. `base` was taken away from them before, and is added again.
export const natural = (values, channels, base = 0) => {
  const of = (k) => level(values[k] + base);
  return channels === 3 ? (at) => rgb(of(3 * at), of(3 * at + 1), of(3 * at + 2)) : (at) => grey(of(at));
};

// Values from `low` to `high` by a table of 256 colours.
export const mapped = (values, table, low, high) => (at) => table[level((values[at] - low) / (high - low))];

// px: a row that is not a picture is drawn as a line, and its errors as a strip, as draw/mosaics.py does.
export const LINE = { high: 64, wide: 96, strip: 20, stroke: 1.6 };

// The share of each pixel that the line through row `r` covers, into `out` (LINE.high · LINE.wide).
export const line = (values, r, { d_x, low, high }, out) => {
  const { high: H, wide: W, stroke } = LINE;
  const each = Math.ceil((2 * d_x) / W);
  const fine = Array.from({ length: W * each + 1 }, (_, k) => {
    const at = (k / (W * each)) * (d_x - 1);
    const left = Math.min(Math.trunc(at), Math.max(d_x - 2, 0));
    const [a, b] = [left, Math.min(left + 1, d_x - 1)].map((k) =>
      Math.max(0, Math.min(1, (values[r * d_x + k] - low) / (high - low))),
    );
    return a + (at - left) * (b - a);
  });
  for (let x = 0; x < W; x++) {
    const part = fine.slice(x * each, (x + 1) * each + 1);
    const [top, bottom] = [Math.max(...part), Math.min(...part)].map(
      (v) => (1 - v) * (H - 1 - stroke) + 0.5 + stroke / 2,
    );
    for (let y = 0; y < H; y++) {
      const covered = Math.min(bottom + stroke / 2, y + 1) - Math.max(top - stroke / 2, y);
      out[y * W + x] = Math.max(0, Math.min(1, covered));
    }
  }
  return out;
};

// The largest of the errors of row `r` that fall on each column, into `out` (LINE.strip · LINE.wide).
export const strip = (wrong, r, { d_x }, out) => {
  const fine = Math.ceil(d_x / LINE.wide);
  for (let x = 0; x < LINE.wide; x++) {
    let most = 0;
    for (let k = 0; k < fine; k++)
      most = Math.max(most, wrong[r * d_x + Math.floor(((x * fine + k) * d_x) / (LINE.wide * fine))]);
    for (let y = 0; y < LINE.strip; y++) out[y * LINE.wide + x] = most;
  }
};
