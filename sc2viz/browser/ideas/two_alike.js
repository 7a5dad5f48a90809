// Two alike atoms: a slider tilts atom 2 towards atom 1, of which x was made, with some noise. Beside the plane of x
// are F in the plane of the two weights, with the ways of ISTA and FISTA, and how many iterations they need at each
// angle.
import { component, make } from "../dom.js";
import { sliderValues } from "../messages.js";
import { counted } from "../readings.js";
import { dial } from "../sliders.js";
import { _, andList, localized, N_ } from "../words.js";
import { distinct, grip, Idea, rewrite, two } from "./idea.js";
import { ellipse, inQuadrant, lasso2, needed, outline, SIGNS } from "./two_weights.js";

const STEPS = 60; // of the slider
const WIDEST = 90; // degrees
const NARROWEST = 5;
const ACCURACY = 0.01; // of the two weights
const MOST = 5000; // iterations
const WEIGHTS = [-0.2, 1.15]; // the ends of the axes of both weights
const PLANE = [-0.22, 1.2]; // those of the plane of x
const NOISE = 0.55; // how far x can be dragged from atom 1
const DRAWN = 40; // iterations whose dots are drawn
const RINGS = [0.02, 0.07, 0.15, 0.27, 0.43, 0.63, 0.87, 1.2]; // contours, as shares of F(0) − F*

const SAYS = {
  none: N_("λ = {lam} is above both |bᵀx|, so **both weights are zero**."),
  second: N_("**λ picks the wrong one**: x was made of atom 1, but |b₂ᵀx| = {other} is more than |b₁ᵀx| = {one}."),
  first: N_(
    "**Atom 1 takes all**: of what it leaves, atom 2 would explain |b₂ᵀ(x − Bs)| = {left}, no more than λ = {lam}.",
  ),
  wrong: N_("**Both atoms share x**, {first} and {second}, though it was made of atom 1: the wrong one has more."),
  both: N_("**Both atoms share x**, {first} and {second}, though it was made of atom 1."),
  narrow: N_("The contours of the loss are **{times} times** as long as wide."),
  valley: N_(
    "Two alike atoms: contours of F in the weights of both atoms, the ways of {solvers}, and the optimum " +
      "at {first} and {second}",
  ),
  plane: N_("Two alike atoms in the plane, x, and the sum of {first} times atom 1 and {second} times atom 2"),
  needs: N_("Two alike atoms: the iterations that {solvers} need from {widest}° to {narrowest}°"),
};

const angleAt = (step) => WIDEST * (NARROWEST / WIDEST) ** (step / STEPS);
const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => localized(`${Number(angle.toPrecision(angle < 10 ? 2 : 3)).toFixed(angle < 10 ? 1 : 0)}°`);

// The two atoms at an angle, their Gram matrix and Bᵀx.
export const problem = (angle, x) => {
  const [c, s] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  return {
    atoms: [
      [1, 0],
      [c, s],
    ],
    G: [
      [1, c],
      [c, 1],
    ],
    on: [x[0], c * x[0] + s * x[1]],
  };
};

// The exact code: the Lasso in the weights, whose least squares are G⁻¹Bᵀx.
export const exact = ({ G, on }, lam) => lasso2(G, inQuadrant(G, on, 0, SIGNS[0]).centre, lam);

// What the exact code s of x at λ has, and how narrow the valley is. G and on: the products of the atoms with each
// other and with x.
export const describeAlike = ({ G, on }, lam, s) => {
  const [, g] = G[0];
  if (!s[0] && !s[1]) return _(SAYS.none, { lam });
  const [one, other] = distinct(...on.map(Math.abs));
  const [first, second] = s.map((each) => two(each));
  const more = Math.abs(s[1]) > Math.abs(s[0]) && first !== second;
  const which = !s[0] ? "second" : !s[1] ? "first" : more ? "wrong" : "both";
  const left = two(Math.min(lam, Math.abs(on[1] - g * s[0])));
  const times = localized(Math.sqrt((1 + g) / (1 - g)).toFixed(1));
  return `${_(SAYS[which], { lam, one, other, first, second, left })} ${_(SAYS.narrow, { times })}`;
};

class TwoAlike extends Idea {
  build() {
    this.step = 24;
    this.x = [1.0, 0.16];
    this.root.classList.add("sc-alike");
    this.plot = make("div", "sc-plot");
    this.valley = this.plot.appendChild(make("div"));
    const head = make("div", "sc-bar");
    head.append(make("h2", "", _("Two alike atoms")));
    const slider = { min: 0, max: STEPS, step: 1, value: this.step, says: (at) => degrees(angleAt(at)) };
    this.tilt = dial(_("angle between them"), slider, (step) => this.turn(step));
    const square = make("div", "sc-plot");
    this.plane = square.appendChild(make("div"));
    this.held = square.appendChild(grip(_("x, made of atom 1 and noise"), (x, y) => this.move(x, y)));
    this.says = make("p", "sc-says");
    this.counts = make("p", "sc-counts");
    const told = make("div");
    told.append(this.says, this.counts);
    this.chart = make("div", "sc-needs");
    this.root.append(head, this.tilt, this.plot, square, told, this.chart);
  }

  // The exact code at each angle, and the iterations that both solvers need to it.
  table() {
    const { lam, x, all } = this;
    const head = ["degrees", "lambda", "x1", "x2", "s1", "s2", ...this.data.labels.map((each) => `iterations ${each}`)];
    return [head, ...all.map(({ s, counts }, step) => [angleAt(step), lam, ...x, ...s, ...counts])];
  }

  turn(step) {
    this.step = step;
    this.paint();
  }

  move(x, y) {
    const [side] = this.size(this.plane);
    const span = PLANE[1] - PLANE[0];
    const noise = [PLANE[0] + (x / side) * span - 1, PLANE[1] - (y / side) * span];
    const much = Math.max(1, Math.hypot(...noise) / NOISE);
    this.x = [1 + noise[0] / much, noise[1] / much];
    this.paint();
  }

  arrived() {
    for (const [k, colour] of this.data.colours.entries()) this.root.style.setProperty(`--solver-${k}`, colour);
  }

  paint() {
    if (!this.data || !this.size(this.plot)[0]) return;
    const { lam } = { ...this.data, ...sliderValues() };
    this.lam = lam;
    const angle = angleAt(this.step);
    const at = problem(angle, this.x);
    const s = exact(at, lam);
    const found = [false, true].map((momentum) => {
      const path = [];
      return { count: needed(at.G, at.on, lam, momentum, s, ACCURACY, MOST, path), path };
    });
    this.em = 0.9 * this.size(this.plot)[2];
    this.paths(at, lam, s, found);
    this.pixels(at, s);
    this.needs(lam, found);
    this.root.dataset.at = [angle, lam, ...this.x, ...s, ...found.map(({ count }) => count)].join(" ");
    this.tell(this.says, describeAlike(at, lam, s));
    const counts = found.map(({ count }, k) => {
      const over = _("over {many} iterations", { many: localized(MOST.toLocaleString("en")) });
      const said = count >= MOST ? over : counted(count, "iteration");
      return `<b class="solver${k}">${this.data.labels[k]}</b><span>${said}</span>`;
    });
    const until = _("Until the code is within {accuracy} of the optimum:", { accuracy: ACCURACY });
    rewrite(this.counts, `<i>${until}</i>${counts.join("")}`);
  }

  // Contours of F in the plane of the weights: in each quadrant, parts of ellipses around a centre of its own.
  paths({ G, on }, lam, s, found) {
    const [side] = this.size(this.plot);
    const unit = side / (WEIGHTS[1] - WEIGHTS[0]);
    const place = ([p, q]) => [(p - WEIGHTS[0]) * unit, (WEIGHTS[1] - q) * unit];
    const [x0, y0] = place([0, 0]);
    const F = (p, q) =>
      (p * p + 2 * G[0][1] * p * q + q * q) / 2 - on[0] * p - on[1] * q + lam * (Math.abs(p) + Math.abs(q));
    const best = F(...s);
    const depth = Math.max(-best, 1e-3);
    const quadrants = SIGNS.map((signs, k) => {
      const { centre, least } = inQuadrant(G, on, lam, signs);
      const [cx, cy] = place(centre);
      const { radii, turn } = ellipse(G, unit);
      const levels = RINGS.map((ring) => 2 * (best + ring * depth - least)).filter((above) => above > 0);
      const rings = levels.map((above) => radii.map((each) => each * Math.sqrt(above)));
      const [left, top] = [signs[0] > 0 ? x0 : 0, signs[1] > 0 ? 0 : y0];
      return `<clipPath id="sc-quadrant-${k}"><rect x="${left}" y="${top}" width="${signs[0] > 0 ? side - x0 : x0}"
        height="${signs[1] > 0 ? y0 : side - y0}"/></clipPath>
        <path class="ring" clip-path="url(#sc-quadrant-${k})" d="${outline(cx, cy, rings, turn)}"/>`;
    });
    const ways = found.map(({ path }, k) => {
      const reached = path.slice(0, Math.max(DRAWN, found[k].count) + 1);
      const points = reached.map(place).map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
      const dots = points.slice(0, DRAWN).map((point) => `M${point}h0`); // strokes without length, whose ends are round
      return `<g class="way solver${k}"><path d="M${points.join("L")}"/><path class="dots" d="${dots.join("")}"/></g>`;
    });
    const [x, y] = place(s);
    this.put(
      this.valley,
      [side, side],
      _(SAYS.valley, { solvers: andList(this.data.labels), first: two(s[0]), second: two(s[1]) }),
      `${quadrants.join("")}<path class="axis" d="M0 ${y0}H${side}M${x0} 0V${side}"/>${ways.join("")}
       <circle class="optimum" cx="${x}" cy="${y}" r="${0.45 * this.em}"/>
       <text x="${side - 8}" y="${y0 + 1.3 * this.em}" text-anchor="end"
         >s₁ = <tspan class="is">${two(s[0])}</tspan></text>
       <text x="${x0 + 8}" y="${1.3 * this.em}">s₂ = <tspan class="is">${two(s[1])}</tspan></text>`,
    );
  }

  // The plane in which x and the atoms lie.
  pixels({ atoms }, s) {
    const [side] = this.size(this.plane);
    const unit = side / (PLANE[1] - PLANE[0]);
    const place = ([p, q]) => [(p - PLANE[0]) * unit, (PLANE[1] - q) * unit];
    const zero = place([0, 0]);
    const arrow = (b, k) => {
      const tip = place(b);
      const turn = (Math.atan2(tip[1] - zero[1], tip[0] - zero[0]) * 180) / Math.PI;
      const [x, y] = place(b.map((each) => each * 0.6));
      return `<g class="atom atom${k}${s[k] ? " used" : ""}"><path d="M${zero}L${tip}"/>
        <path class="head" transform="translate(${tip}) rotate(${turn})" d="M2 0L-9 -5V5Z"/>
        <text x="${x}" y="${y + (k ? -0.5 : 1.2) * this.em}" text-anchor="middle">b${"₁₂"[k]}</text></g>`;
    };
    const made = place([0, 1].map((k) => s[0] * atoms[0][k] + s[1] * atoms[1][k]));
    const first = place(atoms[0].map((each) => each * s[0]));
    const x = place(this.x);
    this.put(
      this.plane,
      [side, side],
      _(SAYS.plane, { first: two(s[0]), second: two(s[1]) }),
      `${atoms.map(arrow).join("")}<path class="drop" d="M${place(atoms[0])}L${x}"/>
       <path class="sum atom0" d="M${zero}L${first}"/><path class="sum atom1" d="M${first}L${made}"/>
       <circle class="optimum" cx="${made[0]}" cy="${made[1]}" r="${0.35 * this.em}"/>
       <text class="is" x="${x[0] + 14}" y="${x[1] - 8}">x</text>`,
    );
    this.held.stand(...x);
  }

  // The iterations that both need at each angle, over what the exact code has there.
  needs(lam, found) {
    const [wide, tall] = this.size(this.chart);
    const { em } = this;
    const floor = tall - 1.6 * em;
    const x = (step) => (step / STEPS) * wide;
    const y = (count) => floor - (Math.log10(Math.max(1, count)) / Math.log10(MOST)) * (floor - 1.5 * em);
    const known = `${lam} ${this.x}`;
    if (this.known !== known) {
      this.known = known;
      this.all = Array.from({ length: STEPS + 1 }, (_, step) => {
        const at = problem(angleAt(step), this.x);
        const s = exact(at, lam);
        const counts = [false, true].map((momentum) => needed(at.G, at.on, lam, momentum, s, ACCURACY, MOST));
        return { of: (s[0] ? 1 : 0) + (s[1] ? 2 : 0), s, counts };
      });
    }
    const zones = [];
    for (const [step, { of }] of this.all.entries())
      if (zones.at(-1)?.of === of) zones.at(-1).to = step + 0.5;
      else zones.push({ of, from: Math.max(0, step - 0.5), to: step + 0.5 });
    const words = [_("neither"), _("atom 1 takes all"), _("the wrong one"), _("both")];
    const bands = zones.map(({ of, from, to }) => {
      const room = x(Math.min(STEPS, to)) - x(from);
      const text = room > 0.5 * em * words[of].length ? words[of] : "";
      return `<rect class="zone zone${of}" x="${x(from)}" y="0" width="${room}" height="${floor}"/>
        <text x="${x(from) + room / 2}" y="${1.1 * em}" text-anchor="middle">${text}</text>`;
    });
    const lines = [0, 1].map((k) => {
      const points = this.all.map(({ counts }, step) => `${x(step).toFixed(1)} ${y(counts[k]).toFixed(1)}`);
      return `<path class="way solver${k}" d="M${points.join("L")}"/>`;
    });
    const levels = [10, 100, 1000].map(
      (count) => `<path class="axis" d="M0 ${y(count)}H${wide}"/><text x="4" y="${y(count) - 4}">${count}</text>`,
    );
    const dots = found.map(
      ({ count }, k) => `<circle class="solver${k}" cx="${x(this.step)}" cy="${y(count)}" r="${0.35 * em}"/>`,
    );
    this.put(
      this.chart,
      [wide, tall],
      _(SAYS.needs, { solvers: andList(this.data.labels), widest: WIDEST, narrowest: NARROWEST }),
      `<g>${bands.join("")}</g>${levels.join("")}${lines.join("")}
       <path class="here" d="M${x(this.step)} 0V${floor}"/>${dots.join("")}
       <text x="0" y="${tall - 4}">${WIDEST}°</text><text x="${wide / 2}" y="${tall - 4}" text-anchor="middle"
         >${_("iterations to ±{accuracy}, by angle", { accuracy: ACCURACY })}</text>
       <text x="${wide}" y="${tall - 4}" text-anchor="end">${NARROWEST}°</text>`,
    );
  }
}

export default component(TwoAlike);
