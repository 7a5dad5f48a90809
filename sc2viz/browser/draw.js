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

// Draws one picture: a "picture" itself; a "rest", what is missing of one; or an "atom", at full contrast. The last two
// have the colours of codes; an atom in colour is drawn around mid-grey. The data say how rows are drawn (board.py).
export const paintOn = (canvas, values, kind, { shape, base, line: scale, diverging }, dark) => {
  const [high, wide, channels] = shape;
  const isAtom = kind === "atom";
  const top = isAtom ? values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9) : 1;
  const table = colours(diverging[dark ? "dark" : "light"]);
  if (scale) {
    const tile = new Float32Array(LINE.high * LINE.wide);
    line(values, 0, isAtom ? { d_x: values.length, low: -top, high: top } : scale, tile);
    return mosaic(canvas, 1, LINE.high, LINE.wide, 1)(isAtom ? mapped(tile, table, -1, 1) : natural(tile, 1));
  }
  const show = mosaic(canvas, 1, high, wide, 1);
  if (kind === "picture") return show(natural(values, channels, base));
  const pixels = () => values.map((value) => 0.5 + value / (2 * top));
  if (isAtom && channels === 3) return show(natural(pixels(), 3));
  const [none, means] = [new Float32Array(values.length), new Float32Array(high * wide)];
  show(
    mapped(
      errors(values, none, channels, means, (value) => value),
      table,
      -top,
      top,
    ),
  );
};

// The same as the address of an image.
export const pictureOf = (...given) => {
  const canvas = document.createElement("canvas");
  paintOn(canvas, ...given);
  return canvas.toDataURL();
};

// Atoms in one picture, `columns` of them beside each other, and how high each is beside its width.
export const sheetOf = (atoms, columns, ...drawn) => {
  const [sheet, tile] = [document.createElement("canvas"), document.createElement("canvas")];
  for (const [k, atom] of atoms.entries()) {
    paintOn(tile, atom, "atom", ...drawn);
    const [wide, high] = [tile.width, tile.height];
    if (k === 0) Object.assign(sheet, { width: columns * wide, height: Math.ceil(atoms.length / columns) * high });
    sheet.getContext("2d").drawImage(tile, (k % columns) * wide, Math.floor(k / columns) * high);
  }
  return { sheet: sheet.toDataURL(), high: tile.height / tile.width };
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
