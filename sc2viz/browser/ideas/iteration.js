// What an iteration does, phase by phase, and the sentences on it. Nothing here needs a page.
import { reconstruct } from "../objective.js";
import { fourDigits, percent, short } from "../readings.js";
import { _, N_, ngettext } from "../words.js";
import { plane } from "./plane.js";

const STRONGEST = 10; // atoms that are shown with their pictures
const ITERATIONS = 20; // that are shown at most
const SAME = 1e-5; // of the largest number: what differs by less is the same
const SHUT = 0.25; // an input gate below it lets little in
const SETTLED = 0.1; // of a cell: it changes little where it changes by less

const largest = (values) => values.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0);
const dot = (a, b) => a.reduce((sum, value, j) => sum + value * b[j], 0);
const minus = (a, b) => a.map((value, j) => value - b[j]);
const indexOfLargest = (values) => values.reduce((best, v, j) => (Math.abs(v) > Math.abs(values[best]) ? j : best), 0);

// The factor that makes one array of the other; null where none does.
const factor = (from, to, scale) => {
  const ratio = dot(from, to) / (dot(from, from) || 1);
  return largest(to.map((value, j) => value - ratio * from[j])) <= SAME * scale ? ratio : null;
};

// The atoms with the largest weights of all iterations and solvers, the largest first.
export const strongest = (courses) => {
  const weight = (j) => Math.max(...courses.flatMap(({ codes }) => codes.map((code) => Math.abs(code[j]))));
  const weights = Array.from(courses[0].codes[0], (_code, j) => weight(j));
  return [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, STRONGEST);
};

// The least and the largest of these numbers and 0.
const spanOf = (numbers) => [Math.min(0, ...numbers), Math.max(0, ...numbers)];

// The phases of an iteration in their order, and what they are called.
export const PHASES = {
  beyond: N_("Beyond"),
  missing: N_("Missing"),
  help: N_("Help"),
  step: N_("Step"),
  gates: N_("Gates"),
  shrink: N_("Shrink"),
  sum: N_("Sum"),
};

const SAYS = {
  beyond: N_("The step starts beyond the last code, by **{m}** of the last move, and goes on the same way."),
  overshoots: N_(
    "The step starts beyond the last code, by **{m}** of the last move. That overshoots: the step turns back.",
  ),
  still: N_("There is no momentum in this iteration yet: the step starts at the last code."),
  missing: N_(
    "The residual x − Bs is what the sum of atoms does not show. Before iteration {t}, it is **{share}** of x.",
  ),
  all: N_("The residual x − Bs is what the sum of atoms does not show. The sum is still empty, so it is **all of x**."),
  help: N_(
    "Bᵀ compares the residual with each atom; the products are minus the gradient of ½‖x − Bs‖². Atom {atom} would help most: **{push}**.",
  ),
  learned: N_("Learned matrices stand in the place of τBᵀ. They push atom {atom} most, by **{push}**."),
  rule: N_("A rule of its own stands in the place of τBᵀ. It pushes atom {atom} most, by **{push}**."),
  pushed: N_("Each weight moves by its push. Atom {atom} goes from {old} to **{new}**."),
  step: N_(
    "Each weight moves by τ = {tau} times its help. ISTA’s τ is 1/L, L the largest eigenvalue of BᵀB: a longer one could overshoot. Atom {atom} goes from {old} to **{new}**.",
  ),
  dials: N_("Dial f says how much of the old cell stays, dial i how much of the step enters."),
  negative: N_("f is negative: **{share}** of the old cell is taken off. Dial i says how much of the step enters."),
  moves: N_("Atom {atom} moves most: f = {f}, i = **{i}**, and c goes from {old} to {cell}."),
  settled: N_("Atom {atom} hardly moves: its gate lets **{i}** of the new in, and c goes from {old} to {cell}."),
  shrink: N_("θ = {theta} is taken off every bar. A bar no longer than θ has nothing left."),
  sum: N_("**{missing}** of x is missing now, {share} before. F goes from {F} to **{G}**."),
};

// Iterations of a solver, which may have `learned` its matrices, as analysis/one_iteration.py records them: arrays with
// an entry an atom, and numbers, F and the `share` of ‖x‖² that is missing. What a solver does is read from them.
export class Course {
  constructor(record) {
    Object.assign(this, record);
    this.T = this.codes.length - 1;
    this.gated = Boolean(this.input_gate && this.forget_gate);
    const has = { beyond: this.point, step: this.candidate, gates: this.gated };
    this.phases = Object.keys(PHASES).filter((phase) => has[phase] ?? !(phase in has));
    this.iterations = [{ into: this.codes[0] }];
  }

  // Iteration t = 1 … T. `point` is where the step starts, and `push` is Bᵀ(x − By), τ times which is the step,
  // or where `tau` is null the step itself. Of the last cell f c `stays`. The activation makes the code of `into`:
  // it takes `theta` from all alike, which is τ times `bound`, or else null. `codeSpan` and `pushSpan` hold all bars.
  at(t) {
    if (this.iterations[t]) return this.iterations[t];
    const k = t - 1;
    const [before, code, candidate] = [this.codes[k], this.codes[t], this.candidate?.[k]];
    const point = this.point?.[k] ?? before;
    const move = k && minus(before, this.codes[k - 1]);
    const momentum = this.point && (k ? dot(minus(point, before), move) / (dot(move, move) || 1) : 0);
    const step = candidate && minus(candidate, point);
    const tau = candidate && factor(this.help[k], step, largest(candidate));
    const push = candidate && tau === null ? step : this.help[k];
    const [i, f, old] = [this.input_gate?.[k], this.forget_gate?.[k], this.at(k).into];
    const stays = this.gated ? old.map((c, j) => f[j] * c) : null;
    const into = stays ? stays.map((c, j) => c + i[j] * candidate[j]) : candidate;
    const atoms = into ? [...code.keys()] : [];
    const zeros = atoms.filter((j) => !code[j] && Math.abs(into[j]) > SAME);
    const taken = atoms.filter((j) => code[j]).map((j) => Math.abs(into[j]) - Math.abs(code[j]));
    const isSame = taken.length && Math.max(...taken) - Math.min(...taken) <= SAME * largest(into);
    const theta = isSame && taken[0] > 0 ? taken[0] : null;
    const bound = tau && theta ? theta / tau : 0;
    const pushSpan = spanOf([...push, bound, -bound]);
    const codeSpan = spanOf([before, point, candidate, old, stays, into, code].flatMap((all) => [...(all ?? [])]));
    const terms = { before, momentum, point, push, tau, candidate, i, f, old, stays, into, code, zeros, theta, bound };
    this.iterations[t] = { ...terms, pushSpan, codeSpan };
    return this.iterations[t];
  }

  // The bars of a phase: where they stand, from where on they are new, and an outline before them, or null.
  bars(t, phase) {
    const { before, point, candidate, stays, old, into, code } = this.at(t);
    const gates = [into, stays, old];
    const bars = { beyond: [point, before, before], step: [candidate, point, null], gates, shrink: [code, code, into] };
    return bars[phase] ?? (phase === "sum" ? [code, code, null] : [point, point, null]);
  }

  // What is missing where the step starts, or after the iteration, as a picture.
  rest(t, after) {
    const [last, before, next] = [this.missing[t - 2], this.missing[t - 1], this.missing[t]];
    const { momentum } = this.at(t);
    if (after) return next;
    return momentum ? before.map((value, k) => value + momentum * (value - last[k])) : before;
  }

  // The arithmetic of one atom in an iteration.
  arithmetic(t, j) {
    const { before, momentum, point, push, tau, candidate, i, f, old, into, code, theta } = this.at(t);
    const of = (values) => short(values[j]);
    const term = (value) => (value < 0 ? `(${short(value)})` : short(value));
    const move = momentum && `${short(momentum)} · (${of(before)} − ${term(this.codes[t - 2][j])})`;
    const step = tau ? `${short(tau)} · ${term(push[j])}` : term(push[j]);
    const taken = into && Math.abs(into[j]) - Math.abs(code[j]);
    const shrunk = code[j] && taken > 0 ? `${of(into)} ${into[j] > 0 ? "−" : "+"} ${short(taken)} = ` : "";
    const lines = [
      momentum && `y = ${of(before)} + ${move} = ${of(point)}`,
      candidate && `${_("c̃ before shrinkage")} = ${of(point)} + ${step} = ${of(candidate)}`,
      this.gated && `c = ${term(f[j])} · ${term(old[j])} + ${term(i[j])} · ${term(candidate[j])} = ${of(into)}`,
      into && !code[j] && theta && `|${of(into)}| ≤ θ = ${short(theta)}`,
      `s = ${shrunk}${of(code)}`,
    ];
    return _("Atom {atom}: {arithmetic}", { atom: j, arithmetic: lines.filter(Boolean).join(", ") });
  }

  // What a phase says of the picture at hand, in one to three sentences.
  describe(t, phase) {
    const { before, momentum, point, push, tau, candidate, i, f, old, code, into, zeros, theta } = this.at(t);
    const atom = this.atomIn(t, phase);
    const [share, missing] = [t - 1, t].map((k) => percent(100 * this.share[k]));
    const [F, G] = [t - 1, t].map((k) => fourDigits(this.F[k]));
    const values = { t, atom, share, missing, F, G };
    const numbers = { m: momentum, tau, theta, push: push[atom], old: point[atom], new: candidate?.[atom] };
    if (phase === "gates")
      Object.assign(numbers, { share: -f[atom], f: f[atom], i: i[atom], old: old[atom], cell: into[atom] });
    for (const [name, value] of Object.entries(numbers)) values[name] = short(value);
    const empty = ngettext(
      "**{n} atom**, marked, falls in the dead zone and is exactly 0.",
      "**{n} atoms**, marked, fall in the dead zone and are exactly 0.",
      zeros.length,
    );
    const ends = [theta && _(SAYS.shrink, values), zeros.length ? empty : _("No atom becomes exactly 0.")];
    const turns = momentum && dot(minus(code, point), minus(before, this.codes[t - 2])) < 0;
    const gate = this.gated && this.isSettled(t, atom) ? SAYS.settled : SAYS.moves;
    return {
      beyond: () => _(turns ? SAYS.overshoots : momentum ? SAYS.beyond : SAYS.still, values),
      missing: () => _(largest(point) ? SAYS.missing : SAYS.all, values),
      help: () => _(tau !== null || !candidate ? SAYS.help : this.learned ? SAYS.learned : SAYS.rule, values),
      step: () => _(tau === null ? SAYS.pushed : SAYS.step, values),
      gates: () => `${_(f[atom] < 0 ? SAYS.negative : SAYS.dials, values)} ${_(gate, values)}`,
      shrink: () => (into ? ends.filter(Boolean).join(" ") : _("This solver’s own rule makes the next code.")),
      sum: () => _(SAYS.sum, values),
    }[phase]();
  }

  // The atom of which a phase speaks: the one that is pushed most, or of whose gates there is most to say.
  atomIn(t, phase) {
    const { push, old, into } = this.at(t);
    if (phase !== "gates") return indexOfLargest(push);
    return strongest([this]).find((j) => this.isSettled(t, j)) ?? indexOfLargest(minus(into, old));
  }

  // Whether a cell changes little, behind an input gate that is nearly shut.
  isSettled(t, j) {
    const { i, old, into } = this.at(t);
    return i[j] < SHUT && Math.abs(into[j] - old[j]) < SETTLED * Math.abs(old[j]);
  }
}

// The codes of a solver of a coder (coder.js), iteration by iteration.
const codesOf = (coder, label, lam, T) =>
  Array.from({ length: Math.min(T, ITERATIONS) + 1 }, (_code, t) => coder.codes(label, lam, t));

// The plane of the two most alike of some atoms, as in analysis/one_iteration.py, with the ways of solvers of a coder.
export const planeOf = (coder, ways, atoms, lam, T) => {
  const { gram: products, norms, d_s } = coder.problem;
  const pairs = atoms.flatMap((i, k) => atoms.slice(k + 1).map((j) => [i, j]));
  const cosine = ([i, j]) => Math.abs(products[i * d_s + j]) / (norms[i] * norms[j] || 1);
  const pair = pairs.reduce((best, pair) => (cosine(best) >= cosine(pair) ? best : pair));
  const codes = coder.best(coder.problem, coder.x, lam);
  const { gram, centres } = plane(coder.problem, coder.x, [codes], pair);
  const on = (code) => pair.map((j) => code[j]);
  const present = ways
    .filter(({ label }) => coder.has(label))
    .map((way) => ({ ...way, points: codesOf(coder, way.label, lam, T).map(on) }));
  return { atoms: pair, G: gram, centre: centres[0], best: on(codes), ways: present };
};

// The iterations of a solver of a coder on its picture, as a record.
export const recordOf = (coder, label, lam, T) => {
  const entry = coder.all.get(label);
  const { solver, problem, atoms } = entry;
  const [x, { d_x, d_s, norms }] = [coder.seen(entry), problem];
  const codes = codesOf(coder, label, lam, T);
  const missing = codes.map((code) => minus(x, reconstruct(code, 0, 1, d_s, atoms, d_x, new Float64Array(d_x))));
  const squares = missing.map((rest) => dot(rest, rest));
  const prices = codes.map((code) => code.reduce((sum, value, j) => sum + norms[j] * Math.abs(value), 0));
  const record = { codes, missing, norms: [norms], atomOf: (j) => atoms.subarray(j * d_x, (j + 1) * d_x) };
  record.share = squares.map((square) => square / (dot(x, x) || 1));
  record.F = squares.map((square, t) => square / 2 + lam * prices[t]);
  for (const name of ["candidate", "point", "input_gate", "forget_gate"]) {
    const k = solver.fields?.indexOf(name) ?? -1;
    const parts = k < 0 ? [] : codes.slice(1).map((_code, t) => solver.states[t + 1][k]);
    if (parts.length && parts.every(Boolean))
      record[name] = parts.map((part) => codes[0].map((_code, j) => part[j] ?? part[0]));
  }
  const starts = record.point ?? codes;
  record.help = codes.slice(1).map((_code, t) => minus(problem.view(x).projection, problem.timesGram(starts[t])));
  return record;
};
