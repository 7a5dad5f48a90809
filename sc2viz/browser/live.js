// The page to take away (live_page.py): a board with sliders of its own and a canvas to draw on, without a server.
import { words } from "./decode.js";
import { distances } from "./distances.js";
import { bold } from "./dom.js";
import { onSentence, sentence, sliderValues, tellMoved } from "./messages.js";
import { Pad } from "./pen.js";
import { short } from "./readings.js";
import { slider } from "./sliders.js";
import { Solved } from "./solved.js";
import { _ } from "./words.js";

const PAUSE = 60; // ms after the last move until the curves follow, which take more iterations than the cards

// Fills a page.
export const start = async (root, given) => {
  const data = { ...JSON.parse(await words(given.packed)), parcels: given.parcels };
  const at = Object.assign(sliderValues(), data.at);
  const find = (what) => root.querySelector(what);
  const board = new Solved(find(".stage"));
  const { lines } = data.distances;
  const columns = lines.map(({ column }) => column);
  const curves = distances(find(".distances"), data.distances, data.stops.T);
  const sliders = data.knobs.map((knob) => [knob.key, slider(knob, (value) => move(knob.key, value))]);
  // Where the page has neither a picture to compute nor codes for every T with every λ, the move of one slider takes
  // the other back to where it began.
  const move = (key, value) => {
    if (!board.computes) Object.assign(at, data.at);
    at[key] = value;
    for (const [other, { show }] of sliders) if (other !== key) show(at[other]);
    tellMoved(key);
  };
  // The distances of each line at the stops of T, and now, from the page's numbers at its stops.
  const stored = () => {
    const [lam, T] = [data.stops.lam.indexOf(at.lam), data.stops.T.indexOf(at.T)];
    const values = lines.map((line) => data.stops.T.map((_, t) => line.values[t * data.stops.lam.length + lam]));
    return { values, now: values.map((line) => line[T]) };
  };
  onSentence(() => bold(find(".sc-sentence"), sentence()));
  let waiting = null;
  const draw = () => {
    const { values, now } = stored();
    if (!board.computes) return curves(at.lam, at.T, values, now);
    const computed = board.distances(columns, at.lam, data.stops.T);
    const shown = computed.map((each, k) => each ?? (board.drawn ? null : values[k]));
    return curves(
      at.lam,
      at.T,
      shown,
      columns.map((k, line) => {
        const { by } = board.columns[k];
        return board.coder.has(by) ? board.coder.numbers(by, at.lam, at.T).far : now[line];
      }),
    );
  };
  board.said = () => {
    const { T, lam } = at;
    find("h1 small").textContent = _("λ = {lam}, T = {T}", { lam, T });
    const gap = board.computes && board.coder.gap(lam);
    const part = gap < 1e-12 ? _("below 10⁻¹²") : short(gap);
    if (board.computes) find(".gap").textContent = _(", here {part} of F", { part });
    clearTimeout(waiting);
    waiting = setTimeout(draw, PAUSE);
  };
  const look = (x) => {
    const back = !x && board.given.n > 1;
    if (back) Object.assign(at, data.at);
    board.look(x);
    if (back) for (const [key, { show }] of sliders) show(at[key]);
  };
  const pad = data.computed.pad && new Pad(data.computed.pad, look);
  if (pad) find(".aside").prepend(pad.root);
  find(".sliders").append(...sliders.map(([, { node }]) => node));
  await board.show(data, { report: () => {} });
};
