// Adaptive ISTA with the gates that the reader sets: its distance after each iteration, drawn into its line.
import { objectives, symmetric } from "../../browser/adaptive.js";
import { floats, parcels } from "../../browser/decode.js";
import { component } from "../../browser/dom.js";
import { moveSliders, onMoved, sliderValues } from "../../browser/messages.js";
import { axesOf, linesOf, markersOf, plotOf } from "../../browser/plotly.js";
import { counted, percent } from "../../browser/readings.js";
import { _ } from "../../browser/words.js";

class Hand {
  async show(data, { report, signal }) {
    onMoved((key) => this.data && (key === "i" || key === "f") && this.follow(key), signal);
    if (!(await parcels.take(data.parcels, data.G, report)) || signal.aborted) return;
    const [high, low] = data.G.map(({ name }) => parcels.get(name));
    const b = floats(data.b);
    const upper = high.map((value, k) => value + low[k]);
    this.data = { ...data, G: symmetric(upper, b.length), b };
    this.describe(this.distances(data.i, data.f));
    for (const trace of linesOf(this.plot)) trace.style.visibility = "";
  }

  // A gate has moved. If the two are locked, it moves the other one along.
  follow(key) {
    const gates = sliderValues();
    const otherGate = key === "i" ? "f" : "i";
    const { low, high } = this.data.limits[otherGate];
    const value = Number(Math.min(high, Math.max(low, 1 - gates[key])).toFixed(2));
    if (this.data.locked) moveSliders({ [otherGate]: value });
    const distances = this.distances(gates.i, gates.f);
    this.describe(distances);
    this.draw(distances);
  }

  // How far F is above the optimum after each iteration, in % of the optimum.
  distances(i, f) {
    const { best, horizon } = this.data;
    return objectives(this.data, i, f, horizon).map((F) => (best > 0 ? (100 * (F - best)) / best : 0));
  }

  describe(distances) {
    const { steps } = this.data;
    const values = { iterations: counted(steps, "iteration"), distance: percent(distances[steps]) };
    this.root.textContent = _("After {iterations}: {distance} above the optimum.", values);
  }

  get plot() {
    return plotOf(this.data.chart);
  }

  // Moves the line and its marker. Lines that the server computes when the slider is let go are hidden until then.
  draw(distances) {
    const { xaxis, yaxis } = axesOf(this.plot);
    if (!xaxis) return;
    const traces = linesOf(this.plot);
    const [low, high] = yaxis.range.map((power) => 10 ** power);
    const place = (t) => {
      const value = Number.isNaN(distances[t]) ? Infinity : distances[t];
      return `${xaxis.d2p(t)},${yaxis.d2p(Math.max(low, Math.min(1e3 * high, value)))}`;
    };
    const { line } = this.data;
    const points = distances.slice(1).map((_F, k) => place(k + 1));
    traces[line].querySelector(".js-line").setAttribute("d", `M${points.join("L")}`);
    const marker = markersOf(traces[line + 1]).at(-1);
    marker.setAttribute("transform", `translate(${place(this.data.steps)})`);
    for (const trace of traces.slice(line + 2)) trace.style.visibility = "hidden";
  }
}

export default component(Hand, "p", "by-hand");
