// Cards whose canvases and words follow λ and T. They show what the codes of the stop at hand make, B s.
import { component, make } from "./dom.js";
import { drawer } from "./draw.js";
import { Follower } from "./follow.js";
import { IN_USE } from "./measure.js";
import { onDrawn, onMoved, tellSentence } from "./messages.js";
import { axesOf, linesOf, markersOf, plotOf, shapeOf } from "./plotly.js";
import { localized } from "./words.js";

class Board extends Follower {
  constructor(parent) {
    super();
    this.root = parent.appendChild(make("div", "board"));
    // A change of theme ends a transition of this element. The board is then drawn in the new colours.
    parent.append(make("i", "board-probe", "", { ontransitionend: () => this.paint(true) }));
  }

  async show(data, { report, signal }) {
    onMoved(() => this.paint(), signal);
    onDrawn(() => this.paint(true), signal);
    if (!(await this.take(data, report, signal))) return;
    this.fill(this.root, this.data.html);
    this.alts = [...this.root.querySelectorAll("canvas")].map((canvas) => [canvas, canvas.ariaLabel]);
    this.layOut();
    this.paint(true);
  }

  // Makes what draws each canvas, and says whose picture it is.
  layOut() {
    const { subject } = this.data;
    const { pen } = this;
    const title = pen?.named.title;
    this.draw = this.alts.map(([canvas]) => drawer(this, canvas, canvas.dataset.column, canvas.dataset.kind));
    this.laid = this.layout;
    this.root.toggleAttribute("data-drawn", Boolean(pen) && !pen.named.current);
    for (const [canvas] of this.alts) canvas.removeAttribute("data-without");
    this.words = this.alts.map(([canvas, alt]) => [canvas, title && subject ? alt.replace(subject, title) : alt]);
    if (!subject) return;
    const legend = this.root.querySelector(".sc-legend span");
    if (legend) legend.textContent = title || subject;
  }

  // Says of each canvas what it shows where the sliders stand; of a code how many atoms it uses.
  describe() {
    const { lam: moving, T } = this.now;
    for (const [canvas, alt] of this.words) {
      const { now, from, d_s, lam = moving } = this.columns[canvas.dataset.column];
      const countActive = () => now.subarray(from, from + d_s).reduce((count, s) => count + (Math.abs(s) > IN_USE), 0);
      const where = lam === undefined ? "" : `, λ = ${localized(String(Number(lam.toPrecision(6))))}`;
      canvas.ariaLabel = alt.replace("{active}", countActive) + where + (T === undefined ? "" : `, T = ${T}`);
    }
  }

  // What the words of the cards depend on: whose picture it is, and how many there are.
  get layout() {
    return [this.pen?.named.title, this.data.x.size[0]].join();
  }

  // Asked once a theme, because an answer between two drawings has Chromium compute styles anew.
  get dark() {
    this.ground ??= super.dark;
    return this.ground;
  }

  // Shows what a coder makes of its picture, where the sliders stand.
  follow(coder, anew) {
    const { lam, T } = this.now;
    if (!anew && lam === this.last?.lam && T === this.last.T) return;
    const [axis] = Object.keys(this.data.tops);
    this.last = { lam, T };
    this.code(coder, lam, T);
    for (const draw of this.draw) draw(axis, 0);
    for (const [canvas] of this.alts) {
      const { by } = this.columns[canvas.dataset.column];
      canvas.toggleAttribute("data-without", Boolean(by) && !coder.has(by));
    }
    this.describe();
    this.root.dataset.at = `${lam} ${T}`;
    this.say(coder);
  }

  leave() {
    if (this.data?.sentence) tellSentence("");
  }

  // Where no slider is away, the last axis that moved stays: codes of the other axis differ in their last digits.
  get home() {
    const axis = this.last?.axis;
    return axis in this.data.stops ? axis : super.home;
  }

  // Says the page's sentence on a coder's picture, or at a stop.
  say(coder, where) {
    const sentence = this.sentence(coder, where);
    if (sentence) tellSentence(sentence, this.data.sentence.courses ? () => this.reason(coder) : null);
  }

  paint(anew = false) {
    if (!this.data || !this.root.isConnected || !this.draw) return;
    const { pen } = this;
    if (anew) this.ground = null;
    this.put(pen?.x);
    if (this.laid !== this.layout) this.layOut();
    if (pen) return this.follow(pen, anew);
    const where = this.position;
    if (!where || (!anew && where.axis === this.last?.axis && where.k === this.last.k)) return;
    this.last = where;
    const { axis, k } = where;
    this.make(where);
    this.say(null, where);
    for (const draw of this.draw) draw(axis, k);
    this.describe();
    const isAway = this.now[axis] !== this.data.at[axis]; // elsewhere than where the server drew the page
    for (const dots of this.data.dots) if (dots.axis === axis && (!anew || isAway)) this.move(dots, k);
    this.root.dataset.at = `${axis} ${k}`;
  }

  // Moves the markers of a Plotly chart and its upright line to the k-th stop of their axis. The rest stays.
  move({ chart, axis, x, y }, k) {
    const plot = plotOf(chart);
    const { xaxis, yaxis } = axesOf(plot);
    if (!xaxis) return; // it is not drawn yet
    const { stops, at } = this.data;
    const [rule, before, now] = [shapeOf(plot), x[stops[axis].indexOf(at[axis])], x[k]];
    const upright = now.length && new Set(now).size === 1; // against the slider all markers stand at its value
    if (rule && upright) rule.setAttribute("transform", `translate(${xaxis.d2p(now[0]) - xaxis.d2p(before[0])},0)`);
    for (const [line, marker] of markersOf(linesOf(plot).at(-1)).entries()) {
      const [p, q] = [x[k][line], y[k][line]];
      const isShown = p !== null && q !== null;
      marker.style.visibility = isShown ? "" : "hidden";
      if (isShown) marker.setAttribute("transform", `translate(${xaxis.d2p(p)},${yaxis.d2p(q)})`);
    }
  }
}

export default component(Board);
