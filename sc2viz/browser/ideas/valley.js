// The plane of two weights: the contours of F, the ways of solvers through them, told apart, and the optimum.
import { ellipse, inQuadrant, outline, SIGNS } from "./two_weights.js";

const RINGS = [0.02, 0.07, 0.15, 0.27, 0.43, 0.63, 0.87, 1.2]; // contours, as shares of F(0) − F*
const DOT = 9; // px around an end that a label leaves free
const TURNS = [-2, -1, -3, 0, 4, 1, 3, 2].map((turn) => (turn * Math.PI) / 4); // where a label may stand, upwards first
const MARKS = ["m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "m-3.5-3.5h7v7h-7z", "m0-5.5l5.5 5.5l-5.5 5.5l-5.5-5.5z"];

// Ellipses around the centre of each quadrant: F is another parabola in each.
const contours = ({ G, on, lam, best }, { side, place, unit }) => {
  const [x0, y0] = place([0, 0]);
  const { radii, turn } = ellipse(G, unit);
  const quadrants = SIGNS.map((signs) => ({ signs, ...inQuadrant(G, on, lam, signs) }));
  const inside = quadrants.find(({ signs }) => best.every((s, k) => s * signs[k] >= 0));
  const [p, q] = best.map((s, k) => s - inside.centre[k]);
  const lowest = inside.least + (G[0][0] * p * p + 2 * G[0][1] * p * q + G[1][1] * q * q) / 2;
  return quadrants.map(({ signs, centre, least }, k) => {
    const levels = RINGS.map((ring) => 2 * (lowest + ring * Math.max(-lowest, 1e-3) - least)).filter(
      (level) => level > 0,
    );
    const rings = levels.map((level) => radii.map((radius) => radius * Math.sqrt(level)));
    const [left, right] = signs[0] > 0 ? [x0, side] : [0, x0];
    const [top, foot] = signs[1] > 0 ? [0, y0] : [y0, side];
    return `<clipPath id="sc-quadrant-${k}"><path d="M${left} ${top}H${right}V${foot}H${left}z"/></clipPath>
      <path class="ring" clip-path="url(#sc-quadrant-${k})" d="${outline(...place(centre), rings, turn)}"/>`;
  });
};

// An SVG drawing. F has the Gram matrix `G` of two atoms, their products `on` with x, `lam`, and is least at `best`.
// `frame` is that of a square (idea.js) with its `side` and the px `em` of a letter. Each way has a label and points;
// `t` of its moves are drawn in full, of which `dots` at most have marks.
export const valley = (problem, frame, ways, { t = Number.POSITIVE_INFINITY, dots = t } = {}) => {
  const { side, em, place } = frame;
  const [x0, y0] = place([0, 0]);
  const drawn = ways.map(({ label, points }, k) => {
    const all = points.map((point) => place(point).map((value) => value.toFixed(1)));
    const end = all[Math.min(t, all.length - 1)];
    const marks = all.slice(0, dots + 1).map((point) => `M${point}${MARKS[k % MARKS.length]}`);
    return { k, label, all, marks, x: Number(end[0]), y: Number(end[1]) };
  });
  // A label stands as near to the end of its way as there is room, without covering an end, the optimum or a label.
  const [xBest, yBest] = place(problem.best);
  const boxes = [{ x: xBest, y: yBest }, ...drawn].map(({ x, y }) => [x - DOT, y - DOT, x + DOT, y + DOT]);
  const isFree = ([left, top, right, foot]) =>
    Math.min(left, top, side - right, side - foot) > 0 &&
    boxes.every((box) => box[0] > right || box[2] < left || box[1] > foot || box[3] < top);
  const boxOf = ({ label, x, y }, angle, far) => {
    const [half, middle, foot] = [0.32 * em * label.length, x + far * Math.cos(angle), y + far * Math.sin(angle)];
    return [middle - half, foot - em, middle + half, foot + 0.3 * em];
  };
  const lines = drawn.map((way) => {
    const { k, label, all, marks, x, y } = way;
    const places = [2, 3, 4, 6, 8].flatMap((far) => TURNS.map((angle) => boxOf(way, angle, far * em)));
    const box = places.find(isFree) ?? places[0];
    boxes.push(box);
    const [middle, foot] = [(box[0] + box[2]) / 2, box[3] - 0.3 * em];
    return `<g class="way solver${k}"><path class="ahead" d="M${all.join("L")}"/>
      <path d="M${all.slice(0, t + 1).join("L")}"/><path class="dots" d="${marks.join("")}"/>
      <path class="lead" d="M${x} ${y}L${middle} ${foot - 0.35 * em}"/><circle cx="${x}" cy="${y}" r="7"/>
      <text x="${middle}" y="${foot}" text-anchor="middle">${label}</text></g>`;
  });
  return `${contours(problem, frame).join("")}<path class="axis" d="M0 ${y0}H${side}M${x0} 0V${side}"/>
    <circle class="optimum" cx="${xBest}" cy="${yBest}" r="${0.45 * em}"/>${lines.join("")}`;
};
