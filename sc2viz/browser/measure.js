// Numbers of a code, and the sentence that compares solvers. Nothing here needs a page.
import { counted, percent, side } from "./readings.js";
import { _, andList, ngettext, numeral } from "./words.js";

export const IN_USE = 1e-3; // an atom is in use if its weight is larger, as in evaluation.IN_USE
export const FLOOR = 0.01; // %: what is nearer to the optimum counts as the optimum, as in convergence.FLOOR

// The numbers of codes of x at λ on the atoms of a problem, as sweeps.measured has them. `peak`: the range of a pixel.
export const measured = (problem, x, codes, lam, peak) => {
  const { projection, square } = problem.view(x);
  let [rest, price, active] = [square + problem.energy(codes), 0, 0];
  for (let j = 0; j < codes.length; j++) {
    rest -= 2 * codes[j] * projection[j];
    price += problem.norms[j] * Math.abs(codes[j]);
    if (Math.abs(codes[j]) > IN_USE) active++;
  }
  const loss = Math.max(rest, 0) / 2;
  const psnr = 20 * Math.log10(peak) - 10 * Math.log10((2 * loss) / x.length);
  return { loss, F: loss + lam * price, active, of: codes.length, share: active / codes.length, psnr };
};

// How far F is above the optimum, in % of it, as evaluation.excess has it.
export const excess = (F, best) => (best > 0 ? (100 * (F - best)) / best : 0);

export const settled = (each) => (Number.isNaN(each) ? Infinity : Math.abs(each) <= FLOOR ? FLOOR : each);
export const apart = (each) => {
  const far = { percent: percent(Math.abs(each)) };
  return each < -FLOOR ? _("{percent} below the optimum", far) : _("{percent} above the optimum", far);
};
const areApart = (setting, names, each) =>
  ngettext("{setting}, {names} is {distance}.", "{setting}, {names} are {distance}.", names.length, {
    ...{ setting, names: andList(names), distance: apart(each) },
  });

// Which of the solvers has the lowest F, or which share it, **bold** in it: `now` has pairs of a label and a distance
// in %. `setting` begins the sentence, as readings.lowest in Python has it.
export const lowest = (setting, now) => {
  if (!now.length) return "";
  const all = now.map(([label, each]) => [label, settled(each)]);
  const least = Math.min(...all.map(([, each]) => each));
  const first = all.filter(([, each]) => apart(each) === apart(least)).map(([label]) => `**${label}**`);
  if (first.length === now.length) return areApart(setting, first, least);
  const far = { percent: percent(Math.abs(least)), side: side(least) };
  return ngettext(
    "{setting}, {names} has the lowest F of the {total} solvers compared: it is **{percent}** {side}.",
    "{setting}, {names} share the lowest F of the {total} solvers compared: each is **{percent}** {side}.",
    first.length,
    { setting, names: andList(first), total: numeral(now.length), ...far },
  );
};

// Which of the solvers has the lowest F after t iterations, **bold** in it: `numbers` has pairs of a label and what
// `Coder.numbers` knows, as describe_steps.sentence in Python has it.
export const stepped = (t, numbers) => {
  if (!numbers.length) return _("Choose a solver that aims at F to compare with the exact optimum.");
  const now = numbers.map(([label, { far }]) => [`**${label}**`, settled(far)]);
  const all = now.map(([, each]) => each);
  const [least, most, done] = [Math.min(...all), Math.max(...all), all.every((each) => each === FLOOR)];
  if (t === 0) {
    if (done) return _("At this λ the empty code, with which every solver starts, is the optimum.");
    const ends = { minimum: percent(least), maximum: percent(most) };
    const span = ends.minimum === ends.maximum ? ends.minimum : _("{minimum} to {maximum}", ends);
    return _("Every solver starts with the empty code, which is {span} above the optimum.", { span });
  }
  const setting = _("After {iterations}", { iterations: counted(t, "iteration") });
  if (done && !numbers.some(([, { active }]) => active))
    return _("{setting}, every code is still empty, which is the optimum at this λ.", { setting });
  const ahead = now.filter(([, each]) => apart(each) === apart(least)).map(([label]) => label);
  const [count, given] = [ahead.length, { setting, names: andList(ahead), distance: apart(least) }];
  const there = ngettext(
    "{setting}, {names} has reached the optimum.",
    "{setting}, {names} have reached the optimum.",
    count,
    given,
  );
  if (least === FLOOR) return there;
  if (count === now.length) return areApart(setting, ahead, least);
  return ngettext(
    "{setting}, {names} has the lowest F: it is {distance}.",
    "{setting}, {names} share the lowest F: each is {distance}.",
    count,
    given,
  );
};

// Places that are at least `gap` apart and near those that are wanted, between `low` and `high`, in the same order.
export const spaced = (wanted, gap, low, high) => {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b]);
  const at = [];
  let floor = low;
  for (const k of order) {
    at[k] = Math.max(floor, Math.min(high, wanted[k]));
    floor = at[k] + gap;
  }
  let ceiling = high;
  for (const k of order.reverse()) {
    at[k] = Math.min(ceiling, at[k]);
    ceiling = at[k] - gap;
  }
  return at;
};
