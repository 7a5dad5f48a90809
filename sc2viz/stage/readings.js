// Numbers as they are read (readings.py).
export const short = (value) => {
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, power] = value.toExponential(1).split(/e\+?/);
    return `${mantissa.replace("-", "−")}·10${[...power].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]).join("")}`;
  }
  return value.toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−");
};

export const percent = (value) => {
  const size = Math.abs(value);
  if (size <= 0.01) return "under 0.01\u00a0%";
  if (!(size < 1e6)) return "over 10⁶\u00a0%";
  const text = size >= 9.95 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)));
  return `${text}\u00a0%`.replace("-", "−");
};
