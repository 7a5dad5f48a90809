// A view that follows the sliders: it shows offset + B s of the codes at the stop of each axis, with its words.
import { parcels, words } from "./decode.js";
import { isDark, say } from "./dom.js";
import { drawing, sliderValues } from "./messages.js";
import { reconstruct } from "./objective.js";
import { worded } from "./readings.js";
import { sentences } from "./sentences.js";
import { why } from "./why.js";

// What one card shows: its atoms, what reconstructions begin from where that is not 0, its codes by axis, and room for
// what they make. Without atoms it shows x itself. `by` names the solver whose codes they are, with `best` those of the
// optimum on its atoms, and `lam` is the λ of codes that no slider moves.
const column = ({ atoms, offset, codes, by, best, lam, numbers = {} }, x) => {
  const unpacked = (parts) => {
    const entries = Object.entries(parts).map(([axis, part]) => [axis, { ...part, values: parcels.get(part.name) }]);
    return Object.fromEntries(entries);
  };
  return {
    ...{ by, best, lam, codes: unpacked(codes), numbers: unpacked(numbers) },
    atoms: atoms && parcels.get(atoms.name),
    offset: offset && parcels.get(offset.name),
    made: atoms ? new Float32Array(x.length) : x,
  };
};

// The numbers of a column's codes at the k-th stop of an axis, by their names; null where it has none.
const numbersAt = ({ numbers }, { axis, k }) => {
  if (!numbers[axis]) return null;
  const { names, values, size } = numbers[axis];
  return Object.fromEntries(names.map((name, row) => [name, values[row * size[1] + (k % size[1])]]));
};

// Whether a picture is the first of others. Pictures may have come as float16.
const begins = (x, all) => x.every((value, k) => Math.abs(value - all[k]) < 1e-3);

export class Follower {
  // Takes new data where all their arrays are here, and returns whether they are. Else it asks the server for the rest.
  async take(given, report, signal) {
    const data = given.packed ? JSON.parse(await words(given.packed)) : given;
    const columns = data.columns ?? [];
    const labels = columns.flatMap(({ atoms, offset, codes, numbers = {} }) =>
      [atoms, offset, ...Object.values(codes), ...Object.values(numbers)].filter(Boolean),
    );
    if (data.x) labels.push(data.x);
    if (!(await parcels.take(given.parcels, labels, report)) || signal?.aborted) return false;
    this.data = data;
    this.x = data.x && parcels.get(data.x.name);
    this.columns = columns.map((one) => column(one, this.x));
    this.given = { x: this.x, n: data.x?.size[0] };
    return true;
  }

  // What codes the picture that the reader draws, while it is not the page's own.
  get pen() {
    const [coder, { x }] = [drawing(), this.given];
    return x && coder?.d_x === this.data.x.size[1] && !begins(coder.x, x) ? coder : null;
  }

  // Shows a picture (d_x,) in the place of the page's own, null: those again.
  put(x) {
    const n = x ? 1 : this.given.n;
    this.x = x ?? this.given.x;
    this.data.x.size[0] = n;
    for (const column of this.columns) {
      if (!column.atoms) column.made = this.x;
      else if (column.made.length !== this.x.length) column.made = new Float32Array(this.x.length);
    }
  }

  // Has a coder compute what the columns show of its picture, and writes the numbers that it knows.
  code(coder, lam, T) {
    for (const column of this.columns) {
      const { by, best, codes, atoms, offset, made, lam: price = lam } = column;
      const [first] = Object.values(codes);
      if (!first) continue;
      const computed = coder.has(by) ? (best ? coder.bestOf(by, price) : coder.codes(by, price, T)) : null;
      const d_s = first.size[2];
      Object.assign(column, { now: computed ?? new Float32Array(d_s), from: 0, d_s }); // zeros where nothing does
      if (atoms) reconstruct(column.now, 0, 1, d_s, atoms, this.x.length, made, offset);
    }
    for (const { node, place, what } of this.reads) {
      const { by, codes, lam: price = lam } = this.columns[place];
      if (!Object.keys(codes).length) continue;
      say(node, (coder.has(by) ? coder.says(what, by, price, T) : coder.without[what]) ?? "–");
    }
  }

  // The page's sentence, on the picture of a coder or on the numbers of the columns at a stop; undefined without one.
  sentence(coder, where) {
    const { lam, T, t = T } = this.now;
    const { kind, ...given } = this.data.sentence ?? {};
    const numbers = (name) => {
      if (coder) return coder.has(name) ? coder.numbers(name, lam, t) : null;
      const column = this.columns.find(({ by }) => by === name);
      return column ? numbersAt(column, where) : null;
    };
    return sentences[kind]?.({ ...given, lam, T, t, numbers, coder });
  }

  // The page's reasons (`why`); else why the solvers are there (why.js), by the distances in `courses`, "" away from their λ.
  reason(coder) {
    const { lam, T, t = T } = this.now;
    const { sentence, stops: all, at } = this.data;
    const axis = "t" in all ? "t" : "T";
    const stops = all[axis] ?? [];
    if (sentence?.why || (!coder && lam !== at.lam)) return sentence?.why ?? "";
    const solvers = Object.entries(sentence?.courses ?? {}).map(([label, { far, own, learned }]) => {
      const about = { label, own: Boolean(own), learned };
      if (coder && !coder.has(label)) return null;
      if (coder) {
        const distance = (time) => coder.numbers(label, lam, time).far;
        const codes = (time) => coder.codes(label, lam, time);
        return { ...about, missed: coder.own(label, lam, t), far: distance, codes };
      }
      const { values, size } = this.columns.find(({ by }) => by === label).codes[axis];
      const each = size[1] * size[2];
      const row = (k) => (k < 0 ? null : values.subarray(k * each, (k + 1) * each));
      return { ...about, missed: own?.[t], far: (time) => far[time], codes: (time) => row(stops.indexOf(time)) };
    });
    return why(solvers.filter(Boolean), t, stops.filter((time) => time < t).at(-1) ?? t - 1);
  }

  // Puts HTML into a node. Its elements with data-said or data-moves change from stop to stop (draw/cards.py), and
  // data-style has what a policy forbids in an attribute (site.py).
  fill(node, html) {
    node.innerHTML = html;
    for (const each of node.querySelectorAll("[data-style]")) each.style.cssText = each.dataset.style;
    this.moving = ["said", "moves"].flatMap((what) =>
      [...node.querySelectorAll(`[data-${what}]`)].map((each) => {
        const texts = Object.entries(JSON.parse(each.dataset[what])).map(([axis, all]) => [axis, all.split("|")]);
        const put = what === "said" ? (text) => say(each, text) : (text) => each.setAttribute("transform", text);
        return [put, Object.fromEntries(texts)];
      }),
    );
    this.reads = [...node.querySelectorAll("[data-reads]")].map((each) => {
      const [place, what] = each.dataset.reads.split(" ");
      return { node: each, place: Number(place), what };
    });
  }

  // Whether the view stands on a dark ground.
  get dark() {
    return isDark(this.root);
  }

  // Where the sliders stand.
  get now() {
    return { ...this.data.at, ...sliderValues() };
  }

  // The axis to show where no slider has left its place.
  get home() {
    return Object.keys(this.data.stops)[0];
  }

  // The axis whose slider has left the place for which the server drew the page, and the number of its stop. It is null
  // where two sliders have left their places, because there are no codes for that.
  get position() {
    const { at, stops } = this.data;
    const now = this.now;
    const left = Object.keys(stops).filter((axis) => now[axis] !== at[axis]);
    const axis = left[0] ?? this.home;
    const k = stops[axis].indexOf(now[axis]);
    return left.length > 1 || k < 0 ? null : { axis, k };
  }

  // Computes what the codes of each column make at a stop, and writes the words of that stop.
  make({ axis, k }) {
    for (const column of this.columns) {
      if (!column.codes[axis]) continue;
      const { values, size } = column.codes[axis];
      const [count, n, d_s] = size;
      const from = (k % count) * n * d_s;
      const { atoms, made, offset } = Object.assign(column, { now: values, from, d_s });
      if (atoms) reconstruct(values, from, n, d_s, atoms, this.data.x.size[1], made, offset);
    }
    for (const [put, texts] of this.moving) if (texts[axis]) put(texts[axis][k % texts[axis].length]);
    for (const { node, place, what } of this.reads) {
      const { lam = this.now.lam } = this.columns[place];
      const numbers = numbersAt(this.columns[place], { axis, k });
      if (numbers) say(node, worded(what, { ...numbers, lam }));
    }
  }
}
