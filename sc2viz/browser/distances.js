// The distance of each solver to the optimum against the iterations, at the λ at hand, for the page to take away.
import { shape } from "./dom.js";
import { side } from "./readings.js";
import { _, localized } from "./words.js";

const [WIDE, HIGH] = [360, 270];
const [LEFT, RIGHT, TOP, BOTTOM] = [58, WIDE - 96, 10, HIGH - 34];
const BAND = 26; // below the axis, for what is below the optimum

// Draws the frame into `root` and returns `show(lam, T, values, now)`: for each line its `values` in % after each of
// the iterations `stops`, null where there are none, and that `now`, after T. `low` and `high` end the axis.
export const distances = (root, { lines, low, high }, stops) => {
  const x = (T) => LEFT + ((RIGHT - LEFT) * Math.log(T)) / Math.log(stops.at(-1));
  // What is less than `low` is drawn at the lower end of the axis, but what is below the optimum in a band below, which
  // has these words; null, what runs away, at the upper end.
  const floor = BOTTOM - BAND;
  const below = (value) => (value ?? high) < -0.01;
  const share = (value) => Math.log(Math.max(low, Math.min(high, value ?? high)) / low) / Math.log(high / low);
  const y = (value) => (below(value) ? BOTTOM - 0.3 * BAND : floor - (floor - TOP) * share(value));
  const svg = root.appendChild(shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" }));
  const add = (tag, attributes, text) => svg.appendChild(shape(tag, attributes, text));
  for (let tick = low; tick <= high * 1.01; tick *= 10) {
    add("path", { class: "grid", d: `M${LEFT} ${y(tick)}H${RIGHT}` });
    const text = localized(`${Number(tick.toPrecision(1))} %`);
    add("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, text);
  }
  for (const T of [1, 2, 5, 10, 20, 50, 100])
    add("text", { x: x(T), y: BOTTOM + 16, "text-anchor": "middle" }, String(T));
  add("text", { x: (LEFT + RIGHT) / 2, y: BOTTOM + 31, "text-anchor": "middle" }, _("iteration"));
  const band = [
    add("rect", { class: "band", x: LEFT, y: floor, width: RIGHT - LEFT, height: BAND, style: "visibility: hidden" }),
    add("text", { x: LEFT + 4, y: floor + 12, style: "visibility: hidden" }, side(-1)),
  ];
  const rule = add("path", { class: "rule" });
  const drawn = lines.map(({ label, colour, dash }) => {
    const style = `--solver: ${colour}`;
    const path = add("path", { class: "curve", style, "stroke-dasharray": dash });
    const name = add("text", { class: "name", style, x: RIGHT + 8 }, label);
    return { path, dot: add("circle", { class: "dot", style, r: 5 }), name };
  });
  return (lam, T, values, now) => {
    rule.setAttribute("d", `M${x(T)} ${TOP}V${BOTTOM}`);
    const ends = lines.map((_, k) => [y(values[k]?.at(-1)), k]).sort((a, b) => a[0] - b[0]);
    let free = TOP;
    for (const [end, k] of ends) {
      free = Math.max(end, free);
      drawn[k].name.setAttribute("y", free + 4);
      free += 14;
    }
    for (const [k, { path, dot, name }] of drawn.entries()) {
      for (const each of [path, dot, name]) each.style.visibility = values[k] ? "" : "hidden";
      if (!values[k]) continue;
      path.setAttribute("d", `M${stops.map((each, t) => `${x(each)} ${y(values[k][t])}`).join("L")}`);
      dot.setAttribute("cx", x(T));
      dot.setAttribute("cy", y(now[k]));
      dot.dataset.value = now[k];
    }
    const any = values.some((line) => line?.some(below));
    for (const each of band) each.style.visibility = any ? "" : "hidden";
    svg.ariaLabel = _("Distance to the optimum against the iteration at λ = {lam}", { lam });
  };
};
