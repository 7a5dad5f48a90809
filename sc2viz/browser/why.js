// Why solvers are as far from the optimum as they are: at most three sentences, each with one number.
import { apart, FLOOR, settled } from "./measure.js";
import { times } from "./readings.js";
import { _, ngettext } from "./words.js";

const LAST = 100; // iterations that are computed at most
const LONGER = 1.05; // times as long as another step, from which that is said

// When `last` comes as near as `first` is after T iterations.
const pace = (first, last, T) => {
  const distance = settled(first.far(T));
  const needed = Array.from({ length: LAST + 1 }, (_far, t) => t).findIndex((t) => settled(last.far(t)) <= distance);
  const given = { first: first.label, last: last.label };
  if (distance < -FLOOR && !last.own)
    return _("No code on the shared atoms is as good as that of **{first}**, which has atoms of its own.", given);
  if (needed < 0)
    return _("**{last}** does not come as near as **{first}** within {n} iterations.", { ...given, n: LAST });
  return needed >= T
    ? ngettext(
        "**{last}** needs {n} iteration to come as near as **{first}**.",
        "**{last}** needs {n} iterations to come as near as **{first}**.",
        needed,
        given,
      )
    : ngettext(
        "**{last}** was as near after {n} iteration, and has left since.",
        "**{last}** was as near after {n} iterations, and has left since.",
        needed,
        given,
      );
};

// How much longer the last step of the better formula was, from the stop before T.
const stride = (fast, slow, T, before) => {
  const length = ({ codes }) => {
    const [from, to] = [codes(before), codes(T)];
    return from && to ? Math.sqrt(to.reduce((sum, s, j) => sum + (s - from[j]) ** 2, 0)) : Number.NaN;
  };
  const ratio = length(fast) / length(slow);
  return ratio >= LONGER && ratio < 1e3
    ? _("The last step of **{fast}** was {times} as long as that of **{slow}**.", {
        ...{ fast: fast.label, slow: slow.label, times: times(ratio) },
      })
    : "";
};

// Solvers after T iterations: each knows its distance far(t), its codes(t) or null, whether it has `own` atoms or
// has `learned`, and `missed`, its distance on its own atoms. before: the last T whose codes are known.
export const why = (solvers, T, before) => {
  const order = [...solvers].sort((a, b) => settled(a.far(T)) - settled(b.far(T)));
  const [first, last] = [order[0], order.at(-1)];
  if (!first || apart(settled(first.far(T))) === apart(settled(last.far(T))))
    return _("They are as near as each other.");
  const formulas = order.filter(({ learned }) => !learned);
  const [fast, slow] = [formulas[0], formulas.at(-1)];
  const network = order.find(({ own }) => own);
  const exact = network && 100 * ((1 + network.far(T) / 100) / (1 + network.missed / 100) - 1);
  const said = [pace(first, last, T)];
  if (fast !== slow && T > 1) said.push(stride(fast, slow, T, before));
  if (Number.isFinite(exact))
    said.push(
      _("Exact codes on the atoms of **{solver}** are {distance}.", { solver: network.label, distance: apart(exact) }),
    );
  return said.filter(Boolean).join(" ");
};
