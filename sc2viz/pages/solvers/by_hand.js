// Adaptive ISTA with the gates that the reader sets: how far above the optimum it is after each iteration, drawn into
// its line of the chart.
import { objectives, symmetric } from "../../browser/adaptive.js";
import { floats, parcels } from "../../browser/decode.js";
import { component, make } from "../../browser/dom.js";
import { moveSliders, onMoved, sliderValues } from "../../browser/messages.js";
import { axesOf, linesOf, markersOf, plotOf } from "../../browser/plotly.js";
import { counted, percent } from "../../browser/readings.js";
import { _ } from "../../browser/words.js";

class Hand {
  constructor(parent) {
    this.root = parent.appendChild(make("p", "by-hand"));
  }

  async show(data, { report, signal }) {
    onMoved((key) => this.data && (key === "i" || key === "f") && this.follow(key), signal);
    if (!(await parcels.take(data.parcels, data.G, report)) || signal.aborted) return;
    const [high, low] = data.G.map(({ name }) => parcels.get(name));
    const b = floats(data.b);
    const upper = high.map((value, k) => value + low[k]);
    this.data = { ...data, G: symmetric(upper, b.length), b };
    this.say(this.distances(data.i, data.f));
    for (const trace of linesOf(this.plot)) trace.style.visibility = "";
  }

  // A gate has moved. If the two are locked, it moves the other one along.
  follow(key) {
    const at = sliderValues();
    const other = key === "i" ? "f" : "i";
    const { low, high } = this.data.limits[other];
    const along = Number(Math.min(high, Math.max(low, 1 - at[key])).toFixed(2));
    if (this.data.locked) moveSliders({ [other]: along });
    const now = this.distances(at.i, at.f);
    this.say(now);
    this.draw(now);
  }

  // How far F is above the optimum after each iteration, in % of the optimum.
  distances(i, f) {
    const { best, horizon } = this.data;
    return objectives(this.data, i, f, horizon).map((F) => (best > 0 ? (100 * (F - best)) / best : 0));
  }

  say(now) {
    const { steps } = this.data;
    const told = { iterations: counted(steps, "iteration"), far: percent(now[steps]) };
    this.root.textContent = _("After {iterations}: {far} above the optimum.", told);
  }

  get plot() {
    return plotOf(this.data.chart);
  }

  // Moves the line and its marker. Lines that the server computes when the slider is let go are hidden until then.
  draw(now) {
    const { xaxis, yaxis } = axesOf(this.plot);
    if (!xaxis) return;
    const traces = linesOf(this.plot);
    const [low, high] = yaxis.range.map((power) => 10 ** power);
    const place = (t) => {
      const value = Number.isNaN(now[t]) ? Infinity : now[t];
      return `${xaxis.d2p(t)},${yaxis.d2p(Math.max(low, Math.min(1e3 * high, value)))}`;
    };
    const { line } = this.data;
    const points = now.slice(1).map((_F, k) => place(k + 1));
    traces[line].querySelector(".js-line").setAttribute("d", `M${points.join("L")}`);
    const marker = markersOf(traces[line + 1]).at(-1);
    marker.setAttribute("transform", `translate(${place(this.data.steps)})`);
    for (const trace of traces.slice(line + 2)) trace.style.visibility = "hidden";
  }
}

export default component(Hand);
