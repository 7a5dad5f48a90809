// Welcome: a picture as a sum of atoms, at the λ under the finger, and a code by hand, which tries to beat F.
import { LINE, line, mapped, natural, strip } from "./colour.js";
import { bytes, parcels } from "./decode.js";
import { component, isDark, make } from "./dom.js";
import { mosaic } from "./draw.js";
import { errors, objective, reconstruct } from "./objective.js";
import { percent, short } from "./readings.js";

const PLAY = 4000; // ms of the animation from no atoms to all atoms
const REST = 400; // ms after the last move until the position is sent to the server
const TERMS = 20; // written out
const IN_USE = 1e-3; // evaluation.IN_USE

class Adder {
  constructor(parent) {
    this.root = parent.querySelector(".adder");
    this.find = (what) => this.root.querySelector(what);
    this.moved = () => this.data && this.refresh();
    this.k = null; // atoms in the sum
    this.find("[aria-label^=Number]").oninput = (event) => (this.stop(), this.to(+event.target.value), this.tell());
    this.find(".play").onclick = () => (this.timer ? (this.stop(), this.tell()) : this.play(() => this.tell()));
    this.find(".theme").ontransitionend = () => this.data && (this.terms.clear(), this.refresh());
    this.find(".hand").onclick = () => this.byHand(this.hand ? null : Float32Array.from(this.weights));
    this.find(".weight").oninput = (event) => this.weigh(+event.target.value);
    this.find(".remove").onclick = () => this.weigh(0);
    this.sizes = new ResizeObserver(() => this.data && this.to(this.k));
  }

  async show(data, report) {
    Object.assign(this, { report, turn: (this.turn ?? 0) + 1 });
    const turn = this.turn;
    window.addEventListener("sc2viz-moved", this.moved);
    const labels = [data.x, data.atoms, data.codes];
    if (!(await parcels.take(data.parcels, labels, report)) || turn !== this.turn) return;
    const other = this.data?.x.name !== data.x.name || this.data.atoms.name !== data.atoms.name;
    const first = this.k === null;
    this.stop();
    this.data = data;
    [this.x, this.atoms, this.codes] = labels.map(({ name }) => parcels.get(name));
    [this.d_s, this.d_x] = data.atoms.size;
    if (other) this.set();
    this.refresh();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (first) this.to(Math.min(this.order.length, data.start ?? (still ? Infinity : 0)));
    if (first && data.start === null && !still) this.play();
    this.sizes.observe(this.find(".course"));
  }

  // Another picture or dictionary.
  set() {
    const [h, w] = this.data.shape;
    const [tall, wide] = this.data.line ? [LINE.high, LINE.wide] : [h, w];
    this.terms = new Map();
    this.hand = null;
    this.sum = new Float32Array(this.d_x);
    this.norms = Array.from({ length: this.d_s }, (_, j) => Math.hypot(...this.atoms.subarray(j * this.d_x, (j + 1) * this.d_x)));
    this.brush = { picture: mosaic(this.find(".picture"), 1, tall, wide, 1), sum: mosaic(this.find(".sum"), 1, tall, wide, 1) };
    this.brush.rest = mosaic(this.find(".rest"), 1, this.data.line ? LINE.strip : h, wide, 1);
    this.row(this.brush.picture, this.x);
    this.find(".picture").setAttribute("aria-label", this.data.title);
    this.find(".noun").textContent = `the ${this.data.noun}`;
  }

  row(brush, values) {
    const { shape, line: scale } = this.data;
    if (!scale) return brush(natural(values, shape[2], data.base));
    const tile = new Float32Array(LINE.high * LINE.wide);
    line(values, 0, scale, tile);
    brush(natural(tile, 1));
  }

  // The stop of λ: its weights, the order of its terms, and what is missing after each.
  refresh() {
    const { stops, at, contrast } = this.data;
    const place = stops.indexOf(window.sc2vizAt?.lam ?? at);
    this.stopAt = place < 0 ? stops.indexOf(at) : place;
    this.weights = this.hand ?? this.codes.subarray(this.stopAt * this.d_s, (this.stopAt + 1) * this.d_s);
    const atEnd = this.k !== null && this.k >= this.order?.length;
    const size = (j) => Math.abs(this.weights[j]) * this.norms[j];
    this.order = [...this.weights.keys()].filter((j) => Math.abs(this.weights[j]) > IN_USE).sort((i, j) => size(j) - size(i));
    const rest = Float32Array.from(this.x);
    const energy = () => rest.reduce((sum, value) => sum + value * value, 0) / (contrast || 1);
    this.missing = [energy()];
    for (const j of this.order) {
      for (let k = 0; k < this.d_x; k++) rest[k] -= this.weights[j] * this.atoms[j * this.d_x + k];
      this.missing.push(energy());
    }
    const count = this.order.length;
    this.find("[aria-label^=Number]").max = count;
    this.find("[aria-label^=Number]").disabled = this.find(".play").disabled = count === 0;
    this.drawTerms();
    const points = this.missing.map((_, k) => this.place(k));
    this.find(".line").setAttribute("d", `M${points.join(" L")}`);
    this.find(".all").textContent = `${count} atoms`;
    this.find(".says").textContent = this.data.says[this.stopAt];
    if (this.k !== null) this.to(Math.min(count, atEnd ? count : this.k));
  }

  place(k) {
    const count = this.order.length;
    return [count ? (300 * k) / count : 300, 148 - 146 * Math.min(1, this.missing[k])].map((v) => v.toFixed(1)).join(" ");
  }

  // The pictures of atoms are drawn once, and their buttons kept.
  term(j) {
    if (this.terms.has(j)) return this.terms.get(j);
    const term = make("button", "term");
    term.type = "button";
    term.append(make("span"), make("canvas"));
    const { shape: [h, w, channels], line: scale, diverging } = this.data;
    const part = this.atoms.subarray(j * this.d_x, (j + 1) * this.d_x);
    const top = part.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const table = bytes(diverging[+isDark(this.root)]);
    const brush = mosaic(term.lastChild, 1, scale ? LINE.high : h, scale ? LINE.wide : w, 1);
    const tile = new Float32Array(scale ? LINE.high * LINE.wide : this.d_x);
    if (scale) line(part, 0, { d_x: this.d_x, low: -top, high: top }, tile);
    else part.forEach((value, k) => (tile[k] = 0.5 + value / (2 * top)));
    brush(!scale && channels === 3 ? natural(tile, 3) : mapped(scale ? tile.map((v) => 0.5 + v / 2) : tile, table, 0, 1));
    this.terms.set(j, term);
    return term;
  }

  drawTerms() {
    const said = (value) => Math.abs(value).toPrecision(2).replace(/^(\d\d\d+)\.?.*/, "$1");
    const shown = this.order.slice(0, TERMS).map((j, place) => {
      const term = this.term(j);
      const sign = this.weights[j] < 0;
      term.firstChild.textContent = `${sign ? "− " : place ? "+ " : ""}${said(this.weights[j])} ·`;
      term.title = `Atom ${j}, weight ${sign ? "−" : ""}${said(this.weights[j])}`;
      term.setAttribute("aria-label", term.title);
      term.tabIndex = this.hand ? 0 : -1; // without a hand the slider serves keyboard users
      term.onclick = () => (this.hand ? this.pick(j) : (this.stop(), this.to(place + 1), this.tell()));
      return term;
    });
    const more = this.order.length - shown.length;
    const rest = make("button", "smaller", more ? `+ ${more} smaller` : "");
    rest.hidden = !more;
    rest.onclick = () => (this.stop(), this.to(this.order.length), this.tell());
    this.find(".equation").replaceChildren(make("span", "lead", shown.length ? "≈" : "≈ 0"), ...shown, rest);
    this.shown = shown;
  }

  to(k) {
    this.k = k;
    const { shape: [, , channels], line: scale, error, diverging } = this.data;
    const slider = this.find("[aria-label^=Number]");
    slider.value = k;
    const code = new Float32Array(this.d_s);
    for (const j of this.order.slice(0, k)) code[j] = this.weights[j];
    reconstruct(code, 0, 1, this.d_s, this.atoms, this.d_x, this.sum);
    this.row(this.brush.sum, this.sum);
    if (scale) {
      const [wrong, tile] = [new Float32Array(this.d_x), new Float32Array(LINE.strip * LINE.wide)];
      strip(errors(this.x, this.sum, 1, wrong) && wrong, 0, scale, tile);
      this.brush.rest(mapped(tile, bytes(error), 0, scale.high - scale.low));
    } else {
      // The remainder with its sign, averaged over the channels.
      const rest = Float32Array.from({ length: this.d_x / channels }, (_, pixel) => {
        let sum = 0;
        for (let c = 0, at = pixel * channels; c < channels; c++, at++) sum += this.x[at] - this.sum[at];
        return sum / channels;
      });
      this.brush.rest(mapped(rest, bytes(diverging[+isDark(this.root)]), -1, 1));
    }
    const atoms = `${k} atom${k === 1 ? "" : "s"}`;
    const missing = k ? percent(100 * this.missing[k]) : "everything";
    this.find(".sum-says").innerHTML = k === 1 ? "<b>1</b> atom" : `the sum of <b>${k}</b> atoms`;
    this.find(".rest-says").innerHTML = `missing: <b>${missing}</b>`;
    this.find(".sum").setAttribute("aria-label", `The sum of ${atoms}`);
    this.find(".rest").setAttribute("aria-label", `What is missing: ${missing} of the contrast of the ${this.data.noun}`);
    this.find("output").textContent = `${k} of ${this.order.length}`;
    slider.setAttribute("aria-valuetext", `${atoms}, ${missing} missing`);
    const past = this.missing.slice(0, k + 1).map((_, place) => this.place(place));
    this.find(".now").setAttribute("d", `M${past.join(" L")}`);
    const [px, py] = this.place(k).split(" ").map(Number);
    this.find(".area").setAttribute("d", `M0 150 L${past.join(" L")} L${px} 150 Z`);
    const box = this.find(".course svg");
    const dot = this.find(".point");
    dot.style.left = `calc(${box.parentElement.clientWidth - box.clientWidth}px + ${(px / 300) * box.clientWidth}px)`;
    dot.style.top = `${(py / 150) * box.clientHeight}px`;
    this.shown.forEach((term, place) => {
      term.classList.toggle("in", place < k);
      term.classList.toggle("last", this.hand ? this.order[place] === this.picked : place === k - 1);
    });
    if (this.hand) this.judge();
  }

  // By hand ------------------------------------------------------------------------------------------------------------

  byHand(weights) {
    this.stop();
    this.hand = weights;
    this.find(".hand").textContent = weights ? "The optimum again" : "By hand";
    this.find(".tools").hidden = !weights;
    this.k = Infinity;
    this.refresh();
    if (weights) this.pick(this.order[0] ?? 0);
  }

  pick(j) {
    this.picked = j;
    const weight = this.find(".weight");
    const most = Math.max(1, ...this.codes.map(Math.abs));
    [weight.min, weight.max, weight.step, weight.value] = [-most, most, most / 200, this.hand[j]];
    this.weigh(this.hand[j]);
  }

  weigh(value) {
    this.hand[this.picked] = Math.abs(value) > IN_USE ? value : 0;
    this.find(".weight").value = value;
    this.find(".weight-says").textContent = `atom ${this.picked}: ${short(value)}`;
    this.k = Infinity;
    this.refresh();
  }

  // F of the code by hand; and the atoms that would explain most of what is missing.
  judge() {
    const [F, best] = [objective(this.x, this.sum, this.hand, this.data.stops[this.stopAt]), this.data.F[this.stopAt]];
    const above = best ? (100 * (F - best)) / best : 0;
    this.find(".verdict").textContent = `Your F is ${F.toPrecision(4)}, ${percent(above)} above the optimum, ${best.toPrecision(4)}.`;
    const gain = (j) => {
      let sum = 0;
      for (let k = 0; k < this.d_x; k++) sum += this.atoms[j * this.d_x + k] * (this.x[k] - this.sum[k]);
      return Math.abs(sum);
    };
    const unused = [...this.hand.keys()].filter((j) => !this.hand[j]).map((j) => [gain(j), j]);
    const offered = unused.sort((a, b) => b[0] - a[0]).slice(0, 6).map(([, j]) => {
      const term = this.term(j);
      [term.firstChild.textContent, term.title, term.tabIndex] = ["+", `Add atom ${j}`, 0];
      term.className = "term in";
      term.setAttribute("aria-label", term.title);
      term.onclick = () => this.pick(j);
      return term;
    });
    this.find(".offered").replaceChildren(...offered);
  }

  // Playing ------------------------------------------------------------------------------------------------------------

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.find(".play").textContent = "Play";
  }

  play(atEnd) {
    if (!this.order.length) return;
    if (this.k >= this.order.length) this.to(0);
    this.find(".play").textContent = "Pause";
    const next = () => (this.k < this.order.length ? this.to(this.k + 1) : (this.stop(), atEnd?.()));
    this.timer = setInterval(next, Math.max(40, Math.min(250, PLAY / this.order.length)));
  }

  tell() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => !this.timer && !this.hand && this.report("at", this.k), REST);
  }

  leave() {
    this.turn += 1;
    this.sizes.disconnect();
    window.removeEventListener("sc2viz-moved", this.moved);
    clearInterval(this.timer);
    clearTimeout(this.rest);
    this.timer = null;
  }
}

export default component(Adder);
