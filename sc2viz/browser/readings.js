// Numbers as they are read on the screen.

// Three digits, in powers of ten where it is very small or large: "0.125", "1,230", "−2.0·10⁻⁵".
export const short = (value) => {
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, power] = value.toExponential(1).split(/e\+?/);
    const raised = [...power].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]);
    return `${mantissa.replace("-", "−")}·10${raised.join("")}`;
  }
  return value.toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−");
};

// A number in %, as readings.percent in Python writes it: "3.0 %", "1,234 %", "under 0.01 %", "over 10⁶ %".
export const percent = (value) => {
  const size = Math.abs(value);
  if (size <= 0.01) return "under 0.01\u00a0%";
  if (!(size < 1e6)) return "over 10⁶\u00a0%";
  const text = size >= 9.95 ? Math.round(value).toLocaleString("en") : value.toPrecision(2);
  return `${text}\u00a0%`.replace("-", "−");
};

// ‖x − Bs‖² as a part of ‖x − mean‖², as readings.missing writes it.
export const FARTHER = "farther off than the mean";
export const shareMissing = (part, after = " missing") => (part > 1 ? FARTHER : `${percent(100 * part)}${after}`);

const raised = (power) => [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

// A value of F, to four digits, as readings.objective writes it.
export const fourDigits = (F) => {
  if (!Number.isFinite(F)) return Number.isNaN(F) ? "–" : F > 0 ? "∞" : "−∞";
  if (Math.abs(F) < 9999.5) return F.toPrecision(4);
  const [mantissa, power] = F.toExponential(1).split("e+");
  return `${mantissa.replace("-", "−")}·10${raised(power)}`;
};

// A PSNR, as readings.decibels writes it.
export const decibels = (psnr) =>
  Number.isNaN(psnr) ? "–" : `${psnr.toFixed(1)}\u00a0dB`.replace("Infinity", "∞").replace("-", "−");

// A distance to the optimum in %, as readings.above writes it, and what it is, as readings.side does.
export const above = (excess) => {
  const said = percent(excess).replace("under", "<").replace("over", ">");
  return "<>−".includes(said[0]) ? said : `+${said}`;
};
export const side = (excess) => `${excess < -0.01 ? "below" : "above"} the optimum`;

// A share as a whole number in %, half of one to the even number, as Python writes it.
export const wholePercent = (share) => {
  const [value, near] = [100 * share, Math.round(100 * share)];
  return `${near - value === 0.5 && near % 2 ? near - 1 : near} %`;
};

// The words that go with a number, and a number with what it counts, as sc2viz/words has them: "1 atom", "1,200 steps".
const plurals = new Intl.PluralRules("en");
export const formOf = (many, one, others) => (plurals.select(many) === "one" ? one : others);
export const counted = (many, one, others = `${one}s`) => `${many.toLocaleString("en")} ${formOf(many, one, others)}`;
