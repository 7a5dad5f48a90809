// One weight: the cost ½ (c − s)² + θ|s| has a kink at zero, and while |c| ≤ θ both of its slopes lead down to it.
// Beside it are shrinkage and double tanh of each c; without data of double tanh, the cost stands alone with θ = λ.
import { between, doubleTanh, fit, shrinkage } from "../activation.js";
import { component, make } from "../dom.js";
import { _, N_ } from "../words.js";
import { distinct, grip, Idea, two } from "./idea.js";
import { arrow, circle, path, rect, strong, tag, through, write } from "./svg.js";

const SPAN = 3; // of θ: how far the axes reach, so that the dead zone is a third of them
const POINTS = 181;
const LETTER = 9; // px: about the width of a letter, with some room

// The cost of a weight s where the loss alone would have c, and its slopes to the left and to the right of zero.
export const cost = (s, c, theta) => (c - s) ** 2 / 2 + theta * Math.abs(s);
export const slopes = (c, theta) => [-c - theta, theta - c];

const SAYS = {
  inside: N_("|c| = {c} ≤ {symbol} = {theta}: both slopes lead down to zero, so the minimum **stays at exactly 0**."),
  outside: N_(
    "|c| = {c} > {symbol} = {theta}: one slope leads away from zero, so the minimum is at c {sign} {symbol} = **{s}**.",
  ),
  smooth: N_("Double tanh makes **{smooth}** of it."),
  hill: N_("One weight: the cost of s, least at {s}; its slope is {left} left of zero and {right} right of it"),
  curve: N_(
    "One weight: shrinkage makes {s} of c = {c}, and 0 of all from {low} to {high}; double tanh makes " +
      "{smooth}, and 0 of 0 alone",
  ),
};

// What shrinkage by θ, called `symbol`, makes of c: s. smooth: what double tanh makes of it, where that is shown.
export const describeWeight = (theta, c, s, smooth, symbol = "θ") => {
  const [size, threshold] = distinct(Math.abs(c), theta);
  const values = { c: size, theta: threshold, symbol, sign: c > 0 ? "−" : "+", s: distinct(s, 0)[0] };
  const shrunk = _(Math.abs(c) <= theta ? SAYS.inside : SAYS.outside, values);
  return smooth === undefined ? shrunk : `${shrunk} ${_(SAYS.smooth, { smooth: two(smooth) })}`;
};

class OneWeight extends Idea {
  build() {
    this.root.classList.add("sc-one");
    this.plot = make("div", "sc-pair");
    const panel = (name) => {
      const node = this.plot.appendChild(make("div", "sc-plot"));
      const drawn = node.appendChild(make("div"));
      return { node, drawn, grip: node.appendChild(grip(name, (x) => this.move(x, this.size(node)[0]))) };
    };
    this.panels = [panel(_("c, the weight that the loss alone would have")), panel(_("c, the number that h is given"))];
    this.says = make("p", "sc-says");
    this.formula = make("small");
    const title = make("h2", "", _("One weight"));
    title.append(this.formula);
    this.root.append(title, this.plot, this.says);
  }

  get at() {
    const { lam, theta: shrinks, R, ...rest } = this.current;
    const theta = this.alone ? lam : shrinks;
    const fits = this.data.fits && rest.D === this.data.D && rest.u === this.data.u; // else sliders have moved
    const { D, u } = fits ? (fit({ theta, R }, this.data.limits) ?? { D: 0, u: theta }) : rest;
    const limit = SPAN * theta;
    this.c ??= 0.6 * theta;
    return { theta, D, u, limit, c: Math.max(-limit, Math.min(limit, this.c)) };
  }

  move(x, wide) {
    this.change({ c: this.at.limit * Math.max(-1, Math.min(1, (2 * x) / wide - 1)) });
  }

  draw() {
    const { at } = this;
    const { theta, c } = at;
    const s = shrinkage[0](c, at);
    const smooth = this.alone ? undefined : doubleTanh[0](c, at);
    this.drawCost(this.panels[0], at, s);
    if (!this.alone) this.drawCurve(this.panels[1], at, s, smooth);
    this.root.dataset.at = [theta, c, s, ...(this.alone ? [] : [smooth]), ...slopes(c, theta)].join(" ");
    this.tell(this.says, describeWeight(theta, c, s, smooth, this.alone ? "λ" : "θ"));
  }

  arrived() {
    this.alone = !this.data.colours;
    this.formula.textContent = this.alone
      ? _("its cost, ½(c − s)² + λ|s|")
      : _("its cost, ½(c − s)² + θ|s|, and what is least, h(c)");
    this.root.classList.toggle("sc-alone", this.alone);
    this.panels[1].node.hidden = this.alone;
    const { light, dark } = this.data.colours ?? {};
    for (const [k, name] of this.alone ? [] : ["--one", "--other"].entries())
      this.root.style.setProperty(name, `light-dark(${light[k]}, ${dark[k]})`);
  }

  // The places of a panel in px, for numbers from −limit to limit across and from `low` to `high` upwards.
  places({ node }, limit, low, high) {
    const [wide, tall] = this.size(node);
    const floor = tall - 26;
    const x = (v) => ((v / limit + 1) / 2) * wide;
    const y = (v) => 8 + (1 - (v - low) / (high - low)) * (floor - 8);
    const points = between(limit, POINTS);
    const clip = (place) => Math.max(-99, Math.min(999, place));
    const line = (f, name) => path(name, through(points.map((v) => [x(v), clip(y(f(v)))])));
    return { wide, tall, floor, x, y, line };
  }

  // The cost over s, with an arrow on each side of zero that points downhill.
  drawCost(panel, { theta, limit, c }, s) {
    const { wide, tall, floor, x, y, line } = this.places(panel, limit, 0, (c * c) / 2 + 2.6 * theta ** 2);
    const zero = cost(0, c, theta);
    const [left, right] = slopes(c, theta);
    const labels = [
      _("slope left: {slope}", { slope: strong(two(left)) }),
      _("slope right: {slope}", { slope: strong(two(right)) }),
    ];
    const letters = labels.join("").replaceAll(/<[^>]*>/g, "").length;
    const low = floor - (letters * LETTER < wide ? 12 : 32); // above the other one where there is no room beside it
    const slope = (side, slope) => {
      const isInwards = side * slope > 0; // downhill is towards zero
      const [near, far] = [0.12 * theta, 0.85 * theta].map((d) => [x(side * d), y(zero + side * slope * d) - 9]);
      return tag("g", { class: isInwards ? "in" : "out" }, isInwards ? arrow(far, near) : arrow(near, far));
    };
    const parts = [
      line((v) => (c - v) ** 2 / 2, "ring"),
      line((v) => theta * Math.abs(v), "ring"),
      path("axis", `M0 ${floor}H${wide}M${x(0)} 0V${floor}`),
      line((v) => cost(v, c, theta), "touching"),
      slope(-1, left) + write(labels[0], 8, low, "start"),
      slope(1, right) + write(labels[1], wide - 8, floor - 12, "end"),
      circle("optimum", [x(s), y(cost(s, c, theta))], 7),
      write("0", x(0), tall - 6, "middle"),
      write("c", Math.min(wide - 20, Math.max(10, x(c))), tall - 6, "middle"),
    ];
    const name = _(SAYS.hill, { s: two(s), left: two(left), right: two(right) });
    this.put(panel.drawn, [wide, tall], name, parts.join(""));
    panel.grip.stand(x(c), floor);
  }

  // What comes of each c: shrinkage, whose dead zone is a third of the axis, and double tanh.
  drawCurve(panel, at, s, smooth) {
    const { theta, limit, c } = at;
    const { wide, tall, floor, x, y, line } = this.places(panel, limit, -2.4 * theta, 2.4 * theta);
    const parts = [
      rect("dead", x(-theta), 0, x(theta) - x(-theta), floor),
      path("axis", `M0 ${y(0)}H${wide}M${x(0)} 0V${floor}`),
      line((v) => doubleTanh[0](v, at), "smooth"),
      line((v) => shrinkage[0](v, at), "soft"),
      path("drop", `M${x(c)} ${floor}V${y(s)}`),
      circle("smooth", [x(c), y(smooth)], 6),
      circle("soft", [x(c), y(s)], 7),
      write(_("dead zone: {zero}", { zero: strong("0") }), x(0), 20, "middle"),
      write(_("shrinkage"), 8, 40, "", "soft"),
      write(_("double tanh"), 8, 60, "", "smooth"),
      write("−θ", x(-theta), tall - 6, "middle"),
      write("θ", x(theta), tall - 6, "middle"),
      write("c", wide - 6, tall - 6, "end"),
    ];
    const name = _(SAYS.curve, { s: two(s), c: two(c), low: two(-theta), high: two(theta), smooth: two(smooth) });
    this.put(panel.drawn, [wide, tall], name, parts.join(""));
    panel.grip.stand(x(c), floor);
  }
}

export default component(OneWeight);
