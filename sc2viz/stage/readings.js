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
