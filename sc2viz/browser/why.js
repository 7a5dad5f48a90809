// Why solvers are as far from the optimum as they are, by what their iterations do, in the words of mechanisms.py.
// Nothing here needs a page.
import { apart, FLOOR, settled } from "./measure.js";
import { counted, times } from "./readings.js";
import { _, localized, ngettext } from "./words.js";

const [AT_REST, ALONG, LONGER, LATER] = [0.05, 0.8, 1.05, 5]; // as there
const LAST = 100; // iterations that are computed at most

// The solvers with the least and with the largest distance.
const ends = (all, far) =>
  [Math.min, Math.max].map((end) => all.find((one) => far(one) === end(...all.map((each) => far(each)))));

// When a solver is within a distance.
const pace = (far, T, distance) => {
  const needed = Array.from({ length: LAST + 1 }, (_, t) => t).findIndex((t) => far(t) <= distance);
  if (needed < 0) return ngettext("does not get there in {n} iteration", "does not get there in {n} iterations", LAST);
  if (needed >= T)
    return ngettext("needs {n} iteration to come as near", "needs {n} iterations to come as near", needed);
  return needed
    ? _("was there after {needed} and has left since", { needed })
    : _("was there at the start and has left since");
};

// Why the best of the formulas is ahead of the worst, by their last steps, between three of the `stops` of T.
const ahead = (coder, formulas, far, lam, T, stops) => {
  const [fast, slow] = ends(formulas, far);
  if (formulas.length < 2 || T < 3 || apart(far(fast)) === apart(far(slow))) return "";
  const at = [...stops.filter((t) => t < T).slice(-2), T];
  const step = ({ label }, k) => {
    const [from, to] = [at[k - 1], at[k]].map((t) => coder.codes(label, lam, t));
    return to.map((s, j) => (s - from[j]) / (at[k] - at[k - 1]));
  };
  const dot = (a, b) => a.reduce((sum, value, j) => sum + value * b[j], 0);
  const [before, last, longer] = [step(slow, 1), step(slow, 2), step(fast, 2)];
  const [p, q, r] = [before, last, longer].map((each) => Math.sqrt(dot(each, each)));
  const [along, ratio] = [dot(before, last) / Math.max(p * q, 1e-12), r / Math.max(q, 1e-12)];
  const given = { slow: slow.label, fast: fast.label, rule: fast.summary.replace(/[.。]$/, ""), times: times(ratio) };
  return along < ALONG || ratio < LONGER
    ? ""
    : _(
        "{slow} creeps: its last two steps point the same way (cosine {along:.2f}), and {fast} ({rule}) moved " +
          "{times} as far in its last one.",
        { ...given, along: localized(along.toFixed(2)) },
      );
};

// Whether a network comes to rest, and where, by two rulers.
const rest = (coder, { label, trained }, lam, T) => {
  const other = T < LAST ? Math.min(LATER * T, LAST) : Math.floor(T / LATER);
  const [here, there] = [T, other].map((t) => coder.numbers(label, lam, t).far);
  const then = { iterations: counted(other, "iteration"), far: apart(there) };
  const when = other > T ? _("after {iterations} it is {far}", then) : _("after {iterations} it was {far}", then);
  const given = { solver: `**${label}**`, trained: counted(trained, "iteration"), when };
  if (!(Math.abs(there - here) <= AT_REST * Math.max(Math.abs(here), FLOOR)))
    return there < here === other > T
      ? _("{solver}, trained for {trained}, still comes nearer: {when}.", given)
      : _("{solver}, trained for {trained}, leaves again: {when}.", given);
  const own = coder.own(label, lam, T) ?? Number.NaN;
  const exact = apart(100 * ((1 + here / 100) / (1 + own / 100) - 1)); // codes on its atoms, by the same ruler
  const both = { ...given, own: apart(own), far: exact, exact };
  if (Math.abs(own) <= FLOOR)
    return _("{solver} has come to rest at the optimum on its own atoms, which is {far} on the shared ones.", both);
  return _(
    "{solver} has come to rest, and not at a minimum: {when} too. By the optimum on its own atoms it is {own}, and " +
      "exact codes on these are {exact} of the shared ones.",
    both,
  );
};

// At most three sentences on the solvers `chosen`, as the site knows them; "" where there is nothing to tell apart.
export const why = (coder, chosen, lam, T, stops) => {
  const stay = chosen.filter(({ label }) => !coder.numbers(label, lam, T).away);
  const shown = stay.length ? stay : chosen;
  const far = ({ label }, t = T) => settled(coder.numbers(label, lam, t).far);
  const [first, last] = ends(shown, far);
  if (!first || apart(far(first)) === apart(far(last))) return "";
  const given = { last: last.label, far: apart(far(last)), first: first.label };
  const said =
    far(first) < -FLOOR && !last.own // no code of the shared atoms is there
      ? _(
          "**{last}** is {far}, which no code on the shared dictionary is below: **{first}** has atoms of its own.",
          given,
        )
      : _("**{last}** is {far} and {pace}.", { ...given, pace: pace((t) => far(last, t), T, far(first)) });
  const formulas = shown.filter(({ trained }) => trained === null);
  const networks = shown.filter(({ own }) => own);
  const [best] = ends(networks, far);
  return [said, ahead(coder, formulas, far, lam, T, stops), best && rest(coder, best, lam, T)]
    .filter(Boolean)
    .join(" ");
};
