// The painters of a player's panels, one a kind of panel, whose node is HTML of panels.py:
// `painters[kind](panel, stage, node)` returns `paint({ axis, k, t, trained })`, which draws the k-th stop of an axis
// and frame t. `trained` is the last frame that networks were trained for.
import { mapped, natural } from "./colour.js";
import { bytes, colours, floats } from "./decode.js";
import { change, say, shape } from "./dom.js";
import { drawer, mosaic } from "./draw.js";
import { IN_USE } from "./measure.js";
import { short } from "./readings.js";
import { _ } from "./words.js";

// A place in tenths of a px, which is as exact as a drawing needs.
export const tenth = (place) => Math.round(10 * place) / 10;

// The last frame stays for all later ones.
export const frame = (t, count) => Math.min(t, count - 1);

const picture = (panel, stage, node) => {
  const canvas = node.querySelector("canvas");
  if (panel.shows) {
    const draw = drawer(stage, canvas, panel.column, panel.shows);
    return ({ axis, k }) => draw(axis, k);
  }
  const [count, n, high, wide, channels] = panel.size;
  const size = n * high * wide * channels;
  const source = bytes(panel.pixels);
  const tables = Object.fromEntries(Object.entries(panel.tables).map(([name, table]) => [name, colours(table)]));
  const show = mosaic(canvas, n, high, wide, panel.columns);
  return ({ t }) => {
    const table = tables[stage.dark ? "dark" : "light"];
    const from = frame(t, count) * size;
    const pixels = Float32Array.from(source.subarray(from, from + size), (v) => v / 255);
    show(table ? mapped(pixels, table, 0, 1) : natural(pixels, channels));
  };
};

// The numbers of a panel at t: those of frame t if there is a `size`, else the codes of a column of the stage.
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

const [R, SMALL] = [3, 2.2]; // px, half of a mark, and of one of the many for false alarms

// How a code agrees with the true one: hits as discs and false alarms as crosses where the code has them, and misses as
// squares where the true code has them. Each kind is one path, by its class.
const agreement = (values, truth, x, y) => {
  const kinds = { hit: "", miss: "", alarm: "" };
  const [disc, square] = [`a${R} ${R} 0 1 0 ${2 * R} 0a${R} ${R} 0 1 0 ${-2 * R} 0`, `h${2 * R}v${2 * R}h${-2 * R}z`];
  const cross = `l${2 * SMALL} ${2 * SMALL}m0 ${-2 * SMALL}l${-2 * SMALL} ${2 * SMALL}`;
  values.forEach((value, k) => {
    const used = !(Math.abs(value) <= IN_USE);
    if (used && truth[k] !== 0) kinds.hit += `M${x(k) - R} ${y(value)}${disc}`;
    else if (used) kinds.alarm += `M${x(k) - SMALL} ${y(value) - SMALL}${cross}`;
    else if (truth[k] !== 0) kinds.miss += `M${x(k) - R} ${y(truth[k]) - R}${square}`;
  });
  return kinds;
};

const stems = (panel, stage, node) => {
  const [drawn, reading] = [node.querySelector("svg"), node.querySelector(".reading")];
  const { label, column } = panel.reference ?? {};
  const read = numbers(panel.values, panel.size, stage);
  const aims = panel.reference && numbers(column, null, stage);
  const scale = panel.scale && floats(panel.scale);
  const { top, bottom } = panel;
  const kinds = ["zero", "truth", "stem", ...(panel.marks ? ["hit", "miss", "alarm"] : ["ring"])];
  const parts = Object.fromEntries(kinds.map((name) => [name, drawn.appendChild(shape("path", { class: name }))]));
  const pointed = drawn.appendChild(shape("rect", { class: "hovered" }));
  let [hovered, at] = [null, 0];
  const paint = ({ t }) => {
    at = t;
    const [wide, high] = stage.size(drawn);
    const values = read(t).map((value, k) => value * (scale?.[k] ?? 1));
    const reference = aims?.() ?? [];
    const step = wide / values.length;
    const x = (k) => tenth((k + 0.5) * step);
    const y = (value) => tenth(4 + ((top - Math.max(-bottom, Math.min(top, value))) / (top + bottom)) * (high - 8));
    const ground = y(0);
    const stem = (value, k) => value !== 0 && `M${x(k)} ${ground}V${y(Number.isFinite(value) ? value : top)}`;
    const r = Math.max(1.5, Math.min(2.5, step * 0.5));
    const ring = (value, k) =>
      value !== 0 && `M${x(k) - r} ${y(value)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    const path = (values, each) => Array.from(values, each).filter(Boolean).join("");
    const paths = {
      zero: `M0 ${ground}H${wide}`,
      truth: panel.marks ? path(reference, stem) : "",
      stem: path(values, stem),
      ...(panel.marks ? agreement(values, reference, x, y) : { ring: path(reference, ring) }),
    };
    for (const [name, d] of Object.entries(paths)) change(parts[name], "d", d);
    change(parts.stem, "stroke-width", Math.max(1, Math.min(4, step * 0.55)));
    const under = { x: hovered * step, width: hovered === null ? 0 : Math.max(step, 2), height: high };
    for (const [name, value] of Object.entries(under)) change(pointed, name, value);
    const aim = label && hovered !== null ? `, ${label} ${short(reference[hovered])}` : "";
    const idle = label && !panel.marks ? `○ ${label}` : "";
    say(reading, hovered === null ? idle : `${panel.item} ${hovered}: ${short(values[hovered])}${aim}`);
  };
  const hover = (k) => {
    hovered = k;
    paint({ t: at });
  };
  drawn.onpointermove = ({ offsetX }) => {
    const n = read(at).length;
    hover(Math.max(0, Math.min(n - 1, Math.floor((offsetX / drawn.clientWidth) * n))));
  };
  drawn.onpointerleave = () => hover(null);
  return paint;
};

const bars = (panel, stage, node) => {
  const reading = node.querySelector(".reading");
  const items = [...node.querySelectorAll("li")];
  const read = numbers(panel.values, panel.size, stage);
  return ({ t }) => {
    const now = read(t);
    const best = now.indexOf(Math.max(...now));
    const tie = Math.max(...now) - Math.min(...now) < 1e-6;
    const values = { name: panel.names[best], percent: Math.round(100 * now[best]), true: panel.names[panel.marked] };
    const isWrong = panel.marked !== null && best !== panel.marked;
    const right = _("says {name}, {percent} %", values) + (panel.marked === null ? "" : " ✓");
    const verdict = isWrong ? _("says {name}, {percent} % ✗, it is {true}", values) : right;
    say(reading, tie ? _("undecided") : verdict);
    for (const [k, item] of items.entries()) {
      item.style.setProperty("--share", now[k] || 0);
      item.classList.toggle("best", k === best && !tie);
    }
  };
};

export const painters = { picture, stems, bars };
