// Why zeros: in the plane of two weights, the contour of the loss touches the ℓ1 ball at a corner, and the ℓ2 ball
// beside it. λ moves both, and the centre of the contours can be dragged.
import { component, make } from "../dom.js";
import { drawing, onDrawn } from "../messages.js";
import { _, N_ } from "../words.js";
import { choice, distinct, framed, grip, Idea, two } from "./idea.js";
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
  const zero = s.map((each) => Math.abs(each) <= ZERO);
  const small = Math.abs(s[0]) < Math.abs(s[1]) ? 0 : 1;
  const k = norm ? small : Number(!zero[0]); // of the weight that is told
  const [weight, loss] = [s[k], c[k]].map((each) => distinct(each, 0)[0]);
  const ball = zero[small] ? "on" : "beside";
  const corner = Math.abs(c[k]) > ZERO ? "corner" : "axis";
  const square = zero[0] && zero[1] ? "point" : zero[0] || zero[1] ? corner : "side";
  return _(SAYS[norm ? ball : square], { lam, j: atoms[k], weight, loss });
};

class WhyZeros extends Idea {
  build() {
    this.norm = 0;
    this.away = [0, 0];
    const bar = make("div", "sc-bar");
    this.norms = choice(_("The ball"), ["ℓ1", "ℓ2"], (k) => this.take(k));
    this.home = make("button", "sc-quiet", _("Centre back"));
    Object.assign(this.home, { type: "button", onclick: () => this.move(null) });
    bar.append(make("h2", "", _("Two weights")), this.norms, this.home);
    this.plot = make("div", "sc-plot");
    this.drawn = this.plot.appendChild(make("div"));
    this.centre = this.plot.appendChild(
      grip(_("Centre of the contours, where the loss is least"), (x, y) => this.move(x, y)),
    );
    this.says = make("p", "sc-says");
    this.root.append(this.plot, bar, this.says);
    this.root.classList.add("sc-zeros");
  }

  show(data, given) {
    if (this.data && String(this.data.atoms) !== String(data.atoms)) this.away = [0, 0];
    onDrawn(() => this.root.toggleAttribute("data-stale", Boolean(drawing()) && !data.live), given.signal);
    super.show(data, given);
  }

  take(k) {
    this.norm = k;
    this.norms.choose(k);
    this.paint();
  }

  // Moves the centre to a place of the drawing, or back to where the loss of the picture has it.
  move(x, y) {
    const own = this.data.centres[this.stop];
    const [s, t] = x === null ? own : this.view.back(x, y);
    this.away = [s - own[0], t - own[1]];
    this.paint();
  }

  paint() {
    const [side, , em] = this.size(this.plot);
    if (!this.data || !side) return;
    const { gram, centres, stops, atoms, pictures } = this.data;
    const lam = stops[this.stop];
    const c = centres[this.stop].map((each, k) => each + this.away[k]);
    const s = (this.norm ? ridge2 : lasso2)(gram, c, lam);
    const { radii, reach, turn } = contour(gram, c, s);
    const radius = this.norm ? Math.hypot(...s) : Math.abs(s[0]) + Math.abs(s[1]);
    const held = this.centre.matches(":active") && this.view; // the scale stays while the centre is dragged
    const corners = [-1, 1].flatMap((sign) => [
      [sign * radius, sign * radius],
      c.map((each, k) => each + sign * reach[k]),
    ]);
    const view = held || framed(side, corners, MARGIN); // the ball is around zero
    this.view = view;
    const [[x0, y0], [cx, cy], [x, y]] = [[0, 0], c, s].map(view.place);
    const r = Math.max(radius * view.unit, 0.5);
    const ball = this.norm
      ? `<circle class="ball" cx="${x0}" cy="${y0}" r="${r}"/>`
      : `<path class="ball" d="M${x0 + r} ${y0}L${x0} ${y0 + r}L${x0 - r} ${y0}L${x0} ${y0 - r}Z"/>`;
    const ellipses = (scales, name) => {
      const all = scales.map((scale) => radii.map((each) => each * scale * view.unit));
      return `<path class="${name}" d="${outline(cx, cy, all, turn)}"/>`;
    };
    const [right, up] = c.map((each) => each >= 0);
    // The atoms' pictures stand at those ends of the axes where their weights are, clear of the window's edge.
    const across = [right ? side - ATOM - 6 : 6, y0 > side - 80 ? y0 - ATOM - 8 : y0 + 8];
    const along = [x0 < 80 ? x0 + 8 : x0 - ATOM - 8, up ? 6 : side - ATOM - 6];
    const label = (k, [left, top]) =>
      `<image href="${pictures[k]}" x="${left}" y="${top}" width="${ATOM}" height="${ATOM}"/>
       <text x="${left > side / 2 ? left + ATOM : left}" y="${top + (top > side - ATOM - em * 2 ? -6 : ATOM + em)}"
         text-anchor="${left > side / 2 ? "end" : "start"}"
         >${_("atom {j}: {weight}", { j: atoms[k], weight: `<tspan class="is">${two(s[k])}</tspan>` })}</text>`;
    const [[i, j], [first, second]] = [atoms, s.map((each) => two(each))];
    this.put(
      this.drawn,
      [side, side],
      _(SAYS.alt, { norm: this.norm ? "ℓ2" : "ℓ1", i, j, first, second, lam }),
      `${ellipses(RINGS, "ring")}
       <path class="axis" d="M0 ${y0}H${side}M${x0} 0V${side}"/>${ball}${ellipses([1], "touching")}
       ${label(0, across)}${label(1, along)}<circle class="optimum" cx="${x}" cy="${y}" r="${em * 0.45}"/>`,
    );
    this.centre.stand(cx, cy);
    this.home.toggleAttribute("hidden", !Math.hypot(...this.away)); // to write it again would compute styles anew
    this.root.dataset.at = [lam, ...s].join(" ");
    this.tell(this.says, describeZeros(atoms, this.norm, lam, c, s));
  }
}

export default component(WhyZeros);
