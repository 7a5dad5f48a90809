// What an iteration does, phase by phase, and what is said of it. Nothing here needs a page.
import { reconstruct } from "../objective.js";
import { fourDigits, percent, short } from "../readings.js";
import { _, N_, ngettext } from "../words.js";

export const STRONGEST = 10; // atoms that are shown with their pictures
export const MOST = 20; // iterations that are shown
const SAME = 1e-5; // of the largest number: what differs by less is the same
const SHUT = 0.25; // an input gate below it lets little in
const SETTLED = 0.1; // of a cell: it changes little where it changes by less

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const size = (values) => values.reduce((sum, value) => sum + value * value, 0);
const dot = (a, b) => a.reduce((sum, value, j) => sum + value * b[j], 0);
const minus = (a, b) => a.map((value, j) => value - b[j]);
const strongestOf = (values) => values.reduce((best, v, j) => (Math.abs(v) > Math.abs(values[best]) ? j : best), 0);

// The factor that makes one array of the other; null where none does.
const factor = (from, to, scale) => {
  const ratio = dot(from, to) / (size(from) || 1);
  return largest(
    minus(
      to,
      from.map((value) => ratio * value),
    ),
  ) <=
    SAME * scale
    ? ratio
    : null;
};

// The atoms with the largest weights of all iterations and solvers, the largest first.
export const strongest = (courses) => {
  const weights = courses[0].codes[0].map((_s, j) =>
    Math.max(...courses.flatMap(({ codes }) => codes.map((s) => Math.abs(s[j])))),
  );
  return [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, STRONGEST);
};

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

// Iterations of a solver, which may have `learned` its matrices, as analysis/one_iteration.py records them: lists of
// arrays with an entry an atom, and numbers of each iteration, F and the `share` of ‖x‖² that is missing. What a solver
// does is read from them.
export class Course {
  constructor(record) {
    Object.assign(this, record);
    this.cells = [this.codes[0]];
    this.known = [];
  }

  get T() {
    return this.codes.length - 1;
  }

  get gated() {
    return Boolean(this.input_gate && this.forget_gate);
  }

  get phases() {
    const has = { beyond: this.point, step: this.candidate, gates: this.gated };
    return Object.keys(PHASES).filter((phase) => has[phase] ?? !(phase in has));
  }

  // Iteration t = 1 … T. `point` is where the step starts, and `push` is Bᵀ(x − By), τ times which is the step,
  // or where `tau` is null the step itself. Of the last cell f c is `kept`. The activation makes the code of `into`.
  at(t) {
    if (this.known[t]) return this.known[t];
    const k = t - 1;
    const [before, code, candidate] = [this.codes[k], this.codes[t], this.candidate?.[k]];
    const point = this.point?.[k] ?? before;
    const moved = k && minus(before, this.codes[k - 1]);
    const momentum = this.point && (k ? dot(minus(point, before), moved) / (size(moved) || 1) : 0);
    const step = candidate && minus(candidate, point);
    const tau = candidate && factor(this.help[k], step, largest(candidate));
    const push = candidate && tau === null ? step : this.help[k];
    const [i, f] = [this.input_gate?.[k], this.forget_gate?.[k]];
    const old = this.cells[k] ?? this.at(k).into;
    const kept = this.gated ? old.map((c, j) => f[j] * c) : null;
    const into = kept ? kept.map((c, j) => c + i[j] * candidate[j]) : candidate;
    this.cells[t] = into;
    const zeros = into ? [...code.keys()].filter((j) => !code[j] && Math.abs(into[j]) > SAME) : [];
    const taken = into ? [...code.keys()].filter((j) => code[j]).map((j) => Math.abs(into[j]) - Math.abs(code[j])) : [];
    const same = taken.length && Math.max(...taken) - Math.min(...taken) <= SAME * largest(into);
    const theta = same && taken[0] > 0 ? taken[0] : null; // what shrinkage takes from all alike
    const found = { before, momentum, point, push, tau, candidate, i, f, old, kept, into, code, zeros, theta };
    this.known[t] = found;
    return found;
  }

  // The bars of a phase: they stand at `value`, of which the part beyond `from` is new, before an outline at `shadow`.
  bars(t, phase) {
    const { before, point, candidate, kept, old, into, code } = this.at(t);
    const of = {
      beyond: { value: point, from: before, shadow: before },
      step: { value: candidate, from: point, shadow: null },
      gates: { value: into, from: kept, shadow: old },
      shrink: { value: code, from: code, shadow: into },
      sum: { value: code, from: code, shadow: null },
    };
    return of[phase] ?? { value: point, from: point, shadow: null };
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
    const said = (value) => (value < 0 ? `(${short(value)})` : short(value));
    const lines = [];
    if (momentum) {
      const last = this.codes[t - 2][j];
      lines.push(
        `y = ${short(before[j])} + ${short(momentum)} · (${short(before[j])} − ${said(last)}) = ${short(point[j])}`,
      );
    }
    const times = tau === null || tau === undefined ? said(push[j]) : `${short(tau)} · ${said(push[j])}`;
    if (candidate) lines.push(`c̃ = ${short(point[j])} + ${times} = ${short(candidate[j])}`);
    if (this.gated) {
      const terms = `${said(f[j])} · ${said(old[j])} + ${said(i[j])} · ${said(candidate[j])}`;
      lines.push(`c = ${terms} = ${short(into[j])}`);
    }
    const taken = into && Math.abs(into[j]) - Math.abs(code[j]);
    if (into && !code[j] && theta) lines.push(`|${short(into[j])}| ≤ θ = ${short(theta)}`);
    const shrunk = code[j] && taken > 0 ? `${short(into[j])} ${into[j] > 0 ? "−" : "+"} ${short(taken)} = ` : "";
    lines.push(`s = ${shrunk}${short(code[j])}`);
    return _("Atom {atom}: {arithmetic}", { atom: j, arithmetic: lines.join(", ") });
  }

  // What a phase says of the picture at hand, in one or two sentences.
  says(t, phase) {
    const now = this.at(t);
    const { momentum, point, push, tau, candidate, into, zeros, theta } = now;
    const j = strongestOf(push);
    const [low, share] = [this.share[t], this.share[t - 1]].map((part) => percent(100 * part));
    const given = { t, atom: j, push: short(push[j]), tau: short(tau ?? 0), share };
    switch (phase) {
      case "beyond":
        given.m = short(momentum);
        return momentum
          ? _("The step starts beyond the last code: by **{m}** of the last move, which is the momentum.", given)
          : _("There is no momentum in this iteration yet: the step starts at the last code.");
      case "missing":
        return largest(point)
          ? _("Before iteration {t}, **{share}** of x is missing: what the sum of atoms does not show.", given)
          : _("The sum is still empty, so **all of x** is missing.");
      case "help":
        if (tau === null && candidate)
          return this.learned
            ? _("Learned matrices stand in the place of τBᵀ. They push atom {atom} most, by **{push}**.", given)
            : _("A rule of its own stands in the place of τBᵀ. It pushes atom {atom} most, by **{push}**.", given);
        return _("Bᵀ compares what is missing with each atom. Atom {atom} would help most: **{push}**.", given);
      case "step":
        given.from = short(point[j]);
        given.to = short(candidate[j]);
        return tau === null
          ? _("Each weight moves by its push. Atom {atom} goes from {from} to **{to}**.", given)
          : _("Each weight moves by τ = {tau} times its help. Atom {atom} goes from {from} to **{to}**.", given);
      case "gates":
        return this.gateSays(now);
      case "shrink": {
        if (!into) return _("This solver’s own rule makes the next code.");
        const empty = ngettext(
          "**{n} atom** falls in the dead zone and is exactly 0.",
          "**{n} atoms** fall in the dead zone and are exactly 0.",
          zeros.length,
        );
        const taken = theta && _("θ = {theta} is taken off every bar.", { theta: short(theta) });
        return [taken, zeros.length ? empty : _("No atom becomes exactly 0.")].filter(Boolean).join(" ");
      }
      default:
        return _("**{after}** of x is missing now, {share} before. F goes from {F} to **{G}**.", {
          ...{ ...given, after: low, F: fourDigits(this.F[t - 1]), G: fourDigits(this.F[t]) },
        });
    }
  }

  // Of the strongest atoms, one that is settled behind a gate that is nearly shut, or else the one that moves most.
  gateSays({ i, f, old, into: cell }) {
    const shown = strongest([this]);
    const moves = (j) => Math.abs(cell[j] - old[j]);
    const settled = shown.find((j) => i[j] < SHUT && old[j] && moves(j) < SETTLED * Math.abs(old[j]));
    const most = shown.reduce((best, j) => (moves(j) > moves(best) ? j : best));
    const j = settled ?? most;
    const given = { atom: j, f: short(f[j]), i: short(i[j]), old: short(old[j]), cell: short(cell[j]) };
    return settled === undefined
      ? _(
          "Atom {atom} moves most: f = {f} of its old cell stays, i = **{i}** of the new enters, and c is {cell}.",
          given,
        )
      : _(
          "Atom {atom} was nearly right before: its gate lets **{i}** of the new in, and c goes from {old} to {cell}.",
          given,
        );
  }
}

// The iterations of a solver of a coder (coder.js) on its picture, as a record.
export const recordOf = (coder, label, lam, T) => {
  const one = coder.all.get(label);
  const { solver, problem, atoms } = one;
  const [x, { d_x, d_s }] = [coder.seen(one), problem];
  const codes = Array.from({ length: Math.min(T, MOST) + 1 }, (_, t) => coder.codes(label, lam, t));
  const missing = codes.map((s) => minus(x, reconstruct(s, 0, 1, d_s, atoms, d_x, new Float64Array(d_x))));
  const price = (s) => s.reduce((sum, value, j) => sum + problem.norms[j] * Math.abs(value), 0);
  const record = { codes, missing, norms: [problem.norms], atomOf: (j) => atoms.subarray(j * d_x, (j + 1) * d_x) };
  record.share = missing.map((rest) => size(rest) / (size(x) || 1));
  record.F = missing.map((rest, t) => size(rest) / 2 + lam * price(codes[t]));
  for (const name of ["candidate", "point", "input_gate", "forget_gate"]) {
    const k = solver.fields?.indexOf(name) ?? -1;
    const parts = k < 0 ? [] : codes.slice(1).map((_s, t) => solver.states[t + 1][k]);
    if (parts.length && parts.every(Boolean))
      record[name] = parts.map((part) => codes[0].map((_s, j) => part[j] ?? part[0]));
  }
  const starts = record.point ?? codes;
  record.help = codes.slice(1).map((_s, t) => minus(problem.view(x).projection, problem.timesGram(starts[t])));
  return record;
};
