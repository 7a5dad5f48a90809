// One weight: the cost ½ (c − s)² + θ|s| has a kink at zero, and while |c| ≤ θ both of its slopes lead down to it.
// Beside it is what comes of each c, shrinkage, with double tanh over it. c can be dragged. Where the data say nothing of
// double tanh, the cost stands alone, and θ is the price λ.
import { between, doubleTanh, fit, shrinkage } from "../activation.js";
import { component, make } from "../dom.js";
import { sliderValues } from "../messages.js";
import { _, N_ } from "../words.js";
import { distinct, grip, Idea, two } from "./idea.js";

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
    this.plot = make("div", "sc-pair");
    const panel = (name) => {
      const node = this.plot.appendChild(make("div", "sc-plot"));
      const drawing = node.appendChild(make("div"));
      const held = node.appendChild(grip(name, (x) => this.move(x, this.size(node)[0])));
      return { node, drawing, held };
    };
    this.panels = [panel(_("c, the weight that the loss alone would have")), panel(_("c, the number that h is given"))];
    this.says = make("p", "sc-says");
    this.formula = make("small");
    const title = make("h2", "", _("One weight"));
    title.append(this.formula);
    this.root.append(title, this.plot, this.says);
    this.root.classList.add("sc-one");
  }

  get at() {
    const { lam, theta: given, R, ...rest } = { ...this.data, ...sliderValues() };
    const theta = this.alone ? lam : given;
    const fits = this.data.fits && rest.D === this.data.D && rest.u === this.data.u; // else sliders have moved
    const { D, u } = fits ? (fit({ theta, R }, this.data.limits) ?? { D: 0, u: theta }) : rest;
    const most = SPAN * theta;
    this.c ??= 0.6 * theta;
    return { theta, D, u, most, c: Math.max(-most, Math.min(most, this.c)) };
  }

  move(x, wide) {
    const { most } = this.at;
    this.c = most * Math.max(-1, Math.min(1, (2 * x) / wide - 1));
    this.paint();
  }

  paint() {
    if (!this.data || !this.size(this.plot)[0]) return;
    const { at } = this;
    const { theta, c } = at;
    const s = shrinkage[0](c, at);
    const smooth = this.alone ? undefined : doubleTanh[0](c, at);
    this.hill(this.panels[0], at, s);
    if (!this.alone) this.curve(this.panels[1], at, s, smooth);
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
    if (this.alone) return;
    const { light, dark } = this.data.colours;
    for (const [k, name] of ["--one", "--other"].entries())
      this.root.style.setProperty(name, `light-dark(${light[k]}, ${dark[k]})`);
  }

  // The places of a panel in px, for numbers from −most to most across and from `low` to `high` upwards.
  places({ node }, most, low, high) {
    const [wide, tall] = this.size(node);
    const floor = tall - 26;
    const x = (v) => ((v / most + 1) / 2) * wide;
    const y = (v) => 8 + (1 - (v - low) / (high - low)) * (floor - 8);
    const points = between(most, POINTS);
    const line = (f, name) => {
      const at = points.map((v) => `${x(v).toFixed(1)} ${Math.max(-99, Math.min(999, y(f(v)))).toFixed(1)}`);
      return `<path class="${name}" d="M${at.join("L")}"/>`;
    };
    return { wide, tall, floor, x, y, line };
  }

  // The cost over s, with an arrow on each side of zero that points downhill.
  hill(panel, { theta, most, c }, s) {
    const to = this.places(panel, most, 0, (c * c) / 2 + 2.6 * theta ** 2);
    const { wide, tall, floor, x, y } = to;
    const zero = cost(0, c, theta);
    const [left, right] = slopes(c, theta);
    const is = (slope) => ({ slope: `<tspan class="is">${two(slope)}</tspan>` });
    const said = [_("slope left: {slope}", is(left)), _("slope right: {slope}", is(right))];
    const letters = said.join("").replaceAll(/<[^>]*>/g, "").length;
    const low = floor - (letters * LETTER < wide ? 12 : 32); // above the other one where there is no room beside it
    const arrow = (side, slope) => {
      const inwards = side * slope > 0; // downhill is towards zero
      const [near, far] = [0.12 * theta, 0.85 * theta].map((d) => [x(side * d), y(zero + side * slope * d) - 9]);
      const [from, end] = inwards ? [far, near] : [near, far];
      const turn = (Math.atan2(end[1] - from[1], end[0] - from[0]) * 180) / Math.PI;
      return `<g class="${inwards ? "in" : "out"}"><path d="M${from}L${end}"/>
        <path class="head" transform="translate(${end}) rotate(${turn})" d="M2 0L-9 -6V6Z"/></g>
        <text x="${side < 0 ? 8 : wide - 8}" y="${side < 0 ? low : floor - 12}"
          text-anchor="${side < 0 ? "start" : "end"}">${side < 0 ? said[0] : said[1]}</text>`;
    };
    this.put(
      panel.drawing,
      [wide, tall],
      _(SAYS.hill, { s: two(s), left: two(left), right: two(right) }),
      `${to.line((v) => (c - v) ** 2 / 2, "ring")}${to.line((v) => theta * Math.abs(v), "ring")}
       <path class="axis" d="M0 ${floor}H${wide}M${x(0)} 0V${floor}"/>
       ${to.line((v) => cost(v, c, theta), "touching")}${arrow(-1, left)}${arrow(1, right)}
       <circle class="optimum" cx="${x(s)}" cy="${y(cost(s, c, theta))}" r="7"/>
       <text x="${x(0)}" y="${tall - 6}" text-anchor="middle">0</text>
       <text x="${Math.min(wide - 20, Math.max(10, x(c)))}" y="${tall - 6}" text-anchor="middle">c</text>`,
    );
    panel.held.stand(x(c), floor);
  }

  // What comes of each c: shrinkage, whose dead zone is a third of the axis, and double tanh.
  curve(panel, at, s, smooth) {
    const { theta, most, c } = at;
    const to = this.places(panel, most, -2.4 * theta, 2.4 * theta);
    const { wide, tall, floor, x, y } = to;
    const zero = '<tspan class="is">0</tspan>';
    this.put(
      panel.drawing,
      [wide, tall],
      _(SAYS.curve, { s: two(s), c: two(c), low: two(-theta), high: two(theta), smooth: two(smooth) }),
      `<rect class="dead" x="${x(-theta)}" y="0" width="${x(theta) - x(-theta)}" height="${floor}"/>
       <path class="axis" d="M0 ${y(0)}H${wide}M${x(0)} 0V${floor}"/>
       ${to.line((v) => doubleTanh[0](v, at), "smooth")}${to.line((v) => shrinkage[0](v, at), "soft")}
       <path class="drop" d="M${x(c)} ${floor}V${y(s)}"/>
       <circle class="smooth" cx="${x(c)}" cy="${y(smooth)}" r="6"/>
       <circle class="soft" cx="${x(c)}" cy="${y(s)}" r="7"/>
       <text x="${x(0)}" y="20" text-anchor="middle">${_("dead zone: {zero}", { zero })}</text>
       <text class="soft" x="8" y="20">${_("shrinkage")}</text>
       <text class="smooth" x="8" y="40">${_("double tanh")}</text>
       <text x="${x(-theta)}" y="${tall - 6}" text-anchor="middle">−θ</text>
       <text x="${x(theta)}" y="${tall - 6}" text-anchor="middle">θ</text>
       <text x="${wide - 6}" y="${tall - 6}" text-anchor="end">c</text>`,
    );
    panel.held.stand(x(c), floor);
  }
}

export default component(OneWeight);
