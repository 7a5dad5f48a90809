// The sentences of pages, from the numbers where the sliders stand. Nothing here needs a page.
import { lowest, stepped } from "./measure.js";
import { counted } from "./readings.js";
import { _, localized } from "./words.js";

// How a share changes, in as few digits as tell the two apart.
export const changes = (before, after, quantity) => {
  const told = (share, digits) => localized(`${(100 * share).toFixed(digits)}\u00a0%`);
  for (let digits = 0; digits < 3; digits++) {
    const [first, second] = [told(before, digits), told(after, digits)];
    if (first === second) continue;
    const given = { quantity, first, second };
    return after < before
      ? _("reduces {quantity} from **{first}** to **{second}**.", given)
      : _("raises {quantity} from **{first}** to **{second}**.", given);
  }
  return _("leaves {quantity} at **{share}**.", { quantity, share: told(before, 0) });
};

// Those of the `ranked` solvers whose numbers are known, with these.
const known = (ranked, numbers) => ranked.map((name) => [name, numbers(name)]).filter(([, values]) => values);

export const sentences = {
  // Which of the `ranked` solvers has the lowest F. average: of which pictures the numbers are means; "" for one.
  lowest: ({ ranked, average, lam, T, numbers, coder }) => {
    const solvers = known(ranked, numbers);
    if (!solvers.length) return _("Choose a solver that aims at F to compare with the exact optimum.");
    const given = { lam, iterations: counted(T, "iteration"), pictures: average };
    const setting =
      average && !coder
        ? _("At λ = {lam:g}, after {iterations} and on {pictures}", given)
        : _("At λ = {lam:g}, after {iterations}", given);
    const stay = solvers.filter(([, { away }]) => !away);
    const shown = stay.length ? stay : solvers;
    if (lam >= 1 && !shown.some(([, { share }]) => share))
      return _("{setting}, λ is so large that every code is zero.", { setting });
    const distances = shown.map(([name, { far }]) => [name, far]);
    return lowest(setting, distances);
  },

  // Which of the `ranked` solvers has the lowest F after t iterations.
  stepped: ({ ranked, t, numbers }) => stepped(t, known(ranked, numbers)),

  // What doubling λ does to the `shares` of non-zeros at `lams`, ascending, or of a drawing. whose, drawn: their names.
  doubling: ({ optimum, lams, shares, whose, drawn, lam, coder }) => {
    const ratio = (a, b) => Math.abs(Math.log(a / b));
    const near = (value) => lams.reduce((best, each) => (ratio(each, value) < ratio(best, value) ? each : best));
    const [low, high] = coder ? [lam, 2 * lam] : [near(lam), near(2 * lam)];
    const share = (each) => (coder ? coder.numbers(optimum, each, 0).share : shares[lams.indexOf(each)]);
    if (low === high || (coder && !share(low))) return _("At λ = {lam:g} and above, every code is zero.", { lam });
    const effect = changes(share(low), share(high), coder ? drawn : whose);
    const values = { low, high: Number(high.toPrecision(3)), changes: effect };
    return Math.abs(high / low - 2) < 1e-3
      ? _("Doubling λ from {low:g} to {high:.3g} {changes}", values)
      : _("Raising λ from {low:g} to {high:.3g} {changes}", values);
  },
};
