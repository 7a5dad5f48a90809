// Canvases. A player has one painter a kind of panel: `painters[kind](panel, stage)` → { node, paint(look) }, where `look`
// says where the player stands (axis, k), at which frame t of how many, and in which colours.
import { LINE, line, mapped, natural, strip } from "./colour.js";
import { bytes, floats } from "./decode.js";
import { isDark, make } from "./dom.js";
import { errors } from "./objective.js";
import { short } from "./readings.js";

// A figure with a heading and a canvas that says what it shows.
export const framed = (panel) => {
  const node = make("figure", panel.kind);
  const heading = make("figcaption");
  heading.append(make("span", "", panel.label));
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  node.append(heading, canvas);
  return { node, heading, canvas };
};

// A canvas in CSS pixels, sharp on any screen, cleared.
export const pen = (canvas, look) => {
  const wide = canvas.clientWidth;
  const high = canvas.clientHeight;
  const ratio = window.devicePixelRatio || 1;
  const size = [Math.round(wide * ratio), Math.round(high * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const draw = canvas.getContext("2d");
  draw.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw.clearRect(0, 0, wide, high);
  draw.font = look.font;
  return { draw, wide, high };
};

export const frame = (t, count) => Math.min(t, count - 1);

// A mosaic of n tiles on a canvas, with gaps: `show(write)` draws it, where `write` is one of colour.js.
export const mosaic = (canvas, n, high, wide, columns) => {
  const gap = n > 1 ? 1 : 0;
  const [W, H] = [columns * (wide + gap) - gap, Math.ceil(n / columns) * (high + gap) - gap];
  const scale = Math.max(1, Math.round(256 / W));
  const small = make("canvas");
  [small.width, small.height, canvas.width, canvas.height] = [W, H, W * scale, H * scale];
  canvas.style.aspectRatio = `${W} / ${H}`;
  const [ink, draw] = [small.getContext("2d"), canvas.getContext("2d")];
  const image = ink.createImageData(W, H);
  draw.imageSmoothingEnabled = false;
  return (write) => {
    for (let k = 0, at = 0; k < n; k++) {
      let to = 4 * (Math.floor(k / columns) * (high + gap) * W + (k % columns) * (wide + gap));
      for (let y = 0; y < high; y++, to += 4 * (W - wide)) for (let x = 0; x < wide; x++, at++, to += 4) write(image.data, to, at);
    }
    ink.putImageData(image, 0, 0);
    draw.drawImage(small, 0, 0, W * scale, H * scale);
  };
};

// A canvas that shows what the codes of a column make, the "picture" or its "error", or the "code": `draw(axis, k)`.
export const drawer = (stage, canvas, place, kind) => {
  const { shape, base, line: scale, tops, error, diverging, code_top, x } = stage.data;
  const [n, d_x] = x.size;
  const columns = Math.ceil(Math.sqrt(n));
  const column = () => stage.columns[place];
  const tables = Object.fromEntries(Object.entries(diverging).map(([name, table]) => [name, bytes(table)]));
  if (kind === "code") {
    const d_s = Object.values(column().codes)[0].size[2];
    const wide = Math.ceil(Math.sqrt(d_s));
    const high = Math.ceil(d_s / wide);
    const show = mosaic(canvas, n, high, wide, columns);
    const folded = new Float32Array(n * high * wide);
    return () => {
      const { now, from } = column();
      for (let r = 0; r < n; r++) folded.set(now.subarray(from + r * d_s, from + (r + 1) * d_s), r * high * wide);
      show(mapped(folded, tables[isDark(stage.root) ? "dark" : "light"], -code_top, code_top));
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
  const table = bytes(error);
  return (axis, k) => {
    const { made } = column();
    if (wrong) {
      lined(errors(stage.x, made, shape[2], apart), strip);
      show(mapped(tiles, table, 0, tops[axis][k % tops[axis].length]));
    } else {
      lined(made, line);
      show(scale ? natural(tiles, 1) : natural(made, shape[2], base));
    }
  };
};

export const told = (panel, canvas, t) => canvas.setAttribute("aria-label", panel.alt.replaceAll("{t}", t));

const picture = (panel, stage) => {
  const { node, canvas } = framed(panel);
  if (panel.shows) {
    const draw = drawer(stage, canvas, panel.column, panel.shows);
    return { node, paint: ({ axis, k, t }) => (told(panel, canvas, t), draw(axis, k)) };
  }
  const [count, n, high, wide, channels] = panel.size;
  const source = bytes(panel.pixels);
  const tables = Object.fromEntries(Object.entries(panel.tables).map(([name, table]) => [name, bytes(table)]));
  const show = mosaic(canvas, n, high, wide, panel.columns);
  const paint = ({ t, dark }) => {
    told(panel, canvas, t);
    const table = dark ? tables.dark : tables.light;
    const size = n * high * wide * channels;
    const pixels = Float32Array.from(source.subarray(frame(t, count) * size, (frame(t, count) + 1) * size), (v) => v / 255);
    show(table ? mapped(pixels, table, 0, 1) : natural(pixels, channels));
  };
  return { node, paint };
};

// The numbers that a panel shows: those of a frame, or the codes of a column of the stage.
const numbers = (values, size, stage) => {
  if (size) {
    const [all, [count, n]] = [floats(values), size];
    return (t) => all.subarray(frame(t, count) * n, (frame(t, count) + 1) * n);
  }
  return () => {
    const { now, from, d_s } = stage.columns[values];
    return now.subarray(from, from + d_s);
  };
};

const stems = (panel, stage) => {
  const { node, heading, canvas } = framed(panel);
  const { label, column } = panel.reference ?? {};
  const read = numbers(panel.values, panel.size, stage);
  const aims = panel.reference && numbers(column, null, stage);
  const scale = panel.scale && floats(panel.scale);
  const reading = make("span", "reading", label ? `○ ${label}` : "");
  heading.append(reading);
  let hovered = null;
  let last = null;
  const paint = (look) => {
    last = look;
    told(panel, canvas, look.t);
    const { draw, wide, high } = pen(canvas, look);
    if (!wide) return;
    const values = scale ? read(look.t).map((value, k) => value * scale[k]) : read(look.t);
    const reference = aims?.();
    const n = values.length;
    const { top, bottom } = panel;
    const at = (value) => 4 + ((top - Math.max(-bottom, Math.min(top, value))) / (top + bottom)) * (high - 8);
    const zero = at(0);
    const step = wide / n;
    const colour = panel.colour || look.ink;
    if (hovered !== null) {
      draw.globalAlpha = 0.12;
      draw.fillStyle = look.ink;
      draw.fillRect(hovered * step, 0, Math.max(step, 2), high);
    }
    draw.globalAlpha = 0.35;
    draw.fillStyle = look.ink;
    draw.fillRect(0, zero - 0.5, wide, 1);
    draw.globalAlpha = 1;
    draw.fillStyle = colour;
    const width = Math.max(1, Math.min(4, step * 0.55));
    for (let k = 0; k < n; k++) {
      const value = values[k];
      if (value === 0) continue;
      const y = at(Number.isFinite(value) ? value : panel.top);
      draw.fillRect((k + 0.5) * step - width / 2, Math.min(y, zero), width, Math.max(1, Math.abs(y - zero)));
    }
    if (reference) {
      draw.strokeStyle = look.ink;
      draw.lineWidth = 1;
      draw.globalAlpha = 0.75;
      for (let k = 0; k < n; k++) {
        if (reference[k] === 0) continue;
        draw.beginPath();
        draw.arc((k + 0.5) * step, at(reference[k]), Math.max(1.5, Math.min(2.5, step * 0.5)), 0, 7);
        draw.stroke();
      }
      draw.globalAlpha = 1;
    }
    if (hovered !== null) {
      const aim = reference ? `, ${label} ${short(reference[hovered])}` : "";
      reading.textContent = `${panel.item} ${hovered}: ${short(values[hovered])}${aim}`;
    } else reading.textContent = label ? `○ ${label}` : "";
  };
  const hover = (k) => {
    hovered = k;
    if (last) paint(last);
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const n = read(0).length;
    hover(Math.max(0, Math.min(n - 1, Math.floor(((event.clientX - box.left) / box.width) * n))));
  });
  canvas.addEventListener("pointerleave", () => hover(null));
  return { node, paint };
};

const bars = (panel, stage) => {
  const { node, heading, canvas } = framed(panel);
  const read = numbers(panel.values, panel.size, stage);
  const reading = make("span", "reading");
  heading.append(reading);
  const paint = (look) => {
    told(panel, canvas, look.t);
    const now = read(look.t);
    const n = now.length;
    const { draw, wide, high } = pen(canvas, look);
    const best = now.reduce((top, value, k) => (value > now[top] ? k : top), 0);
    const right = panel.marked === null ? "" : best === panel.marked ? " ✓" : ` ✗, it is ${panel.names[panel.marked]}`;
    const tie = Math.max(...now) - Math.min(...now) < 1e-6;
    reading.textContent = tie ? "undecided" : `says ${panel.names[best]}, ${Math.round(100 * now[best])} %${right}`;
    if (!wide) return;
    const step = wide / n;
    const base = high - 18;
    draw.textAlign = "center";
    draw.textBaseline = "top";
    for (let k = 0; k < n; k++) {
      const tall = Math.max(1, (now[k] || 0) * (base - 2));
      const true_one = k === panel.marked;
      draw.globalAlpha = k === best && !tie ? 1 : 0.55;
      draw.fillStyle = panel.colour || look.ink;
      draw.fillRect(k * step + step * 0.15, base - tall, step * 0.7, tall);
      draw.globalAlpha = true_one ? 1 : 0.7;
      draw.fillStyle = look.ink;
      draw.font = true_one ? look.font.replace(/^(\d)/, "bold $1") : look.font;
      const name = panel.names[k];
      draw.fillText(step < 26 || name.length > 4 ? name.slice(0, step < 26 ? 2 : 4) : name, (k + 0.5) * step, base + 4);
      if (!true_one) continue;
      draw.strokeStyle = look.ink; // an outline up to certainty: where the bar should end
      draw.setLineDash([3, 3]);
      draw.strokeRect(k * step + step * 0.15, 1.5, step * 0.7, base - 1.5);
      draw.setLineDash([]);
    }
    draw.globalAlpha = 1;
  };
  return { node, paint };
};

export const painters = { picture, stems, bars };
