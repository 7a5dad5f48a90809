// Activations while θ, R, D or u is dragged: the curves and how far they are apart.
import { apart, between, doubleTanh, fit, shrinkage } from "./activation.js";
import { component, make } from "./dom.js";
import { short } from "./readings.js";

const POINTS = 601;
const KEYS = ["theta", "R", "D", "u"];

class Live {
  constructor(parent) {
    this.root = parent.appendChild(make("p", "apart"));
    this.moved = ({ detail }) => KEYS.includes(detail) && this.follow(detail);
  }

  show(data) {
    this.data = data;
    window.addEventListener("sc2viz-moved", this.moved);
    this.say(data.at);
  }

  // θ and R take D and u along as long as these are the best fit.
  follow(key) {
    const { limits } = this.data;
    if (key === "D" || key === "u") this.data.fit = false;
    if (this.data.fit) {
      const best = fit(window.sc2vizAt) ?? { D: 0, u: window.sc2vizAt.theta };
      const clip = (name) => Number(Math.max(limits[name].low, Math.min(limits[name].high, best[name])).toFixed(2));
      window.dispatchEvent(new CustomEvent("sc2viz-set", { detail: { D: clip("D"), u: clip("u") } }));
    }
    this.say(window.sc2vizAt);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw(window.sc2vizAt);
    });
  }

  say(at) {
    const { limits } = this.data;
    const best = fit(at);
    const [D, u] = [best?.D.toFixed(2), best?.u.toFixed(2)];
    const now = `On [−${short(at.R)}, ${short(at.R)}] the two differ by ${apart(at).toPrecision(2)} (root mean square).`;
    const beyond = best && (best.D > limits.D.high || best.u > limits.u.high) ? ", beyond the sliders" : "";
    if (!best) this.root.textContent = `${now} Since θ ≥ R, shrinkage is 0 on all of this range, and D = 0 is the best fit.`;
    else if (Number(D) === at.D && Number(u) === at.u) this.root.textContent = `${now} D = ${D} and u = ${u} are the best fit.`;
    else {
      const least = apart({ ...at, ...best }).toPrecision(2);
      this.root.textContent = `${now} The best fit, D = ${D} and u = ${u}${beyond}, differs by ${least}.`;
    }
  }

  draw(at) {
    const { theta, R, D } = at;
    const top = this.lines("activation", 1.5 * R, 0, at);
    this.layout("activation", {
      "yaxis.range": [-this.data.room * top, this.data.room * top],
      ...along("shapes[0]", "x", -R, R),
      ...along("shapes[1]", "x", -theta, -theta),
      ...along("shapes[2]", "x", theta, theta),
      ...along("shapes[3]", "y", -2 * D, -2 * D),
      ...along("shapes[4]", "y", 2 * D, 2 * D),
      "annotations[0].y": -2 * D,
      "annotations[1].y": 2 * D,
      "annotations[0].x": 1.5 * R,
      "annotations[1].x": -1.5 * R,
    });
    this.lines("near-zero", Math.min(3 * theta, R / 2), 0, at);
    this.layout("near-zero", {
      ...along("shapes[0]", "x", -theta, -theta),
      ...along("shapes[1]", "x", theta, theta),
      "annotations[0].x": -theta,
      "annotations[1].x": theta,
    });
    for (const order of [1, 2]) this.lines(`derivative-${order}`, 1.5 * R, order, at);
  }

  plot(key) {
    return document.querySelector(`.st-key-${key} .js-plotly-plot`);
  }

  layout(key, changes) {
    if (this.plot(key)) window.Plotly.relayout(this.plot(key), changes);
  }

  // Both curves, or a derivative of both, on [−radius, radius]; their largest value.
  lines(key, radius, order, at) {
    const c = between(radius, POINTS);
    const [soft, smooth] = [shrinkage, doubleTanh].map((curve) => c.map((v) => curve[order](v, at)));
    const top = Math.max(...soft.map(Math.abs), ...smooth.map(Math.abs));
    // The line is interrupted where it jumps.
    const drawn = order === 1 ? soft.map((value, k) => (k + 1 < POINTS && value !== soft[k + 1] ? null : value)) : soft;
    const plot = this.plot(key);
    if (plot) window.Plotly.update(plot, { x: [c, c], y: [drawn, smooth] }, { "xaxis.range": [-radius, radius] }, [0, 1]);
    return top;
  }

  leave() {
    window.removeEventListener("sc2viz-moved", this.moved);
    cancelAnimationFrame(this.frame);
    this.frame = null;
  }
}

const along = (shape, axis, from, to) => ({ [`${shape}.${axis}0`]: from, [`${shape}.${axis}1`]: to });

export default component(Live);
