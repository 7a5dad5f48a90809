// The dual bound: F of a solver and the best bound so far, between which the optimum is. Beside it is why, with x in
// the plane: the points that bound F are a polygon, and the residual of the optimum is the point of it nearest to x.
import { component, make } from "../dom.js";
import { drawing } from "../messages.js";
import { fourDigits, percent, short } from "../readings.js";
import { _, andList, N_, ngettext } from "../words.js";
import { corners, project } from "./dual_polygon.js";
import { choice, framed, grip, Idea, two } from "./idea.js";
import { arrow, circle, path, strong, tag, through, write } from "./svg.js";

const TICKS = [0, 1, 2, 5, 10, 20, 50, 100];
const LONGEST = 8; // of λ: how long x can be, so that the polygon beside it stays large
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

const atomsOf = (count) =>
  ANGLES.slice(0, count).map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);

// The plane in a square of `side` px at a λ: x, cut at LONGEST of λ, the polygon of all u with |bᵀu| ≤ λ, and its view.
export const planeOf = (atoms, lam, x, side) => {
  const far = Math.max(1, Math.hypot(...x) / (LONGEST * lam));
  const shown = x.map((value) => value / far);
  const shape = corners(atoms, lam);
  const around = shape.map((corner) => corner.map((value) => value * ROOM));
  return { x: shown, far, shape, view: framed(side, [...around, shown], MARGIN) };
};

class DualBound extends Idea {
  build() {
    Object.assign(this, { count: 4, x: [0.6, 0.53] });
    this.root.classList.add("sc-dual");
    this.plot = make("div", "sc-pair");
    const panel = (title) => {
      const node = this.plot.appendChild(make("div"));
      const [bar, room] = ["sc-bar", "sc-plot"].map((name) => node.appendChild(make("div", name)));
      bar.append(title);
      return { node, bar, room, drawn: room.appendChild(make("div")), says: node.appendChild(make("p", "sc-says")) };
    };
    this.course = panel(make("h2", "", _("The dual bound")));
    this.plane = panel(make("h3", "", _("Atoms in the plane")));
    const counts = choice(_("Number of atoms"), COUNTS.map(String), (k) => this.change({ count: COUNTS[k] }));
    counts.choose(COUNTS.indexOf(this.count));
    this.plane.bar.append(counts);
    this.grip = this.plane.room.appendChild(grip(_("x, the picture"), (x, y) => this.move(x, y)));
    this.root.append(this.plot, make("p", "", _(SAYS.why)));
  }

  arrived() {
    const labels = this.data.solvers.map(({ label }) => label);
    if (String(this.labels) === String(labels)) return;
    Object.assign(this, { labels, solver: 0 });
    this.solvers?.remove();
    this.solvers = choice(_("Solver"), labels, (k) => this.change({ solver: k }));
    if (labels.length > 1) this.course.bar.append(this.solvers);
  }

  // F, the bound and the optimum after each iteration.
  table() {
    const rows = this.data.solvers.flatMap(({ label, F, bound, best }) =>
      F.map((value, t) => [label, this.data.lam, t, value, bound[t], best]),
    );
    return [["solver", "lambda", "iteration", "F", "bound", "optimum"], ...rows];
  }

  move(x, y) {
    const [side] = this.size(this.plane.room);
    this.change({ x: this.view.back(...[x, y].map((value) => Math.max(GRIP, Math.min(side - GRIP, value)))) });
  }

  draw({ lam, T, solvers }) {
    const solver = solvers[this.solver];
    const course = solver && { ...solver, ...solver.course?.() }; // the site computes what it shows
    const isStale = !course?.course && (lam !== this.data.lam || Boolean(drawing()));
    this.course.node.toggleAttribute("data-stale", isStale);
    if (course) this.drawCourse(course, Math.min(T, course.F.length - 1));
    else this.tell(this.course.says, _("Choose a solver that aims at F to see its bound."));
    this.drawPolygon(lam);
  }

  // F and its bound over the iterations, whose axis is logarithmic.
  drawCourse({ label, F, bound, best, gap, own, colour, last = F.length - 1 }, t) {
    const { room, drawn, says } = this.course;
    const [wide, tall, letters] = this.size(room);
    const em = EM * letters;
    const [floor, top] = [tall - 1.9 * em, 1.05 * F[0]];
    const x = (k) => em + (wide - 2 * em) * (Math.log1p(k) / Math.log1p(last));
    const y = (v) => floor - (Math.max(0, Math.min(top, v)) / top) * (floor - 6);
    const [curve, bounds] = [F, bound].map((values) => values.map((v, k) => [x(k), y(v)]));
    // What is said at the dots stands on the side where there is room, and what is said of F* on the other.
    const isLate = x(t) > 0.45 * wide;
    const [beside, anchor] = x(t) > 0.6 * wide ? [x(t) - 10, "end"] : [x(t) + 10, "start"];
    // What is said of F stands above its dot, and what is said of the bound below its own.
    const [over, under] = [Math.max(1.2 * em, y(F[t]) - 0.7 * em), Math.min(floor - 0.5 * em, y(bound[t]) + 1.6 * em)];
    const percents = percent(Math.max(0, 100 * (1 - bound[t] / F[t])));
    const values = { t, label, F: fourDigits(F[t]), bound: fourDigits(bound[t]), percent: percents };
    const optimum = _("F* = {best}, gap {gap} %", { best: fourDigits(best), gap: short(gap) });
    const parts = [
      path("between", `${through(curve)}${through(bounds.toReversed()).replace("M", "L")}Z`),
      path("axis", `M0 ${floor}H${wide}`),
      ...TICKS.filter((k) => k <= last).map((k) => write(k, x(k), tall - 0.4 * em, "middle")),
      path("least", `M0 ${y(best)}H${wide}`),
      path("bound", through(bounds)),
      path("falls", through(curve)),
      path("left", `M${x(t)} ${y(F[t])}V${y(bound[t])}`),
      circle("falls", curve[t], 6),
      circle("bound", bounds[t], 6),
      write(`F = ${strong(values.F)}`, beside, over, anchor, "falls"),
      write(_("bound = {bound}", { bound: strong(values.bound) }), beside, under, anchor, "bound"),
      write(optimum, isLate ? 10 : wide - 10, y(best) - 0.5 * em, isLate ? "start" : "end"),
      write(_("iteration"), wide - 8, floor - 0.5 * em, "end"),
    ];
    const name = _("The dual bound: after iteration {t} of {label}, F is {F} and the optimum at least {bound}", values);
    this.root.style.setProperty("--line", colour);
    this.put(drawn, [wide, tall], name, parts.join(""));
    drawn.firstChild.share = (k) => x(k) / wide;
    this.root.dataset.at = [t, F[t], bound[t], best].join(" ");
    this.tell(says, _(own ? SAYS.own : SAYS.bounds, values));
  }

  // The polygon of all u with |bᵀu| ≤ λ, x, and the point of the polygon nearest to it.
  drawPolygon(lam) {
    const { room, drawn, says } = this.plane;
    const [side] = this.size(room);
    const atoms = atomsOf(this.count);
    const { x, far, shape, view } = planeOf(atoms, lam, this.x, side);
    if (!this.grip.matches(":active")) this.view = view; // the scale stays while x is dragged
    const { place, unit } = this.view;
    const { u, s } = project(atoms, lam, x);
    const line = (name, ...points) => path(name, through(points.map(place)));
    const zero = place([0, 0]);
    const used = s.flatMap((weight, j) => (weight ? [j] : []));
    const touched = used.map((j) => {
      const height = ([p, q]) => p * atoms[j][0] + q * atoms[j][1] - lam * Math.sign(s[j]);
      const ends = shape.filter((corner) => Math.abs(height(corner)) < 1e-6 * lam);
      return ends.length > 1 ? line("touched", ends[0], ends.at(-1)) : "";
    });
    const arrows = atoms.map(([p, q], j) => {
      const way = s[j] < 0 ? [-p, q] : [p, -q]; // in the drawing
      // An atom, of length 1, that does not fit ends where the drawing does.
      const ends = way.map((step, k) => ((step > 0 ? side - EDGE : EDGE) - zero[k]) / step);
      const [hx, hy] = way.map((step, k) => zero[k] + step * Math.min(unit, ...ends));
      const [tx, ty] = [Math.max(EDGE, Math.min(side - EDGE, hx + 12 * way[0])), hy + (way[1] < 0 ? -12 : 36)];
      const name = write(s[j] ? `${NAMES[j]} ${strong(two(s[j]))}` : NAMES[j], tx, ty, "middle");
      return tag("g", { class: s[j] ? "atom used" : "atom" }, arrow(zero, [hx, hy]) + name);
    });
    const [[ux, uy], [px, py]] = [u, x].map(place);
    const parts = [
      tag("path", { class: "ball", d: `${through(shape.map(place))}Z` }),
      ...touched,
      ...arrows,
      used.length ? line("drop", u, x) : "",
      line("rest", [0, 0], u),
      circle("optimum", [ux, uy], 7),
      write("u", ux - 12, uy + 18, "end", "is"),
      write("x", Math.min(side - 12, px + 16), Math.max(16, py - 10), "middle", "is"),
    ];
    const values = { lam, names: andList(used.map((j) => NAMES[j])), limit: LONGEST };
    this.put(drawn, [side, side], _(used.length ? SAYS.alt : SAYS.altNone, values), parts.join(""));
    this.grip.stand(px, py);
    this.root.dataset.plane = [lam, ...x, ...u, ...s].join(" ");
    const touches = ngettext(
      "u, the residual, is the point of the polygon nearest to x. It touches the side of **{names}**: " +
        "this atom is in use, and no other.",
      "u, the residual, is the point of the polygon nearest to x. It touches the sides of **{names}**: " +
        "these atoms are in use, and no other.",
      used.length,
      values,
    );
    const cut = far > 1 ? ` ${_("x is drawn {limit} λ long, and no longer.", values)}` : "";
    this.tell(says, used.length ? touches + cut : _(SAYS.within));
  }
}

export default component(DualBound);
