// The charts of Activations, and how far their curves are apart, while θ, R, D or u is dragged.
import { apart, between, doubleTanh, fit, shrinkage } from "../../browser/activation.js";
import { component } from "../../browser/dom.js";
import { moveSliders, onMoved, sliderValues } from "../../browser/messages.js";
import { plotOf, redraw } from "../../browser/plotly.js";
import { short } from "../../browser/readings.js";
import { _, localized } from "../../browser/words.js";

const POINTS = 601; // of a curve
const KEYS = ["theta", "R", "D", "u"];

class Live {
  show(data, { signal }) {
    this.data = data;
    onMoved((key) => KEYS.includes(key) && this.follow(key), signal);
    this.describe(data.values);
  }

  // While D and u are the best fit to shrinkage, a move of θ or R moves them along.
  follow(key) {
    const { limits } = this.data;
    const values = sliderValues();
    if (key === "D" || key === "u") this.data.fit = false;
    if (this.data.fit) {
      const best = this.fit(values) ?? { D: 0, u: values.theta };
      const clip = (name) => Number(Math.max(limits[name].low, Math.min(limits[name].high, best[name])).toFixed(2));
      moveSliders({ D: clip("D"), u: clip("u") });
    }
    this.describe(values);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw(values);
    });
  }

  // The best fit within the sliders of D and u.
  fit(values) {
    const { D, u } = this.data.limits;
    return fit(values, { D: D.high, u: u.high });
  }

  describe(values) {
    const best = this.fit(values);
    const [D, u] = [best?.D.toFixed(2), best?.u.toFixed(2)];
    const texts = { D: localized(D ?? ""), u: localized(u ?? "") };
    const numbers = { difference: localized(apart(values).toPrecision(2)), R: short(values.R) };
    const distance = _("On [−{R}, {R}] the two differ by {difference} (root mean square).", numbers);
    let sentence;
    if (!best) sentence = _("Since θ ≥ R, shrinkage is 0 on all of this range, and D = 0 is the best fit.");
    else if (Number(D) === values.D && Number(u) === values.u)
      sentence = _("D = {D} and u = {u} are the best fit.", texts);
    else {
      const minimum = localized(apart({ ...values, ...best }).toPrecision(2));
      sentence = _("The best fit, D = {D} and u = {u}, differs by {minimum}.", { ...texts, minimum });
    }
    this.root.textContent = `${distance} ${sentence}`;
  }

  draw(values) {
    const { theta, R, D } = values;
    const radius = Math.max(1.5 * R, this.data.around * theta);
    const layout = { "shapes[0].x0": -R, "shapes[0].x1": R };
    // Straight lines across the chart are its shapes from the second one on.
    for (const [k, place] of [`x ${-theta}`, `x ${theta}`, `y ${-2 * D}`, `y ${2 * D}`].entries()) {
      const [axis, value] = place.split(" ");
      for (const end of [0, 1]) layout[`shapes[${k + 1}].${axis}${end}`] = Number(value);
    }
    for (const [k, sign] of [1, -1].entries())
      Object.assign(layout, { [`annotations[${k}].x`]: sign * radius, [`annotations[${k}].y`]: -2 * sign * D });
    this.chart("activation", radius, 0, values, layout);
    for (const order of [1, 2]) this.chart(`derivative-${order}`, radius, order, values);
  }

  // Redraws a chart: both curves, or their derivatives of an order, on [−radius, radius]. `layout` has what else moves.
  chart(key, radius, order, values, layout = {}) {
    const plot = plotOf(key);
    if (!plot) return;
    const c = between(radius, POINTS);
    const [soft, smooth] = [shrinkage, doubleTanh].map((curve) => c.map((v) => curve[order](v, values)));
    const top = this.data.room * Math.max(...soft.map(Math.abs), ...smooth.map(Math.abs));
    // The first derivative of shrinkage jumps, and its line is interrupted there.
    const jumps = (value, k) => order === 1 && k + 1 < POINTS && value !== soft[k + 1];
    const interrupted = soft.map((value, k) => (jumps(value, k) ? null : value));
    const across = key === "activation" ? { "yaxis.range": [-top, top] } : {};
    const ranges = { "xaxis.range": [-radius, radius], ...across };
    redraw(plot, { x: [c, c], y: [interrupted, smooth] }, { ...ranges, ...layout }, [0, 1]);
  }
}

export default component(Live, "p", "apart");
