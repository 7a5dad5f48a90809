// Lines over axes, in SVG: the distance of each solver to the optimum against the iterations, for the page to take away
// and the site, and what each λ makes of a picture, for the site.
import { shape } from "./dom.js";
import { spaced } from "./measure.js";
import { side } from "./readings.js";
import { _, localized } from "./words.js";

const [WIDE, HIGH] = [360, 270];
const [LEFT, RIGHT, TOP, BOTTOM] = [58, WIDE - 104, 10, HIGH - 34];
const BAND = 26; // below the axis, for what is below the optimum
const [LEAST, MOST] = [10, 35]; // dB

// Draws axes into `root`, with `levels` [y, text] and `places` [x, text], and returns the drawing and `show(all, now)`:
// for each line its points [x, y], and the one of now with its value. The names stand at the last points.
const frame = (root, lines, levels, places, axis) => {
  const svg = root.appendChild(shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" }));
  const add = (tag, attributes, text) => svg.appendChild(shape(tag, attributes, text));
  for (const [y, text] of levels) {
    add("path", { class: "grid", d: `M${LEFT} ${y}H${RIGHT}` });
    add("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, text);
  }
  for (const [x, text] of places) add("text", { x, y: BOTTOM + 16, "text-anchor": "middle" }, text);
  add("text", { x: (LEFT + RIGHT) / 2, y: BOTTOM + 31, "text-anchor": "middle" }, axis);
  const drawn = lines.map(({ label, colour, dash }) => {
    const style = `--solver: ${colour}`;
    const path = add("path", { class: "curve", style, "stroke-dasharray": dash });
    const name = add("text", { class: "name", style, x: RIGHT + 8 }, label);
    return { path, name, dot: add("circle", { class: "dot", style, r: 5 }) };
  });
  const show = (all, now) => {
    const ends = all.map((points) => points.at(-1)[1]);
    const heights = spaced(ends, 14, TOP, BOTTOM);
    for (const [k, { path, dot, name }] of drawn.entries()) {
      path.setAttribute("d", `M${all[k].map((point) => point.join(" ")).join("L")}`);
      const [cx, cy, value] = now[k];
      for (const [key, number] of Object.entries({ cx, cy, "data-value": value })) dot.setAttribute(key, number);
      name.setAttribute("y", heights[k] + 4);
    }
  };
  return [svg, show];
};

// Draws the frame into `root` and returns `show(lam, T, values, now)`: for each line its `values` in % after each of
// the iterations `stops`, and that `now`, after T. `low` and `high` end the axis.
export const distances = (root, lines, stops, [low, high] = [0.01, 1000]) => {
  const x = (T) => LEFT + ((RIGHT - LEFT) * Math.log(T)) / Math.log(stops.at(-1));
  // What is less than `low` is drawn at the lower end of the axis, but what is below the optimum in a band below, which
  // has these words; what runs away, at the upper end.
  const floor = BOTTOM - BAND;
  const below = (value) => value < -0.01;
  const share = (value) => Math.log(Math.min(high, Math.max(low, value || 0)) / low) / Math.log(high / low);
  const y = (value) => (below(value) ? BOTTOM - 0.3 * BAND : floor - (floor - TOP) * share(value));
  const levels = [];
  for (let tick = low; tick <= high * 1.01; tick *= 10)
    levels.push([y(tick), localized(`${Number(tick.toPrecision(1))} %`)]);
  const places = [1, 2, 5, 10, 20, 50, 100].map((T) => [x(T), String(T)]);
  const [svg, show] = frame(root, lines, levels, places, _("iteration"));
  const rule = shape("path", { class: "rule" });
  const band = [
    shape("rect", { class: "band", x: LEFT, y: floor, width: RIGHT - LEFT, height: BAND }),
    shape("text", { x: LEFT + 4, y: floor + 12 }, side(-1)),
  ];
  svg.prepend(...band, rule);
  return (lam, T, values, now) => {
    rule.setAttribute("d", `M${x(T)} ${TOP}V${BOTTOM}`);
    const points = values.map((line) => stops.map((stop, t) => [x(stop), y(line[t])]));
    const dots = now.map((value) => [x(T), y(value), value]);
    show(points, dots);
    const visibility = values.some((line) => line.some(below)) ? "" : "hidden";
    for (const node of band) node.style.visibility = visibility;
    svg.ariaLabel = _("Distance to the optimum against the iteration at λ = {lam}", { lam });
  };
};

// Draws the frame into `root` and returns `show(all, now)`: points [share of non-zeros, PSNR] along λ, and at λ.
export const tradeOff = (root, lines) => {
  const x = (share) => LEFT + (RIGHT - LEFT) * share;
  const y = (psnr) => BOTTOM - ((BOTTOM - TOP) * (Math.max(LEAST, Math.min(MOST, psnr)) - LEAST)) / (MOST - LEAST);
  const levels = [10, 15, 20, 25, 30, 35].map((dB) => [y(dB), `${dB} dB`]);
  const places = [0, 0.25, 0.5, 0.75, 1].map((share) => [x(share), `${100 * share} %`]);
  const [svg, show] = frame(root, lines, levels, places, _("non-zeros"));
  svg.ariaLabel = _("PSNR against the share of non-zeros, along λ");
  const point = ([share, psnr]) => [x(share), y(psnr), psnr];
  return (all, now) =>
    show(
      all.map((points) => points.map((each) => point(each).slice(0, 2))),
      now.map(point),
    );
};
