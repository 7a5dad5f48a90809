// Cards whose canvases and words follow λ and T: what the codes of the stop at hand make, B s.
import { LINE, line, mapped, natural, strip } from "./colour.js";
import { bytes, parcels, words } from "./decode.js";
import { make } from "./dom.js";
import { mosaic } from "./draw.js";
import { errors, reconstruct } from "./objective.js";

const boards = new WeakMap(); // the element a board lives in → it

const isDark = (element) => {
  const [r, g, b] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384; // light ink
};

export class Board {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "board"));
    this.moved = () => this.paint();
    // A change of theme ends this transition, and codes are drawn in its colours.
    this.probe = parent.appendChild(make("i", "board-probe"));
    this.probe.ontransitionend = () => this.paint(true);
  }

  // Decodes first, so that the old pictures stay until the new ones can be drawn.
  async show(data, report) {
    window.addEventListener("sc2viz-moved", this.moved);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const [told] = await Promise.all([data.packed ? words(data.packed) : JSON.stringify(data), parcels.add(data.parcels)]);
    if (turn !== this.turn) return;
    data = JSON.parse(told);
    const labels = [data.x, ...data.columns.flatMap(({ atoms, codes }) => [...(atoms ? [atoms] : []), ...Object.values(codes)])];
    const missing = labels.filter(({ name }) => !parcels.get(name)).map(({ name }) => name);
    if (missing.length) return report("wants", { names: missing, at: Date.now() });
    this.data = data;
    this.x = parcels.get(data.x.name);
    this.columns = data.columns.map((column) => ({
      atoms: column.atoms && parcels.get(column.atoms.name),
      codes: Object.fromEntries(Object.entries(column.codes).map(([axis, { name, size }]) => [axis, { values: parcels.get(name), size }])),
      made: column.atoms && new Float32Array(this.x.length),
    }));
    this.root.innerHTML = data.html;
    this.words = ["said", "moves"].flatMap((what) => [...this.root.querySelectorAll(`[data-${what}]`)].map((node) => {
      const texts = Object.entries(JSON.parse(node.dataset[what])).map(([axis, all]) => [axis, all.split("|")]);
      const put = what === "said" ? (text) => (node.textContent = text) : (text) => node.setAttribute("transform", text);
      return [put, Object.fromEntries(texts)];
    }));
    this.draw = [...this.root.querySelectorAll("canvas")].map((canvas) => this.drawer(canvas));
    this.paint(true);
  }

  // The slider that has left the place for which the codes of both were computed, and its stop; null where both have.
  get position() {
    const { at, stops } = this.data;
    const now = { ...at, ...window.sc2vizAt };
    if (this.data.grid) return { axis: "grid", k: stops.T.indexOf(now.T) * stops.lam.length + stops.lam.indexOf(now.lam) };
    const axis = now.T === at.T ? "lam" : now.lam === at.lam ? "T" : null;
    const k = axis && stops[axis] ? stops[axis].indexOf(now[axis]) : -1;
    return k < 0 ? null : { axis, k };
  }

  paint(anew = false) {
    const where = this.data && this.root.isConnected && this.position;
    if (!where || (!anew && where.axis === this.last?.axis && where.k === this.last.k)) return;
    this.last = where;
    const { axis, k } = where;
    const n = this.data.x.size[0];
    for (const column of this.columns) {
      if (!column.atoms) continue;
      const { values, size } = column.codes[axis];
      const [count, , d_s] = size;
      Object.assign(column, { now: values, from: (k % count) * n * d_s, d_s });
      reconstruct(values, column.from, n, d_s, column.atoms, this.data.x.size[1], column.made);
    }
    for (const draw of this.draw) draw(axis, k);
    for (const [put, texts] of this.words) if (texts[axis]) put(texts[axis][k % texts[axis].length]);
    if (axis === "lam") for (const dots of this.data.dots) this.move(dots, k);
    this.root.dataset.at = `${axis} ${k}`;
  }

  drawer(canvas) {
    const { data, x } = this;
    const column = this.columns[canvas.dataset.column];
    const [[n, d_x], [h, w, channels]] = [data.x.size, data.shape];
    const columns = Math.ceil(Math.sqrt(n));
    const kind = canvas.dataset.kind;
    if (kind === "code") {
      const d_s = Object.values(column.codes)[0].size[2];
      const wide = Math.ceil(Math.sqrt(d_s));
      const high = Math.ceil(d_s / wide);
      const show = mosaic(canvas, n, high, wide, columns);
      const [tables, top] = [Object.entries(data.diverging).map(([name, table]) => [name, bytes(table)]), data.code_top];
      const folded = new Float32Array(n * high * wide);
      return () => {
        for (let r = 0; r < n; r++) folded.set(column.now.subarray(column.from + r * d_s, column.from + (r + 1) * d_s), r * high * wide);
        show(mapped(folded, Object.fromEntries(tables)[isDark(this.root) ? "dark" : "light"], -top, top));
      };
    }
    const wrong = kind === "error";
    const [high, wide] = data.line ? [wrong ? LINE.strip : LINE.high, LINE.wide] : [h, w];
    const show = mosaic(canvas, n, high, wide, columns);
    const tiles = new Float32Array(n * high * wide);
    const tile = (r) => tiles.subarray(r * high * wide, (r + 1) * high * wide);
    const apart = wrong && (data.line ? new Float32Array(n * d_x) : tiles);
    const table = bytes(data.error);
    return (axis, k) => {
      const made = column.atoms ? column.made : x;
      if (wrong) {
        errors(x, made, channels, apart);
        if (data.line) for (let r = 0; r < n; r++) strip(apart, r, data.line, tile(r));
        show(mapped(tiles, table, 0, data.tops[axis][k % data.tops[axis].length]));
      } else {
        if (data.line) for (let r = 0; r < n; r++) line(made, r, data.line, tile(r));
        show(data.line ? natural(tiles, 1) : natural(made, channels));
      }
    };
  }

  // The markers of a Plotly chart and its line at λ; the chart itself stays as it is.
  move({ chart, x, y }, k) {
    const plot = document.querySelector(`.st-key-${chart} .js-plotly-plot`);
    const points = [...(plot?.querySelectorAll(".scatterlayer .trace") ?? [])].at(-1)?.querySelectorAll(".point") ?? [];
    const { xaxis, yaxis } = plot?._fullLayout ?? {};
    const [rule, before, now] = [plot?.querySelector(".shapelayer path"), x[this.data.stops.lam.indexOf(this.data.at.lam)], x[k]];
    const upright = now.length && new Set(now).size === 1; // of charts against λ
    if (rule && upright) rule.setAttribute("transform", `translate(${xaxis.d2p(now[0]) - xaxis.d2p(before[0])},0)`);
    points.forEach((point, line) => {
      const there = x[k][line] !== null && y[k][line] !== null;
      point.style.visibility = there ? "" : "hidden";
      if (there) point.setAttribute("transform", `translate(${xaxis.d2p(x[k][line])},${yaxis.d2p(y[k][line])})`);
    });
  }

  leave() {
    this.turn += 1;
    window.removeEventListener("sc2viz-moved", this.moved);
  }
}

export default function ({ parentElement, data, setStateValue }) {
  let board = boards.get(parentElement);
  if (!board || !parentElement.contains(board.root)) boards.set(parentElement, (board = new Board(parentElement)));
  board.show(data, setStateValue);
  return () => board.leave();
}
