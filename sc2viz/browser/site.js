// The site (site.py): pictures to choose from and a canvas to draw on, the picture as a sum of atoms, the board that
// compares solvers, and what each λ makes of the picture.
import { OPTIMUM } from "./coder.js";
import { LINE, line, natural } from "./colour.js";
import { parcels } from "./decode.js";
import { make } from "./dom.js";
import { mosaic } from "./draw.js";
import { Adder } from "./sum.js";
import { takeAway } from "./takeaway.js";
import { tradeOff } from "./tradeoff.js";

const CALM = 250; // ms after the last move until the curves along λ follow
const EVERY = 3; // of the stops of λ, so many are left out but one

// The sum of atoms of the picture that a board shows.
class LiveSum extends Adder {
  constructor(parent, board, noun) {
    super(parent);
    this.board = board;
    this.report = () => {};
    const { d_x, d_s } = board.coder;
    const more = { title: `The ${noun}`, noun, tops: { lam: [board.data.computed.peak] } };
    this.data = { ...board.data, ...more, x: { size: [1, d_x] } };
    this.given = { n: 1 };
    this.columns = [
      { codes: {} },
      {
        by: OPTIMUM,
        atoms: board.columns[1].atoms,
        codes: { lam: { size: [1, 1, d_s] } },
        made: new Float32Array(d_x),
      },
    ];
  }

  get pen() {
    return this.board.coder;
  }
}

// The pictures of the page as buttons, of which the one at hand is pressed.
const thumbnails = (root, { pictures, shape, base, line: scale, noun }, choose) => {
  const [high, wide, channels] = shape;
  const drawn = (canvas, x) => {
    if (!scale) return mosaic(canvas, 1, high, wide, 1)(natural(x, channels, base));
    const tile = line(x, 0, scale, new Float32Array(LINE.high * LINE.wide));
    return mosaic(canvas, 1, LINE.high, LINE.wide, 1)(natural(tile, 1));
  };
  const all = parcels.get(pictures.name);
  const [count, d_x] = pictures.size;
  const buttons = Array.from({ length: count }, (_, k) => {
    const x = all.slice(k * d_x, (k + 1) * d_x);
    const button = make("button");
    button.ariaLabel = `${noun} ${k}`;
    drawn(button.appendChild(make("canvas")), x);
    button.onclick = () => choose(k, x);
    return button;
  });
  root.append(...buttons);
  return (chosen) => {
    for (const [k, button] of buttons.entries()) button.ariaPressed = k === chosen;
  };
};

export const start = async (root, given) => {
  const find = (what) => root.querySelector(what);
  let [sum, curves, waiting, press] = [null, null, null, () => {}];
  const draw = () => {
    const { board, data, at, columns } = page;
    const lams = data.stops.lam.filter((_, k) => k % EVERY === 0);
    const shown = [1, ...columns.filter((k) => board.coder.has(board.columns[k].by))];
    const points = (lam) => board.along(shown, lam, at.T);
    const each = lams.map(points);
    curves(
      shown.map((_, k) => each.map((one) => one[k])),
      points(at.lam),
    );
  };
  const followed = () => {
    sum?.follow();
    if (page?.board.drawn) press(-1);
    if (!curves) return;
    clearTimeout(waiting);
    waiting = setTimeout(draw, CALM);
  };
  let page = null;
  page = await takeAway(root, given, followed);
  const { board, data, columns, pad } = page;
  const { noun } = data;
  const host = find(".sum").attachShadow({ mode: "open" });
  host.innerHTML = `<style>${data.sum.css}</style>${data.sum.html}`;
  sum = new LiveSum(host, board, noun);
  press = thumbnails(find(".strip"), data, (k, x) => {
    pad?.forget();
    board.given.x = x;
    board.look(null);
    press(k);
  });
  press(0);
  const named = columns
    .filter((k) => board.coder.has(board.columns[k].by))
    .map((k) => data.distances.lines.find((line) => line.column === k));
  curves = tradeOff(find(".tradeoff"), [{ label: "Exact optimum", colour: "currentColor", dash: "6 4" }, ...named]);
  sum.follow();
  draw();
};
