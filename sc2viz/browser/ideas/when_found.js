// When can it be found?: on the map of δ = d_x/d_s and ρ = k/d_x, the borders of a solver, of ℓ1 in theory, and of
// least squares on the true support. A cell that is pressed says which of the three fails there.
import { component, make } from "../dom.js";
import { counted } from "../readings.js";
import { _, localized, N_ } from "../words.js";
import { Idea, two, WAYS } from "./idea.js";

const TOP = 1.1; // of the axis of ρ: above 1, there are more non-zeros than measurements
const [LEFT, RIGHT, FOOT] = [46, 8, 44]; // px around the cells

const found = ({ share, trials }) => _("{some} of {all}", { some: Math.round(share * trials), all: trials });

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
  theory: N_("**ℓ1 fails**: in theory its minimum is the true code up to {border} alone, and {label} finds {found}."),
  few: N_("**{atoms} atoms are few**: for ever more of them ℓ1 finds codes up to {border}, but here it finds {found}."),
  solver: N_(
    "**{label} fails**: it finds {found}. ℓ1 does not: its minimum is the true code up to {border}, in theory.",
  ),
  beyond: N_("**Beyond theory’s {border}** for ℓ1 and ever more atoms: with {atoms}, {label} still finds {found}."),
  all: N_("**All three find it**: {label} in {found} trials, and ℓ1 up to {border} in theory."),
  alt: N_(
    "When can it be found? The share of codes that {label} finds by δ and ρ, with the borders of {label}, " +
      "of ℓ1 and of least squares on the true support",
  ),
};

// What least squares on the true support has to solve.
const system = ({ k, d_x }) => ({ unknowns: counted(k, "unknown"), equations: counted(d_x, "equation") });

// Which of the three fails in a cell. exact: whether the solver is the exact optimum, which is that of ℓ1.
export const verdict = (cell) => {
  const { label, exact, theory, atoms, d_x, k } = cell;
  const is = finds(cell);
  const given = { label, atoms, d_x, k, ...system(cell), border: `ρ = ${two(theory)}`, found: found(cell) };
  const known = ` ${_(SAYS.known, given)}`;
  if (!is.support) return _(SAYS.none, given);
  if (!is.theory && !is.solver) return _(SAYS.theory, given) + known;
  if (!is.solver) return exact ? _(SAYS.few, given) + known : _(SAYS.solver, given);
  return _(is.theory ? SAYS.all : SAYS.beyond, given);
};

class WhenFound extends Idea {
  build() {
    this.root.classList.add("sc-found");
    this.plot = make("div", "sc-plot");
    this.drawn = this.plot.appendChild(make("div"));
    this.cursor = this.plot.appendChild(make("button", "sc-cell"));
    this.cursor.type = "button";
    const beside = make("div");
    this.rows = ["support", "theory", "solver"].map((name) => {
      const row = beside.appendChild(make("p", "sc-border"));
      row.innerHTML = `<svg viewBox="0 0 40 12" aria-hidden="true"><path class="${name}" d="M2 6H38"/></svg>`;
      return { name, mark: row.appendChild(make("b")), said: row.appendChild(make("span")) };
    });
    this.says = make("p", "sc-says");
    beside.prepend(this.says);
    this.root.append(this.plot, beside);
    this.plot.onpointerdown = (event) => {
      event.preventDefault();
      this.plot.setPointerCapture(event.pointerId);
      this.cursor.focus({ preventScroll: true });
      this.point(event);
    };
    this.plot.onpointermove = (event) => this.plot.hasPointerCapture(event.pointerId) && this.point(event);
    this.plot.onpointerup = () => this.open();
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
    const nearest = (all, value) =>
      all.reduce((best, v, k) => (Math.abs(v - value) < Math.abs(all[best] - value) ? k : best), 0);
    if (String(here) !== String(this.here)) this.at = [nearest(delta, here[0]), nearest(rho, here[1])];
    this.here = here;
  }

  move(column, row) {
    const { delta, rho } = this.data;
    this.at = [Math.max(0, Math.min(delta.length - 1, column)), Math.max(0, Math.min(rho.length, row))];
    this.paint();
  }

  point({ clientX, clientY }) {
    const box = this.plot.getBoundingClientRect();
    const { wide, tall } = this.view;
    const { delta, rho } = this.data;
    const up = TOP * (1 - (clientY - box.top) / tall);
    this.move(Math.floor(((clientX - box.left - LEFT) / wide) * delta.length), Math.floor(up * rho.length));
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
    const measured = row < rho.length;
    return {
      ...this.data,
      d_x,
      k,
      delta: delta[column],
      rho: measured ? rho[row] : k / d_x,
      share: measured ? share[row][column] : 0,
      theory: theory[column],
    };
  }

  paint() {
    if (!this.data || !this.size(this.plot)[0]) return;
    const { share, delta, rho, curve, border, label } = this.data;
    const [across, down] = this.size(this.plot);
    const [wide, tall] = [across - LEFT - RIGHT, down - FOOT];
    this.view = { wide, tall };
    const x = (d) => LEFT + d * wide;
    const y = (r) => tall * (1 - r / TOP);
    const [w, h] = [wide / delta.length, tall / TOP / rho.length];
    const cells = share.flatMap((row, i) =>
      row.map(
        (each, j) =>
          `<rect style="--share:${100 * each}%" x="${x(j / delta.length)}" y="${y((i + 1) / rho.length)}" ` +
          `width="${w + 0.5}" height="${h + 0.5}"/>`,
      ),
    );
    const line = (name, all) => {
      const d = `M${all.map(([d, r]) => `${x(d).toFixed(1)} ${y(r).toFixed(1)}`).join("L")}`;
      return `<path class="rim" d="${d}"/><path class="halo" d="${d}"/><path class="${name}" d="${d}"/>`;
    };
    const measured = border.map((r, j) => [delta[j], r]);
    const theoretical = curve[0].map((d, k) => [d, curve[1][k]]);
    const whole = [0, 1].map((d) => [d, 1]);
    const beside = (v) => y(v) + (v ? 5 : -1);
    const ticks = [0, 0.5, 1].map((v) => [v, localized(String(v))]);
    const cell = this.cell;
    const anchor = (v) => (v === 1 ? "end" : v ? "middle" : "start");
    const said = verdict(cell);
    this.put(
      this.drawn,
      [across, down],
      _(SAYS.alt, { label }),
      `<rect class="none" x="${LEFT}" y="0" width="${wide}" height="${y(1)}"/><g class="cells">${cells.join("")}</g>
       ${line("theory", theoretical)}${line("support", whole)}${line("solver", measured)}
       <text class="above" x="${x(0.5)}" y="${y((1 + TOP) / 2) + 5}" text-anchor="middle"
         >${_("more non-zeros than measurements")}</text>
       ${ticks.map(([v, t]) => `<text x="${x(v)}" y="${tall + 17}" text-anchor="${anchor(v)}">${t}</text>`).join("")}
       ${ticks.map(([v, t]) => `<text x="${LEFT - 6}" y="${beside(v)}" text-anchor="end">${t}</text>`).join("")}
       <text x="${x(0.5)}" y="${tall + 36}" text-anchor="middle">${_("δ, measurements an atom")}</text>
       <text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle"
         >${_("ρ, non-zeros a measurement")}</text>`,
    );
    const [column, row] = this.at;
    const top = row < rho.length ? y((row + 1) / rho.length) : 0;
    Object.assign(this.cursor.style, {
      left: `${x(column / delta.length)}px`,
      top: `${top}px`,
      width: `${w}px`,
      height: `${row < rho.length ? h : y(1)}px`,
    });
    const [theory, at] = [two(cell.theory), two(cell.delta)];
    const given = { ...cell, border: two(border[column]), theory, delta: at, found: found(cell) };
    const counts = { measurements: counted(cell.d_x, "measurement"), non_zeros: counted(cell.k, "non-zero") };
    this.cursor.ariaLabel = _("Cell of {measurements} and {non_zeros}: show a code of it", counts);
    const is = finds(cell);
    const told = {
      support: _("least squares, true support known: {unknowns}, {equations}", system(cell)),
      theory: _("ℓ1 in theory: up to ρ = {theory} at δ = {delta}", given),
      solver: _("{label}, measured: half up to ρ = {border}; here {found}", given),
    };
    for (const { name, mark, said } of this.rows) {
      mark.textContent = is[name] ? _("finds") : _("fails");
      mark.className = is[name] ? "finds" : "fails";
      said.textContent = told[name];
    }
    this.root.dataset.at = [cell.d_x, cell.k, cell.share, cell.theory].join(" ");
    this.tell(this.says, said);
  }
}

export default component(WhenFound);
