// Cards whose canvases and words follow λ and T. They show what the codes of the stop at hand make, B s.
import { component, make } from "./dom.js";
import { drawer } from "./draw.js";
import { Follower } from "./follow.js";
import { onMoved, tellSentence } from "./messages.js";
import { axesOf, linesOf, markersOf, plotOf, shapeOf } from "./plotly.js";

export class Board extends Follower {
  constructor(parent) {
    super();
    this.root = parent.appendChild(make("div", "board"));
    // A change of theme ends a transition of this element. The board is then drawn in the new colours.
    this.probe = parent.appendChild(make("i", "board-probe"));
    this.probe.ontransitionend = () => this.paint(true);
  }

  async show(data, { report, signal }) {
    onMoved(() => this.paint(), signal);
    if (!(await this.take(data, report, signal))) return;
    this.fill(this.root, this.data.html);
    this.layOut();
    this.paint(true);
  }

  // Makes what draws each canvas.
  layOut() {
    const canvases = [...this.root.querySelectorAll("canvas")];
    this.draw = canvases.map((canvas) => drawer(this, canvas, canvas.dataset.column, canvas.dataset.kind));
  }

  leave() {
    if (this.data?.says) tellSentence("");
  }

  // Where no slider is away, the axis that moved last stays: another batch computed the codes of the other one, whose
  // last digits differ.
  get home() {
    const axis = this.last?.axis;
    return axis in this.data.stops ? axis : super.home;
  }

  // Whether a slider stands elsewhere than where the server drew the page.
  away(axis) {
    return this.now[axis] !== this.data.at[axis];
  }

  // The page's sentence at a stop. It is empty, and that of the server holds, where all sliders stand as the server
  // knows them, and where there are no codes.
  say(where) {
    const { says, at } = this.data;
    if (!says) return;
    const all = where && Object.keys(at).some((axis) => this.away(axis)) && says[where.axis];
    tellSentence(all ? all[where.k] : "");
  }

  paint(anew = false) {
    if (!this.data || !this.root.isConnected) return;
    const where = this.position;
    this.say(where);
    if (!where || (!anew && where.axis === this.last?.axis && where.k === this.last.k)) return;
    this.last = where;
    const { axis, k } = where;
    this.make(where);
    for (const draw of this.draw) draw(axis, k);
    for (const dots of this.data.dots) if (dots.axis === axis && (!anew || this.away(axis))) this.move(dots, k);
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
      const there = x[k][line] !== null && y[k][line] !== null;
      marker.style.visibility = there ? "" : "hidden";
      if (there) marker.setAttribute("transform", `translate(${xaxis.d2p(x[k][line])},${yaxis.d2p(y[k][line])})`);
    }
  }
}

export default component(Board);
