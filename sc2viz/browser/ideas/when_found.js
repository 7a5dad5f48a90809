// When can it be found?: on the map of δ = d_x/d_s and ρ = k/d_x, the borders of a solver, of ℓ1 in theory, and of
// least squares on the true support. A cell that is pressed says which of the three fails there.
import { component, make } from "../dom.js";
import { counted } from "../readings.js";
import { _, localized, N_ } from "../words.js";
import { Idea, two, WAYS } from "./idea.js";
import { path, rect, tag, through, write } from "./svg.js";

const TOP = 1.1; // of the axis of ρ: above 1, there are more non-zeros than measurements
const [LEFT, RIGHT, FOOT] = [46, 8, 44]; // px around the cells

const countSuccesses = ({ share, trials }) =>
  _("{count} of {total}", { count: Math.round(share * trials), total: trials });

// Whether each of the three finds the code of a cell: the solver half of the codes or more, ℓ1 in theory, and least
// squares on the true support, which is given as many equations as unknowns.
export const finds = ({ share, rho, theory, d_x, k }) => ({
  solver: share >= 0.5,
  theory: k <= d_x && rho <= theory,
  support: k <= d_x,
});

const SAYS = {
  none: N_(
    "**All three fail**: {k} weights are more unknowns than {d_x} measurements can tell, even with the " +
      "true support known.",
  ),
  known: N_("With the true support known, least squares finds it: {unknowns}, {equations}."),
  theory: N_(
    "**ℓ1 fails**: {atoms} atoms make the same x in many ways, and here another code has the smaller sum of |s|. In theory the true one has the smallest up to {border} alone; {label} finds {successes}.",
  ),
  few: N_(
    "**{atoms} atoms are few**: for ever more of them ℓ1 finds codes up to {border}, but here it finds {successes}.",
  ),
  solver: N_(
    "**{label} fails**: it finds {successes}. ℓ1 does not: its minimum is the true code up to {border}, in theory.",
  ),
  beyond: N_("**Beyond theory’s {border}** for ℓ1 and ever more atoms: with {atoms}, {label} still finds {successes}."),
  all: N_("**All three find it**: {label} in {successes} trials, and ℓ1 up to {border} in theory."),
  alt: N_(
    "When can it be found? The share of codes that {label} finds by δ and ρ, with the borders of {label}, " +
      "of ℓ1 and of least squares on the true support",
  ),
};

// What least squares on the true support has to solve, on the map's own number of atoms.
const system = ({ k, d_x, atoms }) => ({ atoms, unknowns: counted(k, "unknown"), equations: counted(d_x, "equation") });

// Which of the three fails in a cell. exact: whether the solver is the exact optimum, which is that of ℓ1.
export const verdict = (cell) => {
  const { label, exact, theory, atoms, d_x, k } = cell;
  const is = finds(cell);
  const values = { label, atoms, d_x, k, border: `ρ = ${two(theory)}`, successes: countSuccesses(cell) };
  Object.assign(values, system(cell));
  const known = ` ${_(SAYS.known, values)}`;
  if (!is.support) return _(SAYS.none, values);
  if (!is.theory && !is.solver) return _(SAYS.theory, values) + known;
  if (!is.solver) return exact ? _(SAYS.few, values) + known : _(SAYS.solver, values);
  return _(is.theory ? SAYS.all : SAYS.beyond, values);
};

class WhenFound extends Idea {
  build() {
    this.root.classList.add("sc-found");
    this.plot = make("div", "sc-plot");
    this.drawn = this.plot.appendChild(make("div"));
    this.cursor = Object.assign(this.plot.appendChild(make("button", "sc-cell")), { type: "button" });
    const beside = make("div");
    this.says = beside.appendChild(make("p", "sc-says"));
    this.rows = ["support", "theory", "solver"].map((name) => {
      const row = beside.appendChild(make("p", "sc-border"));
      row.innerHTML = `<svg viewBox="0 0 40 12" aria-hidden="true"><path class="${name}" d="M2 6H38"/></svg>`;
      return { name, mark: row.appendChild(make("b")), text: row.appendChild(make("span")) };
    });
    this.root.append(this.plot, beside);
    this.plot.onpointerdown = (event) => {
      if (event.pointerType === "touch") return; // a finger scrolls the page, and chooses by a tap
      event.preventDefault();
      this.plot.setPointerCapture(event.pointerId);
      this.cursor.focus({ preventScroll: true });
      this.point(event);
    };
    this.plot.onpointermove = (event) => this.plot.hasPointerCapture(event.pointerId) && this.point(event);
    this.plot.onclick = (event) => {
      this.point(event);
      this.open();
    };
    this.cursor.onkeydown = (event) => {
      const way = WAYS[event.key];
      if (!way && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (way) this.move(this.at[0] + way[0], this.at[1] - way[1]);
      else this.open();
    };
  }

  arrived() {
    const { delta, rho, here, colour } = this.data;
    this.root.style.setProperty("--solver", colour);
    const nearest = (values, value) =>
      values.reduce((best, v, k) => (Math.abs(v - value) < Math.abs(values[best] - value) ? k : best), 0);
    if (String(here) !== String(this.given)) this.at = [nearest(delta, here[0]), nearest(rho, here[1])];
    this.given = here;
  }

  move(column, row) {
    const { delta, rho } = this.data;
    this.change({ at: [Math.max(0, Math.min(delta.length - 1, column)), Math.max(0, Math.min(rho.length, row))] });
  }

  point({ clientX, clientY }) {
    const { left, top } = this.plot.getBoundingClientRect();
    const [across, down] = this.size(this.plot);
    const [x, y] = [(clientX - left - LEFT) / (across - LEFT - RIGHT), 1 - (clientY - top) / (down - FOOT)];
    this.move(Math.floor(x * this.data.delta.length), Math.floor(TOP * y * this.data.rho.length));
  }

  // Shows a code of the cell at hand on the page, where there can be one.
  open() {
    const { d_x, k } = this.cell;
    if (k <= d_x) this.trigger("cell", [d_x, k]);
  }

  // The cell at hand. Above the measured ones is a row of one non-zero more than there are measurements.
  get cell() {
    const { delta, rho, share, sizes, theory } = this.data;
    const [column, row] = this.at;
    const [d_x, k] = sizes[row]?.[column] ?? [sizes[0][column][0], sizes[0][column][0] + 1];
    const measured = row < rho.length ? { rho: rho[row], share: share[row][column] } : { rho: k / d_x, share: 0 };
    return { ...this.data, d_x, k, delta: delta[column], theory: theory[column], ...measured };
  }

  draw({ share, delta, rho, curve, border, label }) {
    const [across, down] = this.size(this.plot);
    const [wide, tall] = [across - LEFT - RIGHT, down - FOOT];
    const x = (d) => LEFT + d * wide;
    const y = (r) => tall * (1 - r / TOP);
    const [w, h] = [wide / delta.length, tall / TOP / rho.length];
    const place = (i, j) => [x(j / delta.length), y((i + 1) / rho.length)];
    const cells = share.flatMap((row, i) =>
      row.map((value, j) => rect("", ...place(i, j), w + 0.5, h + 0.5, { style: `--share:${100 * value}%` })),
    );
    const line = (name, deltas, rhos) => {
      const d = through(deltas.map((delta, k) => [x(delta), y(rhos[k])]));
      return ["rim", "halo", name].map((kind) => path(kind, d)).join("");
    };
    const ticks = [0, 0.5, 1].flatMap((v) => [
      write(localized(String(v)), x(v), tall + 17, v === 1 ? "end" : v ? "middle" : "start"),
      write(localized(String(v)), LEFT - 6, y(v) + (v ? 5 : -1), "end"),
    ]);
    const parts = [
      rect("none", LEFT, 0, wide, y(1)),
      tag("g", { class: "cells" }, cells.join("")),
      line("theory", ...curve),
      line("support", [0, 1], [1, 1]),
      line("solver", delta, border),
      write(_("more non-zeros than measurements"), x(0.5), y((1 + TOP) / 2) + 5, "middle", "above"),
      ...ticks,
      write(_("δ, measurements an atom"), x(0.5), tall + 36, "middle"),
      `<text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle"
         >${_("ρ, non-zeros a measurement")}</text>`,
    ];
    this.put(this.drawn, [across, down], _(SAYS.alt, { label }), parts.join(""));
    const [cell, [column, row]] = [this.cell, this.at];
    const isMeasured = row < rho.length;
    const [left, top] = place(row, column);
    const box = { left, top: isMeasured ? top : 0, width: w, height: isMeasured ? h : y(1) };
    for (const [name, length] of Object.entries(box)) this.cursor.style[name] = `${length}px`;
    const counts = { measurements: counted(cell.d_x, "measurement"), non_zeros: counted(cell.k, "non-zero") };
    this.cursor.ariaLabel = _("Cell of {measurements} and {non_zeros}: show a code of it", counts);
    const [theory, at] = [two(cell.theory), two(cell.delta)];
    const values = { ...cell, border: two(border[column]), theory, delta: at, successes: countSuccesses(cell) };
    const texts = {
      support: _("least squares, true support known: {unknowns} of {atoms} atoms, {equations}", system(cell)),
      theory: _("ℓ1 in theory: up to ρ = {theory} at δ = {delta}", values),
      solver: _("{label}, measured: half up to ρ = {border}; here {successes}", values),
    };
    const is = finds(cell);
    for (const { name, mark, text } of this.rows) {
      mark.textContent = is[name] ? _("finds") : _("fails");
      mark.className = is[name] ? "finds" : "fails";
      text.textContent = texts[name];
    }
    this.root.dataset.at = [cell.d_x, cell.k, cell.share, cell.theory].join(" ");
    this.tell(this.says, verdict(cell));
  }
}

export default component(WhenFound);
