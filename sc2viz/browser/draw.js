// Pictures on canvases.
import { LINE, line, mapped, natural, strip } from "./colour.js";
import { colours } from "./decode.js";
import { errors } from "./objective.js";

// A mosaic of n tiles on a canvas, with gaps. It returns `show(colour)`, which draws it in a colouring of colour.js.
export const mosaic = (canvas, n, high, wide, columns) => {
  const gap = n > 1 ? 1 : 0;
  const [W, H] = [columns * (wide + gap) - gap, Math.ceil(n / columns) * (high + gap) - gap];
  Object.assign(canvas, { width: W, height: H });
  canvas.style.aspectRatio = `${W} / ${H}`;
  const draw = canvas.getContext("2d");
  const image = draw.createImageData(W, H);
  const pixels = new Uint32Array(image.data.buffer);
  return (colour) => {
    let changed = 0;
    for (let k = 0, at = 0; k < n; k++) {
      let to = Math.floor(k / columns) * (high + gap) * W + (k % columns) * (wide + gap);
      for (let y = 0; y < high; y++, to += W - wide)
        for (let x = 0; x < wide; x++, to++) {
          const now = colour(at++);
          changed |= pixels[to] ^ now;
          pixels[to] = now;
        }
    }
    if (changed) draw.putImageData(image, 0, 0);
  };
};

// An atom at full contrast on a canvas, in the colours of codes, or around mid-grey where it has colours of its own.
// The data say how rows are drawn (board.py).
export const atomOn = (canvas, atom, { shape, line: scale, diverging }, dark) => {
  const [high, wide, channels] = shape;
  const top = atom.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const table = colours(diverging[dark ? "dark" : "light"]);
  const show = scale ? mosaic(canvas, 1, LINE.high, LINE.wide, 1) : mosaic(canvas, 1, high, wide, 1);
  if (scale) {
    const tile = new Float32Array(LINE.high * LINE.wide);
    show(mapped(line(atom, 0, { d_x: atom.length, low: -top, high: top }, tile), table, -1, 1));
  } else if (channels === 3) {
    const pixels = atom.map((value) => 0.5 + value / (2 * top));
    show(natural(pixels, 3));
  } else show(mapped(atom, table, -top, top));
};

// A canvas that follows a column of the stage. Its kind is "picture", what the codes make; "error", its distance from
// x; "rest", the same with its sign; or "code". It returns `draw(axis, k)`.
export const drawer = (stage, canvas, place, kind) => {
  const { shape, base, line: scale, tops, error, diverging, code_top, x } = stage.data;
  const [n, d_x] = x.size;
  const columns = Math.ceil(Math.sqrt(n));
  const column = () => stage.columns[place];
  const themes = { light: colours(diverging.light), dark: colours(diverging.dark) };
  const signed = () => themes[stage.dark ? "dark" : "light"];
  if (kind === "code") {
    const d_s = Object.values(column().codes)[0].size[2];
    const wide = Math.ceil(Math.sqrt(d_s));
    const high = Math.ceil(d_s / wide);
    const show = mosaic(canvas, n, high, wide, columns);
    const folded = new Float32Array(n * high * wide);
    return () => {
      const { now, from } = column();
      for (let r = 0; r < n; r++) folded.set(now.subarray(from + r * d_s, from + (r + 1) * d_s), r * high * wide);
      show(mapped(folded, signed(), -code_top, code_top));
    };
  }
  const wrong = kind === "error";
  const [high, wide] = scale ? [wrong ? LINE.strip : LINE.high, LINE.wide] : shape;
  const show = mosaic(canvas, n, high, wide, columns);
  const tiles = new Float32Array(n * high * wide);
  const apart = scale ? new Float32Array(n * d_x) : tiles;
  const lined = (values, each) => {
    for (let r = 0; scale && r < n; r++) each(values, r, scale, tiles.subarray(r * high * wide, (r + 1) * high * wide));
  };
  const table = colours(error);
  return (axis, k) => {
    const { made } = column();
    if (wrong) {
      lined(errors(stage.x, made, shape[2], apart), strip);
      show(mapped(tiles, table, 0, tops[axis][k % tops[axis].length]));
    } else if (kind === "rest") {
      errors(stage.x, made, shape[2], tiles, (each) => each);
      show(mapped(tiles, signed(), -1, 1));
    } else {
      lined(made, line);
      show(scale ? natural(tiles, 1) : natural(made, shape[2], base));
    }
  };
};
