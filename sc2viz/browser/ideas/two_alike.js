// Two alike atoms: a slider tilts atom 2 towards atom 1, of which x was made, with some noise. Beside the plane of x
// are F in the plane of both weights, with the ways of ISTA and FISTA, and the iterations that they need at each angle.
import { component, make } from "../dom.js";
import { counted } from "../readings.js";
import { dial } from "../sliders.js";
import { _, andList, grouped, localized, N_ } from "../words.js";
import { distinct, framed, grip, Idea, rewrite, two } from "./idea.js";
import { arrow, circle, path, rect, strong, tag, through, write } from "./svg.js";
import { inQuadrant, lasso2, needed, SIGNS } from "./two_weights.js";
import { valley } from "./valley.js";

const STEPS = 60; // of the slider
const [WIDEST, NARROWEST] = [90, 5]; // degrees
const ACCURACY = 0.01; // of the two weights
const LIMIT = 5000; // iterations
const WEIGHTS = [-0.2, 1.15]; // the ends of the axes of both weights
const PLANE = [-0.22, 1.2]; // those of the plane of x
const NOISE = 0.55; // how far x can be dragged from atom 1
const DRAWN = 40; // iterations whose dots are drawn

const SAYS = {
  none: N_("λ = {lam} is above both |bᵀx|, so **both weights are zero**."),
  second: N_(
    "**λ picks the wrong one**: x was made of atom 1, but |b₂ᵀx| = {wrong_product} is more than |b₁ᵀx| = {right_product}.",
  ),
  first: N_(
    "**Atom 1 takes all**: of what it leaves, atom 2 would explain |b₂ᵀ(x − Bs)| = {product}, no more than λ = {lam}.",
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
const degrees = (angle) => localized(`${Number(angle.toPrecision(angle < 10 ? 2 : 3)).toFixed(angle < 10 ? 1 : 0)}°`);
// A plane whose axes both have these ends.
const square = (side, ends) => {
  const corners = ends.map((end) => [end, end]);
  return framed(side, corners, 0);
};

// The two atoms at an angle, their Gram matrix and Bᵀx.
export const problem = (angle, x) => {
  const radians = (angle * Math.PI) / 180;
  const atoms = [0, radians].map((turn) => [Math.cos(turn), Math.sin(turn)]);
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  return { atoms, G: atoms.map((a) => atoms.map((b) => dot(a, b))), on: atoms.map((b) => dot(b, x)) };
};

// The exact code: the Lasso in the weights, whose least squares are G⁻¹Bᵀx.
export const exact = ({ G, on }, lam) => lasso2(G, inQuadrant(G, on, 0, SIGNS[0]).centre, lam);

// The problem at an angle with its exact code, and the iterations that each solver needs to it, put into its path.
const solve = (angle, x, lam, paths = [null, null]) => {
  const alike = problem(angle, x);
  const s = exact(alike, lam);
  const counts = paths.map((path, k) => needed(alike.G, alike.on, lam, k > 0, s, ACCURACY, LIMIT, path));
  return { ...alike, s, lam, paths, counts };
};

// Describes the exact code s at λ, and how narrow the valley is. G and on: products of the atoms, and with x.
export const describeAlike = ({ G, on }, lam, s) => {
  const [, g] = G[0];
  if (!s[0] && !s[1]) return _(SAYS.none, { lam });
  const [right_product, wrong_product] = distinct(...on.map(Math.abs));
  const [first, second] = s.map((weight) => two(weight));
  const isWrong = Math.abs(s[1]) > Math.abs(s[0]) && first !== second;
  const key = !s[0] ? "second" : !s[1] ? "first" : isWrong ? "wrong" : "both";
  const product = two(Math.min(lam, Math.abs(on[1] - g * s[0])));
  const times = localized(Math.sqrt((1 + g) / (1 - g)).toFixed(1));
  const values = { lam, right_product, wrong_product, first, second, product };
  return `${_(SAYS[key], values)} ${_(SAYS.narrow, { times })}`;
};

class TwoAlike extends Idea {
  build() {
    Object.assign(this, { step: 24, x: [1.0, 0.16] });
    this.root.classList.add("sc-alike");
    const [head, square, sentences] = ["sc-bar", "sc-plot", ""].map((name) => make("div", name));
    head.append(make("h2", "", _("Two alike atoms")));
    const slider = { min: 0, max: STEPS, step: 1, value: this.step, says: (step) => degrees(angleAt(step)) };
    const tilt = dial(_("angle between them"), slider, (step) => this.change({ step }));
    this.plot = make("div", "sc-plot");
    [this.valley, this.plane] = [this.plot, square].map((node) => node.appendChild(make("div")));
    this.grip = square.appendChild(grip(_("x, made of atom 1 and noise"), (x, y) => this.move(x, y)));
    [this.says, this.counts] = ["sc-says", "sc-counts"].map((kind) => sentences.appendChild(make("p", kind)));
    this.chart = make("div", "sc-needs");
    this.root.append(head, tilt, this.plot, square, sentences, this.chart);
  }

  // The exact code at each angle, and the iterations that both solvers need to it.
  table() {
    const names = this.data.labels.map((label) => `iterations ${label}`);
    const rows = this.solved.map(({ s, counts }, step) => [angleAt(step), this.lam, ...this.x, ...s, ...counts]);
    return [["degrees", "lambda", "x1", "x2", "s1", "s2", ...names], ...rows];
  }

  move(x, y) {
    const [p, q] = square(this.size(this.plane)[0], PLANE).back(x, y);
    const excess = Math.max(1, Math.hypot(p - 1, q) / NOISE);
    this.change({ x: [1 + (p - 1) / excess, q / excess], solved: null });
  }

  arrived() {
    for (const [k, colour] of this.data.colours.entries()) this.root.style.setProperty(`--solver-${k}`, colour);
  }

  draw({ lam, labels }) {
    if (lam !== this.lam || !this.solved)
      this.solved = Array.from({ length: STEPS + 1 }, (_row, step) => solve(angleAt(step), this.x, lam));
    const solved = solve(angleAt(this.step), this.x, lam, [[], []]);
    const { s, counts } = solved;
    Object.assign(this, { lam, em: 0.9 * this.size(this.plot)[2], solvers: andList(labels) });
    this.drawValley(solved);
    this.drawPlane(solved);
    this.drawNeeds(solved);
    this.root.dataset.at = [angleAt(this.step), lam, ...this.x, ...s, ...counts].join(" ");
    this.tell(this.says, describeAlike(solved, lam, s));
    const over = _("over {limit} iterations", { limit: localized(grouped(LIMIT)) });
    const rows = counts.map((count, k) => {
      const iterations = count >= LIMIT ? over : counted(count, "iteration");
      return `<b class="solver${k}">${labels[k]}</b><span>${iterations}</span>`;
    });
    const until = _("Until the code is within {accuracy} of the optimum:", { accuracy: ACCURACY });
    rewrite(this.counts, `<i>${until}</i>${rows.join("")}`);
  }

  // Contours of F in the plane of the weights, and the ways of both solvers.
  drawValley({ G, on, lam, s, paths, counts }) {
    const { data, em } = this;
    const [side] = this.size(this.plot);
    const frame = { side, em, ...square(side, WEIGHTS) };
    const pointsOf = (k) => paths[k].slice(0, Math.max(DRAWN, counts[k]) + 1);
    const ways = data.labels.map((label, k) => ({ label, points: pointsOf(k) }));
    const [[first, second], [x0, y0]] = [s.map((weight) => two(weight)), frame.place([0, 0])];
    const drawn = [
      valley({ G, on, lam, best: s }, frame, ways, { dots: DRAWN }),
      write(`s₁ = ${strong(first)}`, side - 8, y0 + 1.3 * em, "end"),
      write(`s₂ = ${strong(second)}`, x0 + 8, 1.3 * em),
    ];
    const name = _(SAYS.valley, { solvers: this.solvers, first, second });
    this.put(this.valley, [side, side], name, drawn.join(""));
  }

  // The plane in which x and the atoms lie.
  drawPlane({ atoms, s }) {
    const [[side], { em }] = [this.size(this.plane), this];
    const { place } = square(side, PLANE);
    const names = atoms.map((b, k) => {
      const [x, y] = place(b.map((value) => value * 0.6));
      const name = write(`b${"₁₂"[k]}`, x, y + (k ? -0.5 : 1.2) * em, "middle");
      return tag("g", { class: `atom atom${k}${s[k] ? " used" : ""}` }, arrow(place([0, 0]), place(b)) + name);
    });
    const [zero, first, sum] = [0, 1, 2].map((count) =>
      place([0, 1].map((k) => atoms.slice(0, count).reduce((total, b, j) => total + s[j] * b[k], 0))),
    );
    const [x, y] = place(this.x);
    const drawn = [
      ...names,
      path("drop", through([place(atoms[0]), [x, y]])),
      path("sum atom0", through([zero, first])),
      path("sum atom1", through([first, sum])),
      circle("optimum", sum, 0.35 * em),
      write("x", x + 14, y - 8, "", "is"),
    ];
    this.put(this.plane, [side, side], _(SAYS.plane, { first: two(s[0]), second: two(s[1]) }), drawn.join(""));
    this.grip.stand(x, y);
  }

  // The iterations that both need at each angle, over what the exact code has there.
  drawNeeds({ counts }) {
    const [[wide, tall], { em }] = [this.size(this.chart), this];
    const floor = tall - 1.6 * em;
    const x = (step) => (Math.min(Math.max(step, 0), STEPS) / STEPS) * wide;
    const y = (count) => floor - (Math.log10(Math.max(1, count)) / Math.log10(LIMIT)) * (floor - 1.5 * em);
    const zones = [];
    for (const [step, { s }] of this.solved.entries()) {
      const used = (s[0] ? 1 : 0) + (s[1] ? 2 : 0);
      if (zones.at(-1)?.used !== used) zones.push({ used, from: step - 0.5 });
      zones.at(-1).to = step + 0.5;
    }
    const labels = [_("neither"), _("atom 1 takes all"), _("the wrong one"), _("both")];
    const bands = zones.map(({ used, from, to }) => {
      const room = x(to) - x(from);
      const label = room > 0.5 * em * labels[used].length ? labels[used] : "";
      const band = rect(`zone zone${used}`, x(from), 0, room, floor);
      return band + write(label, x(from) + room / 2, 1.1 * em, "middle");
    });
    const levels = [10, 100, 1000].map((n) => path("axis", `M0 ${y(n)}H${wide}`) + write(n, 4, y(n) - 4));
    const lines = counts.map((count, k) => {
      const points = this.solved.map((solved, step) => [x(step), y(solved.counts[k])]);
      return path(`way solver${k}`, through(points)) + circle(`solver${k}`, [x(this.step), y(count)], 0.35 * em);
    });
    const caption = _("iterations to ±{accuracy}, by angle", { accuracy: ACCURACY });
    const here = path("here", `M${x(this.step)} 0V${floor}`);
    const ends = write(`${WIDEST}°`, 0, tall - 4) + write(`${NARROWEST}°`, wide, tall - 4, "end");
    const drawn = [tag("g", {}, bands.join("")), ...levels, ...lines, here, ends];
    const name = _(SAYS.needs, { solvers: this.solvers, widest: WIDEST, narrowest: NARROWEST });
    this.put(this.chart, [wide, tall], name, drawn.join("") + write(caption, wide / 2, tall - 4, "middle"));
  }
}

export default component(TwoAlike);
