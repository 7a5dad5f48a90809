// The dual bound: F of a solver and the best bound so far, between which the optimum is. Beside it is why, with x in
// the plane: the points that bound F are a polygon, and the residual of the optimum is the point of it nearest to x.
import { component, make } from "../dom.js";
import { drawing, onDrawn, sliderValues } from "../messages.js";
import { fourDigits, percent, short } from "../readings.js";
import { _, andList, N_, ngettext } from "../words.js";
import { corners, project } from "./dual_polygon.js";
import { choice, framed, grip, Idea, two } from "./idea.js";

const TICKS = [0, 1, 2, 5, 10, 20, 50, 100];
const MOST = 8; // of λ: how long x can be, so that the polygon beside it stays large
const [MARGIN, ROOM] = [0.07, 1.25]; // around the plane, and around its polygon, for the arrows of atoms
const ANGLES = [12, 62, 118, 160, 88, 38]; // degrees of the atoms, in the order in which they are added
const NAMES = ["b₁", "b₂", "b₃", "b₄", "b₅", "b₆"];
const COUNTS = [3, 4, 5, 6];
const SAYS = {
  why: N_(
    "Why it bounds: every u with |bᵀu| ≤ λ for all atoms b gives ½‖x‖² − ½‖x − u‖² ≤ F(s), whatever the " +
      "code s. Each iteration has a bound: u is its residual x − Bs, made as small as that needs. The best so far is " +
      "drawn.",
  ),
  bounds: N_(
    "After iteration {t} of {label}, the best code has an F between **{bound}** and **{F}**: nobody can " +
      "gain more than **{percent}** of F.",
  ),
  own: N_(
    "After iteration {t} of {label}, the best code on its own atoms has an F between **{bound}** and " +
      "**{F}**: nobody can gain more than **{percent}** of F.",
  ),
  alt: N_(
    "The dual bound in the plane: x, the polygon of all u with |bᵀu| ≤ {lam}, and its nearest point, " +
      "which touches the sides of {names}",
  ),
  altNone: N_(
    "The dual bound in the plane: x, the polygon of all u with |bᵀu| ≤ {lam}, and its nearest point, " +
      "which touches no side",
  ),
  within: N_("x lies within the polygon, so it is the residual itself: **every weight is zero**."),
};
const EDGE = 30; // px from the drawing's edge to the tips of atoms
const GRIP = 22; // px from there to x
const EM = 0.9; // of the letters in the drawings, in those of the page

const atomsOf = (many) =>
  ANGLES.slice(0, many).map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);

// The plane in a square of `side` px at a λ: x, no longer than MOST of λ, the polygon of all u with |bᵀu| ≤ λ, and
// where its points stand, so that both are whole and large.
export const planeOf = (atoms, lam, x, side) => {
  const far = Math.max(1, Math.hypot(...x) / (MOST * lam));
  const shown = x.map((each) => each / far);
  const shape = corners(atoms, lam);
  const around = shape.map((corner) => corner.map((each) => each * ROOM));
  return { x: shown, far, shape, view: framed(side, [...around, shown], MARGIN) };
};

class DualBound extends Idea {
  build() {
    this.many = 4;
    this.x = [0.6, 0.53];
    this.root.classList.add("sc-dual");
    this.plot = make("div", "sc-pair");
    const panel = () => {
      const node = this.plot.appendChild(make("div"));
      const bar = node.appendChild(make("div", "sc-bar"));
      const room = node.appendChild(make("div", "sc-plot"));
      return { node, bar, room, drawn: room.appendChild(make("div")), says: node.appendChild(make("p", "sc-says")) };
    };
    [this.course, this.plane] = [panel(), panel()];
    this.course.bar.append(make("h2", "", _("The dual bound")));
    this.plane.bar.append(make("h3", "", _("Atoms in the plane")));
    const counts = COUNTS.map((each) => `${each}`);
    this.counts = this.plane.bar.appendChild(choice(_("Number of atoms"), counts, (k) => this.take(COUNTS[k])));
    this.held = this.plane.room.appendChild(grip(_("x, the picture"), (x, y) => this.move(x, y)));
    this.root.append(this.plot, make("p", "", _(SAYS.why)));
    this.counts.choose(COUNTS.indexOf(this.many));
  }

  show(data, given) {
    onDrawn(() => this.paint(), given.signal);
    super.show(data, given);
  }

  arrived() {
    const labels = this.data.solvers.map(({ label }) => label);
    if (String(this.labels) === String(labels)) return;
    this.labels = labels;
    this.solver = 0;
    this.solvers?.remove();
    this.solvers = choice(_("Solver"), labels, (k) => this.turn(k));
    if (labels.length > 1) this.course.bar.append(this.solvers);
  }

  // F, the bound and the optimum after each iteration.
  table() {
    const rows = this.data.solvers.flatMap(({ label, F, bound, best }) =>
      F.map((each, t) => [label, this.data.lam, t, each, bound[t], best]),
    );
    return [["solver", "lambda", "iteration", "F", "bound", "optimum"], ...rows];
  }

  turn(k) {
    this.solver = k;
    this.solvers.choose(k);
    this.paint();
  }

  take(many) {
    this.many = many;
    this.counts.choose(COUNTS.indexOf(many));
    this.paint();
  }

  move(x, y) {
    const [side] = this.size(this.plane.room);
    this.x = this.view.back(...[x, y].map((each) => Math.max(GRIP, Math.min(side - GRIP, each))));
    this.paint();
  }

  paint() {
    if (!this.data || !this.size(this.plot)[0]) return;
    const { lam, T } = { ...this.data, ...sliderValues() };
    const solver = this.data.solvers[this.solver];
    const drawn = solver && { ...solver, ...solver.course?.() }; // the site computes what it shows
    const stale = !drawn?.course && (lam !== this.data.lam || Boolean(drawing()));
    this.course.node.toggleAttribute("data-stale", stale);
    if (drawn) this.fall(drawn, Math.min(T, drawn.F.length - 1));
    else this.tell(this.course.says, _("Choose a solver that aims at F to see its bound."));
    this.square(lam);
  }

  // F and its bound over the iterations, whose axis is logarithmic.
  fall({ label, F, bound, best, gap, own, colour, last = F.length - 1 }, t) {
    const { room, drawn, says } = this.course;
    const [wide, tall, letters] = this.size(room);
    const em = EM * letters;
    const floor = tall - 1.9 * em;
    const top = 1.05 * F[0];
    const x = (k) => em + (wide - 2 * em) * (Math.log1p(k) / Math.log1p(last));
    const y = (v) => floor - (Math.max(0, Math.min(top, v)) / top) * (floor - 6);
    const points = (values) => values.map((v, k) => `${x(k).toFixed(1)} ${y(v).toFixed(1)}`);
    const ticks = TICKS.filter((k) => k <= last).map(
      (k) => `<text x="${x(k)}" y="${tall - 0.4 * em}" text-anchor="middle">${k}</text>`,
    );
    // What is said at the dots stands on the side where there is room, and what is said of F* on the other.
    const late = x(t) > 0.45 * wide;
    const beside = x(t) > 0.6 * wide ? -1 : 1;
    const anchor = beside < 0 ? "end" : "start";
    const left = 100 * (1 - bound[t] / F[t]);
    // What is said of F stands above its dot, and what is said of the bound below its own.
    const [over, under] = [Math.max(1.2 * em, y(F[t]) - 0.7 * em), Math.min(floor - 0.5 * em, y(bound[t]) + 1.6 * em)];
    const given = { t, label, F: fourDigits(F[t]), bound: fourDigits(bound[t]), percent: percent(Math.max(0, left)) };
    const is = { bound: `<tspan class="is">${given.bound}</tspan>` };
    this.root.style.setProperty("--line", colour);
    this.put(
      drawn,
      [wide, tall],
      _("The dual bound: after iteration {t} of {label}, F is {F} and the optimum at least {bound}", given),
      `<path class="between" d="M${points(F).join("L")}L${points(bound).reverse().join("L")}Z"/>
       <path class="axis" d="M0 ${floor}H${wide}"/>${ticks.join("")}
       <path class="least" d="M0 ${y(best)}H${wide}"/>
       <path class="bound" d="M${points(bound).join("L")}"/><path class="falls" d="M${points(F).join("L")}"/>
       <path class="left" d="M${x(t)} ${y(F[t])}V${y(bound[t])}"/>
       <circle class="falls" cx="${x(t)}" cy="${y(F[t])}" r="6"/>
       <circle class="bound" cx="${x(t)}" cy="${y(bound[t])}" r="6"/>
       <text class="falls" x="${x(t) + beside * 10}" y="${over}" text-anchor="${anchor}"
         >F = <tspan class="is">${fourDigits(F[t])}</tspan></text>
       <text class="bound" x="${x(t) + beside * 10}" y="${under}" text-anchor="${anchor}"
         >${_("bound = {bound}", is)}</text>
       <text x="${late ? 10 : wide - 10}" y="${y(best) - 0.5 * em}" text-anchor="${late ? "start" : "end"}"
         >${_("F* = {best}, gap {gap} %", { best: fourDigits(best), gap: short(gap) })}</text>
       <text x="${wide - 8}" y="${floor - 0.5 * em}" text-anchor="end">${_("iteration")}</text>`,
    );
    drawn.firstChild.share = (k) => x(k) / wide;
    this.root.dataset.at = [t, F[t], bound[t], best].join(" ");
    this.tell(says, _(own ? SAYS.own : SAYS.bounds, given));
  }

  // The polygon of all u with |bᵀu| ≤ λ, x, and the point of the polygon nearest to it.
  square(lam) {
    const { room, drawn, says } = this.plane;
    const [side] = this.size(room);
    const atoms = atomsOf(this.many);
    const { x: shown, far, shape, view } = planeOf(atoms, lam, this.x, side);
    if (!this.held.matches(":active")) this.view = view; // the scale stays while x is dragged
    const { place: at, unit } = this.view;
    const { u, s } = project(atoms, lam, shown);
    const line = (name, from, to) => `<path class="${name}" d="M${at(from)}L${at(to)}"/>`;
    const zero = at([0, 0]);
    const used = s.flatMap((each, j) => (each ? [j] : []));
    const touched = used.flatMap((j) => {
      const on = shape.filter(
        (v) => Math.abs(v[0] * atoms[j][0] + v[1] * atoms[j][1] - lam * Math.sign(s[j])) < 1e-6 * lam,
      );
      return on.length > 1 ? [line("touched", on[0], on.at(-1))] : [];
    });
    const arrows = atoms.map((b, j) => {
      const sign = s[j] < 0 ? -1 : 1;
      const tip = b.map((each) => each * sign);
      const turn = (-Math.atan2(tip[1], tip[0]) * 180) / Math.PI;
      // An atom, of length 1, that does not fit ends where the drawing does.
      const way = [tip[0], -tip[1]];
      const ends = way.map((step, k) => ((step > 0 ? side - EDGE : EDGE) - zero[k]) / step);
      const [hx, hy] = way.map((step, k) => zero[k] + step * Math.min(unit, ...ends));
      const [tx, ty] = [Math.max(EDGE, Math.min(side - EDGE, hx + 12 * way[0])), hy + (way[1] < 0 ? -8 : 18)];
      const text = s[j] ? `${NAMES[j]} <tspan class="is">${two(s[j])}</tspan>` : NAMES[j];
      return `<g class="atom${s[j] ? " used" : ""}"><path d="M${zero}L${hx} ${hy}"/>
        <path class="head" transform="translate(${hx} ${hy}) rotate(${turn})" d="M2 0L-9 -5V5Z"/>
        <text x="${tx}" y="${ty + (tip[1] < 0 ? 18 : -4)}" text-anchor="middle">${text}</text></g>`;
    });
    const [[ux, uy], [x, y]] = [at(u), at(shown)];
    const given = { lam, names: andList(used.map((j) => NAMES[j])), most: MOST };
    this.put(
      drawn,
      [side, side],
      _(used.length ? SAYS.alt : SAYS.altNone, given),
      `<path class="ball" d="M${shape.map(at).join("L")}Z"/>${touched.join("")}${arrows.join("")}
       ${used.length ? line("drop", u, shown) : ""}${line("rest", [0, 0], u)}
       <circle class="optimum" cx="${ux}" cy="${uy}" r="7"/>
       <text class="is" x="${ux - 12}" y="${uy + 18}" text-anchor="end">u</text>
       <text class="is" x="${Math.min(side - 12, x + 16)}" y="${Math.max(16, y - 10)}" text-anchor="middle">x</text>`,
    );
    this.held.stand(x, y);
    this.root.dataset.plane = [lam, ...shown, ...u, ...s].join(" ");
    const told = ngettext(
      "u, the residual, is the point of the polygon nearest to x. It touches the side of **{names}**: " +
        "this atom is in use, and no other.",
      "u, the residual, is the point of the polygon nearest to x. It touches the sides of **{names}**: " +
        "these atoms are in use, and no other.",
      used.length,
      given,
    );
    const cut = far > 1 ? ` ${_("x is drawn {most} λ long, and no longer.", given)}` : "";
    this.tell(says, used.length ? told + cut : _(SAYS.within));
  }
}

export default component(DualBound);
