// What each λ makes of a picture: PSNR against the share of weights that are not zero, along λ, for the site.
import { shape } from "./dom.js";
import { _ } from "./words.js";

const [ACROSS, DOWN] = [360, 270];
const FRAME = { left: 48, right: ACROSS - 104, top: 10, bottom: DOWN - 34 };
const [LEAST, MOST] = [10, 35]; // dB

// Draws the frame into `root` and returns `show(all, now)`: the points [share, PSNR] of each line along λ, and that at
// the λ at hand.
export const tradeOff = (root, lines) => {
  const { left, right, top, bottom } = FRAME;
  const x = (share) => left + (right - left) * share;
  const y = (psnr) => bottom - ((bottom - top) * (Math.max(LEAST, Math.min(MOST, psnr)) - LEAST)) / (MOST - LEAST);
  const svg = root.appendChild(shape("svg", { viewBox: `0 0 ${ACROSS} ${DOWN}`, role: "img" }));
  svg.ariaLabel = _("PSNR against the share of non-zeros, along λ");
  const add = (tag, attributes, text) => svg.appendChild(shape(tag, attributes, text));
  for (let tick = LEAST; tick <= MOST; tick += 5) {
    add("path", { class: "grid", d: `M${left} ${y(tick)}H${right}` });
    add("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, `${tick} dB`);
  }
  for (const tick of [0, 0.25, 0.5, 0.75, 1])
    add("text", { x: x(tick), y: bottom + 16, "text-anchor": "middle" }, `${100 * tick} %`);
  add("text", { x: (left + right) / 2, y: bottom + 31, "text-anchor": "middle" }, _("non-zeros"));
  const drawn = lines.map(({ label, colour, dash }) => {
    const style = `--solver: ${colour}`;
    const path = add("path", { class: "curve", style, "stroke-dasharray": dash });
    return {
      path,
      name: add("text", { class: "name", style, x: right + 10 }, label),
      dot: add("circle", { class: "dot", style, r: 5 }),
    };
  });
  return (all, now) => {
    const ends = all.map((points, k) => [y(points[0][1]), k]).sort((a, b) => a[0] - b[0]);
    let free = top;
    for (const [end, k] of ends) {
      free = Math.max(end, free);
      drawn[k].name.setAttribute("y", free + 4);
      free += 14;
    }
    for (const [k, { path, dot }] of drawn.entries()) {
      path.setAttribute("d", `M${all[k].map(([share, psnr]) => `${x(share)} ${y(psnr)}`).join("L")}`);
      dot.setAttribute("cx", x(now[k][0]));
      dot.setAttribute("cy", y(now[k][1]));
    }
  };
};
