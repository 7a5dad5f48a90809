// The sentences of pages, from the numbers where the sliders stand. Nothing here needs a page.
import { lowest, stepped } from "./measure.js";
import { counted } from "./readings.js";
import { _, localized } from "./words.js";

// How a share changes, in as few digits as tell the two apart.
export const changes = (before, after, what) => {
  const told = (share, digits) => localized(`${(100 * share).toFixed(digits)}\u00a0%`);
  for (let digits = 0; digits < 3; digits++) {
    const [first, second] = [told(before, digits), told(after, digits)];
    if (first === second) continue;
    const given = { what, first, second };
    return after < before
      ? _("reduces {what} from **{first}** to **{second}**.", given)
      : _("raises {what} from **{first}** to **{second}**.", given);
  }
  return _("leaves {what} at **{share}**.", { what, share: told(before, 0) });
};

export const sentences = {
  // Which of the `ranked` solvers has the lowest F. average: of which pictures the numbers are means; "" for one.
  lowest: ({ ranked, average, lam, T, numbers, coder }) => {
    const known = ranked.map((name) => [name, numbers(name)]).filter(([, found]) => found);
    if (!known.length) return _("Choose a solver that aims at F to compare with the exact optimum.");
    const given = { lam, iterations: counted(T, "iteration"), pictures: average };
    const where =
      average && !coder
        ? _("At λ = {lam:g}, after {iterations} and on {pictures}", given)
        : _("At λ = {lam:g}, after {iterations}", given);
    const stay = known.filter(([, { away }]) => !away);
    const shown = stay.length ? stay : known;
    if (lam >= 1 && !shown.some(([, { share }]) => share))
      return _("{where}, λ is so large that every code is zero.", { where });
    return lowest(
      where,
      shown.map(([name, { far }]) => [name, far]),
    );
  },

  // Which of the `ranked` solvers has the lowest F after t iterations.
  stepped: ({ ranked, t, numbers }) =>
    stepped(
      t,
      ranked.map((name) => [name, numbers(name)]).filter(([, found]) => found),
    ),

  // What doubling λ does to the non-zeros of the exact codes: of their `shares` at `lams`, ascending, or of a drawing.
  // whose, drawn: what they are called.
  doubling: ({ optimum, lams, shares, whose, drawn, lam, coder }) => {
    const ratio = (a, b) => Math.abs(Math.log(a / b));
    const near = (value) => lams.reduce((best, each) => (ratio(each, value) < ratio(best, value) ? each : best));
    const [low, high] = coder ? [lam, 2 * lam] : [near(lam), near(2 * lam)];
    const share = (each) => (coder ? coder.numbers(optimum, each, 0).share : shares[lams.indexOf(each)]);
    if (low === high || (coder && !share(low))) return _("At λ = {lam:g} and above, every code is zero.", { lam });
    const given = {
      low,
      high: Number(high.toPrecision(3)),
      changes: changes(share(low), share(high), coder ? drawn : whose),
    };
    return Math.abs(high / low - 2) < 1e-3
      ? _("Doubling λ from {low:g} to {high:.3g} {changes}", given)
      : _("Raising λ from {low:g} to {high:.3g} {changes}", given);
  },
};
