// The charts of Activations, and how far their curves are apart, while θ, R, D or u is dragged.
import { apart, between, doubleTanh, fit, shrinkage } from "../../browser/activation.js";
import { component, make } from "../../browser/dom.js";
import { moveSliders, onMoved, sliderValues } from "../../browser/messages.js";
import { plotOf, redraw } from "../../browser/plotly.js";
import { short } from "../../browser/readings.js";
import { _, localized } from "../../browser/words.js";

const POINTS = 601; // of a curve
const KEYS = ["theta", "R", "D", "u"];

class Live {
  constructor(parent) {
    this.root = parent.appendChild(make("p", "apart"));
  }

  show(data, { signal }) {
    this.data = data;
    onMoved((key) => KEYS.includes(key) && this.follow(key), signal);
    this.say(data.at);
  }

  // While D and u are the best fit to shrinkage, a move of θ or R moves them along.
  follow(key) {
    const { limits } = this.data;
    const at = sliderValues();
    if (key === "D" || key === "u") this.data.fit = false;
    if (this.data.fit) {
      const best = this.fit(at) ?? { D: 0, u: at.theta };
      const clip = (name) => Number(Math.max(limits[name].low, Math.min(limits[name].high, best[name])).toFixed(2));
      moveSliders({ D: clip("D"), u: clip("u") });
    }
    this.say(at);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw(at);
    });
  }

  // The best fit within the sliders of D and u.
  fit(at) {
    const { D, u } = this.data.limits;
    return fit(at, { D: D.high, u: u.high });
  }

  say(at) {
    const best = this.fit(at);
    const [D, u] = [best?.D.toFixed(2), best?.u.toFixed(2)];
    const given = { D: localized(D ?? ""), u: localized(u ?? ""), apart: localized(apart(at).toPrecision(2)) };
    const now = _("On [−{R}, {R}] the two differ by {apart} (root mean square).", { ...given, R: short(at.R) });
    let fitted;
    if (!best) fitted = _("Since θ ≥ R, shrinkage is 0 on all of this range, and D = 0 is the best fit.");
    else if (Number(D) === at.D && Number(u) === at.u) fitted = _("D = {D} and u = {u} are the best fit.", given);
    else {
      const least = localized(apart({ ...at, ...best }).toPrecision(2));
      fitted = _("The best fit, D = {D} and u = {u}, differs by {least}.", { ...given, least });
    }
    this.root.textContent = `${now} ${fitted}`;
  }

  draw(at) {
    const { theta, R, D } = at;
    const wide = Math.max(1.5 * R, this.data.around * theta);
    // Straight lines across the chart, as its shapes number `from` and on.
    const lines = (from, ends) =>
      Object.assign(
        {},
        ...ends.map(([axis, value], k) => ({
          [`shapes[${from + k}].${axis}0`]: value,
          [`shapes[${from + k}].${axis}1`]: value,
        })),
      );
    const thetas = [
      ["x", -theta],
      ["x", theta],
    ];
    this.chart("activation", wide, 0, at, {
      "shapes[0].x0": -R,
      "shapes[0].x1": R,
      ...lines(1, [...thetas, ["y", -2 * D], ["y", 2 * D]]),
      "annotations[0].x": wide,
      "annotations[0].y": -2 * D,
      "annotations[1].x": -wide,
      "annotations[1].y": 2 * D,
    });
    for (const order of [1, 2]) this.chart(`derivative-${order}`, wide, order, at);
  }

  // Redraws a chart: both curves, or their derivatives of an order, on [−radius, radius]. `layout` has what else moves.
  chart(key, radius, order, at, layout = {}) {
    const plot = plotOf(key);
    if (!plot) return;
    const c = between(radius, POINTS);
    const [soft, smooth] = [shrinkage, doubleTanh].map((curve) => c.map((v) => curve[order](v, at)));
    const top = this.data.room * Math.max(...soft.map(Math.abs), ...smooth.map(Math.abs));
    // The first derivative of shrinkage jumps, and its line is interrupted there.
    const drawn = order === 1 ? soft.map((value, k) => (k + 1 < POINTS && value !== soft[k + 1] ? null : value)) : soft;
    const ranges = {
      "xaxis.range": [-radius, radius],
      ...(key === "activation" ? { "yaxis.range": [-top, top] } : {}),
    };
    redraw(plot, { x: [c, c], y: [drawn, smooth] }, { ...ranges, ...layout }, [0, 1]);
  }
}

export default component(Live);
