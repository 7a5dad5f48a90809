// Numbers as they are read on the screen.
import { _, grouped, localized, ngettext } from "./words.js";

const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format;

// Three digits, in powers of ten where it is very small or large: "0.125", "1,230", "−2.0·10⁻⁵".
export const short = (value) => {
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, power] = value.toExponential(1).split(/e\+?/);
    const raised = [...power].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]);
    return localized(`${mantissa}·10${raised.join("")}`);
  }
  return localized(three(value));
};

// A number in %, as readings.percent in Python writes it: "3.0 %", "1,234 %", "under 0.01 %", "over 10⁶ %".
const signed = (value) => {
  const text = Math.abs(value) >= 9.95 ? grouped(Math.round(value)) : value.toPrecision(2);
  return localized(`${text}\u00a0%`);
};
const [floorSaid, ceilingSaid] = [localized("0.01\u00a0%"), "10⁶\u00a0%"];
const isSmall = (value) => Math.abs(value) <= 0.01;
const isLarge = (value) => !(Math.abs(value) < 1e6);
export const percent = (value) => {
  if (isSmall(value)) return _("under {number}", { number: floorSaid });
  return isLarge(value) ? _("over {number}", { number: ceilingSaid }) : signed(value);
};

// ‖x − Bs‖² as a part of ‖x − mean‖², as readings.missing writes it.
export const FARTHER = _("farther off than the mean");
export const shareMissing = (part, said = _("{share} missing")) =>
  part > 1 ? FARTHER : said.replace("{share}", percent(100 * part));

// A ratio, to two digits and whole from ten on, as readings.times writes it.
export const times = (factor) => {
  const size = Math.abs(factor) >= 9.95 ? grouped(Math.round(factor)) : String(Number(factor.toPrecision(2)));
  return _("{factor} times", { factor: localized(size) });
};

const raised = (power) => [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

// A value of F, to four digits, as readings.objective writes it.
export const fourDigits = (F) => {
  if (!Number.isFinite(F)) return Number.isNaN(F) ? "–" : F > 0 ? "∞" : "−∞";
  if (Math.abs(F) < 9999.5) return localized(F.toPrecision(4));
  const [mantissa, power] = F.toExponential(1).split("e+");
  return localized(`${mantissa}·10${raised(power)}`);
};

// A PSNR, as readings.decibels writes it.
export const decibels = (psnr) =>
  Number.isNaN(psnr) ? "–" : localized(`${psnr.toFixed(1)}\u00a0dB`.replace("Infinity", "∞"));

// A distance to the optimum in %, as readings.above writes it, and what it is, as readings.side does.
export const above = (excess) => {
  if (isSmall(excess)) return `< ${floorSaid}`;
  if (isLarge(excess)) return `> ${ceilingSaid}`;
  return `${excess > 0 ? "+" : ""}${signed(excess)}`;
};
export const side = (excess) => (excess < -0.01 ? _("below the optimum") : _("above the optimum"));

// A share as a whole number in %, half of one to the even number, as Python writes it.
export const wholePercent = (share) => {
  const [value, near] = [100 * share, Math.round(100 * share)];
  return localized(`${near - value === 0.5 && near % 2 ? near - 1 : near} %`);
};

const [AWAY, WHY_AWAY] = [_("runs away"), _("F is above 2 F(0). The safeguard stops it")];
const WORDED = {
  above: ({ far, away }) => (away ? AWAY : above(far)),
  side: ({ far, away }) => (away ? WHY_AWAY : side(far)),
  F: ({ F }) => fourDigits(F),
  psnr: ({ psnr }) => decibels(psnr),
  nonzeros: ({ share }) => wholePercent(share),
  lam: ({ lam }) => `λ = ${localized(String(lam))}`,
  active: ({ active }) => String(active),
  atoms: ({ active }) => ngettext("{n} atom", "{n} atoms", active, { n: "" }).trim(),
  used: ({ active, of }) => _("{count} of {total}", { count: active, total: of }),
  missing: ({ missing }) => shareMissing(missing),
  own: ({ own }) => (own === null ? "…" : own === undefined ? undefined : above(own)),
  shrunk: ({ lam, shrunk, active }) => {
    if (!active) return _("λ = {lam:g}: no weight stays.", { lam });
    if (!(shrunk > 0)) return _("λ = {lam:g}: the weights stay as they are.", { lam });
    return _(
      "λ = {lam:g}: the price also shrinks the weights that stay, here by {share}. “Refitted” is without this: its " +
        "error is smaller, and its F is higher, so worse.",
      { lam, share: percent(100 * shrunk) },
    );
  },
  ms: ({ ms }) => (ms === undefined ? undefined : `≈ ${localized(String(Number(ms.toPrecision(1))))} ms`),
};

// A reading of a card from the numbers of its codes, as readings.say in Python says it; undefined where there is none.
export const worded = (what, numbers) => WORDED[what](numbers);

// A number with what it counts, as sc2viz/words has it: "1 atom", "1,200 steps".
export const counted = (many, one, others = `${one}s`) =>
  ngettext(["{n}", one].join(" "), ["{n}", others].join(" "), many);
