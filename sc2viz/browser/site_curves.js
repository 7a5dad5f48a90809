// The curves beside a board of the site: distances along the iterations, and what each λ makes of the picture.
import { OPTIMUM } from "./coder.js";
import { distances, tradeOff } from "./distances.js";
import { make } from "./dom.js";
import { _ } from "./words.js";

const REST = 250; // ms after the last move until the curves follow
const EVERY = 3; // of the stops of λ, so many are left out but one

export const lineOf = (site, label) => {
  const { colour, dash } = site.data.solvers.find((solver) => solver.label === label);
  return { label, colour, dash };
};

const stopsOf = (site, slider) => site.data.knobs.find(({ key }) => key === slider).stops;

// A figure in `parent`. `frame` draws the axes for lines and returns what moves these, which `paint` calls. It returns
// `draw()`, for other solvers, and `moved()`, after which the curves follow in a moment.
const figure = (site, parent, kind, caption, linesOf, frame, paint) => {
  const node = parent.appendChild(make("figure", kind));
  let [show, waits] = [null, null];
  const follow = () => {
    site.shown.toggleAttribute("data-late", false);
    if (show) paint(show);
  };
  const draw = () => {
    const lines = linesOf();
    node.replaceChildren(...(lines.length ? [make("figcaption", "", caption)] : []));
    show = lines.length ? frame(node, lines) : null;
    follow();
  };
  const moved = () => {
    site.shown.toggleAttribute("data-late", true);
    clearTimeout(waits);
    waits = setTimeout(follow, REST);
  };
  return { draw, moved };
};

// How far each solver is from the optimum, along the iterations.
export const distanceCurves = (site, parent) => {
  const stops = stopsOf(site, "T");
  const lines = () => site.ranked.map((label) => lineOf(site, label));
  const frame = (node, drawn) => distances(node, drawn, stops);
  return figure(site, parent, "distances", _("Distance to the optimum"), lines, frame, (show) => {
    const { lam, T } = site.at;
    const distance = (label, t) => site.coder.numbers(label, lam, t).far;
    const values = site.ranked.map((label) => stops.map((t) => distance(label, t)));
    const current = site.ranked.map((label) => distance(label, T));
    show(lam, T, values, current);
  });
};

// What each λ makes of the picture.
export const tradeOffCurves = (site, parent) => {
  const stops = stopsOf(site, "lam").filter((_lam, k) => k % EVERY === 0);
  stops.reverse();
  const labels = () => [OPTIMUM, ...site.ranked];
  const optimum = { label: _(OPTIMUM), colour: "currentColor", dash: "6 4" };
  const lines = () => [optimum, ...site.ranked.map((label) => lineOf(site, label))];
  const caption = _("PSNR against the share of non-zeros, along λ");
  return figure(site, parent, "tradeoff", caption, lines, tradeOff, (show) => {
    const point = (label, lam) => {
      const { share, psnr } = site.coder.numbers(label, lam, site.at.T);
      return [share, psnr];
    };
    const courses = labels().map((label) => stops.map((lam) => point(label, lam)));
    const now = labels().map((label) => point(label, site.at.lam));
    show(courses, now);
  });
};
