// Why zeros: in the plane of two weights, the contour of the loss touches the ℓ1 ball at a corner, and the ℓ2 ball
// beside it. λ moves both, and the centre of the contours can be dragged.
import { component, make } from "../dom.js";
import { drawing } from "../messages.js";
import { _, N_ } from "../words.js";
import { choice, distinct, framed, grip, Idea, two } from "./idea.js";
import { circle, path, strong, tag, write } from "./svg.js";
import { contour, lasso2, outline, ridge2 } from "./two_weights.js";

const RINGS = [0.4, 0.7, 1.35, 1.75, 2.2]; // contours, in radii of the one through the optimum
const MARGIN = 0.09; // of the side, around what must be whole
const ATOM = 44; // px: an atom's picture
const ZERO = 1e-3; // a weight below it counts as zero, as in evaluation.IN_USE

const SAYS = {
  on: N_(
    "λ = {lam}, ℓ2: the circle has no corner. It touches **on the axis**: atom {j} has {weight}, where " +
      "the loss alone gives {loss}.",
  ),
  beside: N_(
    "λ = {lam}, ℓ2: the circle has no corner. It touches **beside the axis**: atom {j} has {weight}, " +
      "where the loss alone gives {loss}: not zero.",
  ),
  point: N_("λ = {lam}: the square is a point. **Both weights are zero.**"),
  corner: N_(
    "λ = {lam}: the contour touches the square at a **corner**, on an axis. Atom {j} is exactly **zero**, " +
      "though the loss alone would give it {loss}.",
  ),
  axis: N_(
    "λ = {lam}: the contour touches the square at a **corner**, on an axis. Atom {j} is exactly **zero**, " +
      "and the loss alone would give it next to nothing.",
  ),
  side: N_("λ = {lam}: the contour touches a **side** of the square, so both weights count."),
  alt: N_(
    "Why zeros: contours of the loss and the {norm} ball in the weights of atom {i}, {first}, and atom " +
      "{j}, {second}, at λ = {lam}",
  ),
};

// What the drawing shows of the weights s of two atoms, which the loss alone would make c; norm: 0 is ℓ1, and 1 is ℓ2.
export const describeZeros = (atoms, norm, lam, c, s) => {
  const zero = s.map((weight) => Math.abs(weight) <= ZERO);
  const small = Math.abs(s[0]) < Math.abs(s[1]) ? 0 : 1;
  const k = norm ? small : Number(!zero[0]); // of the weight that is told
  const [weight, loss] = [s[k], c[k]].map((value) => distinct(value, 0)[0]);
  const ball = zero[small] ? "on" : "beside";
  const corner = Math.abs(c[k]) > ZERO ? "corner" : "axis";
  const square = zero[0] && zero[1] ? "point" : zero[0] || zero[1] ? corner : "side";
  return _(SAYS[norm ? ball : square], { lam, j: atoms[k], weight, loss });
};

class WhyZeros extends Idea {
  build() {
    Object.assign(this, { norm: 0, away: [0, 0] });
    const bar = make("div", "sc-bar");
    const onclick = () => this.change({ away: [0, 0] });
    this.home = make("button", "sc-quiet", _("Centre back"), { type: "button", onclick });
    const norms = choice(_("The ball"), ["ℓ1", "ℓ2"], (norm) => this.change({ norm }));
    bar.append(make("h2", "", _("Two weights")), norms, this.home);
    this.plot = make("div", "sc-plot");
    this.drawn = this.plot.appendChild(make("div"));
    const label = _("Centre of the contours, where the loss is least");
    this.centre = this.plot.appendChild(grip(label, (x, y) => this.move(...this.view.back(x, y))));
    this.says = make("p", "sc-says");
    this.root.append(this.plot, bar, this.says);
    this.root.classList.add("sc-zeros");
  }

  show(data, page) {
    if (this.data && String(this.data.atoms) !== String(data.atoms)) this.away = [0, 0];
    super.show(data, page);
  }

  // Moves the centre from where the loss of the picture has it.
  move(s, t) {
    const [p, q] = this.data.centres[this.stop];
    this.change({ away: [s - p, t - q] });
  }

  draw({ gram, centres, stops, atoms, pictures, live }) {
    const [side, , em] = this.size(this.plot);
    this.root.toggleAttribute("data-stale", Boolean(drawing()) && !live);
    const lam = stops[this.stop];
    const c = centres[this.stop].map((value, k) => value + this.away[k]);
    const s = (this.norm ? ridge2 : lasso2)(gram, c, lam);
    const { radii, reach, turn } = contour(gram, c, s);
    const radius = this.norm ? Math.hypot(...s) : Math.abs(s[0]) + Math.abs(s[1]);
    const corners = [-1, 1].flatMap((sign) => [
      [sign * radius, sign * radius], // the ball is around zero
      c.map((value, k) => value + sign * reach[k]),
    ]);
    const isHeld = this.centre.matches(":active") && this.view; // the scale stays while the centre is dragged
    this.view = isHeld || framed(side, corners, MARGIN);
    const { place, unit } = this.view;
    const [[x0, y0], [cx, cy], optimum] = [[0, 0], c, s].map(place);
    const r = Math.max(radius * unit, 0.5);
    const square = `M${x0 + r} ${y0}L${x0} ${y0 + r}L${x0 - r} ${y0}L${x0} ${y0 - r}Z`;
    const ellipses = (name, scales) => {
      const scaled = scales.map((scale) => radii.map((radius) => radius * scale * unit));
      return path(name, outline(cx, cy, scaled, turn));
    };
    // The atoms' pictures stand at those ends of the axes where their weights are, clear of the window's edge.
    const across = [c[0] >= 0 ? side - ATOM - 6 : 6, y0 > side - 80 ? y0 - ATOM - 8 : y0 + 8];
    const along = [x0 < 80 ? x0 + 8 : x0 - ATOM - 8, c[1] >= 0 ? 6 : side - ATOM - 6];
    const weights = s.map((weight) => two(weight));
    const label = ([x, y], k) => {
      const [end, anchor] = x > side / 2 ? [x + ATOM, "end"] : [x, "start"];
      const foot = y + (y > side - ATOM - em * 2 ? -6 : ATOM + em);
      const text = _("atom {j}: {weight}", { j: atoms[k], weight: strong(weights[k]) });
      return tag("image", { href: pictures[k], x, y, width: ATOM, height: ATOM }) + write(text, end, foot, anchor);
    };
    const parts = [
      ellipses("ring", RINGS),
      path("axis", `M0 ${y0}H${side}M${x0} 0V${side}`),
      this.norm ? circle("ball", [x0, y0], r) : path("ball", square),
      ellipses("touching", [1]),
      ...[across, along].map(label),
      circle("optimum", optimum, em * 0.45),
    ];
    const [[i, j], [first, second]] = [atoms, weights];
    const values = { norm: this.norm ? "ℓ2" : "ℓ1", i, j, first, second, lam };
    this.put(this.drawn, [side, side], _(SAYS.alt, values), parts.join(""));
    this.centre.stand(cx, cy);
    this.home.toggleAttribute("hidden", !Math.hypot(...this.away)); // to write it again would compute styles anew
    this.root.dataset.at = [lam, ...s].join(" ");
    this.tell(this.says, describeZeros(atoms, this.norm, lam, c, s));
  }
}

export default component(WhyZeros);
