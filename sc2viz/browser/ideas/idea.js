// What the figures of ideas share: a drawing as large as its place, grips, a choice in words, and one sentence.
import { become, bold, make, Sizes } from "../dom.js";
import { onDrawn, onMoved, sliderValues } from "../messages.js";
import { announce } from "../speech.js";
import { localized } from "../words.js";

const STEP = 6; // px that an arrow key moves a grip by
export const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Gives an element the HTML, whose first element may have an accessible name, by `become`, unless it has it.
export const rewrite = (node, html, name = "") => {
  if (node.drawing === html + name) return;
  node.drawing = html + name;
  const template = make("template", "", "", { innerHTML: html });
  if (name) template.content.firstChild.ariaLabel = name;
  become(node, template.content);
};

// A weight as it is read: two digits after the point.
export const two = (value, digits = 2) => localized(value.toFixed(digits));

// Numbers of which one is said to be larger than another, with as many digits as tell them apart.
export const distinct = (...values) => {
  const texts = [2, 3, 4, 5, 6].map((digits) => values.map((value) => two(value, digits)));
  return texts.find((each) => new Set(each).size === values.length) ?? texts[0];
};

// Where points stand in a square of `side` px that holds them all, in one scale. The margin is a share of the side.
export const framed = (side, points, margin) => {
  const ends = [0, 1].map((k) => points.map((p) => p[k])).map((v) => [Math.min(...v), Math.max(...v)]);
  const span = Math.max(...ends.map(([low, high]) => high - low), 1e-3) / (1 - 2 * margin);
  const [left, foot] = ends.map(([low, high]) => (low + high - span) / 2);
  const unit = side / span;
  return {
    unit,
    place: ([x, y]) => [(x - left) * unit, side - (y - foot) * unit],
    back: (x, y) => [x / unit + left, (side - y) / unit + foot],
  };
};

// A round button that is dragged, or moved by the arrow keys: `moved(x, y)` gets where it should stand in its parent.
export const grip = (label, moved) => {
  const node = make("button", "sc-grip", "", { type: "button", ariaLabel: label });
  let at = [0, 0];
  node.stand = (x, y) => {
    at = [x, y];
    node.style.translate = `${x}px ${y}px`;
  };
  node.onpointerdown = (event) => {
    node.setPointerCapture(event.pointerId);
    event.preventDefault();
    node.focus();
  };
  node.onpointermove = ({ clientX, clientY, pointerId }) => {
    if (!node.hasPointerCapture(pointerId)) return;
    const box = node.parentElement.getBoundingClientRect();
    moved(clientX - box.left, clientY - box.top);
  };
  node.onkeydown = (event) => {
    const way = WAYS[event.key];
    if (!way) return;
    event.preventDefault();
    moved(at[0] + STEP * way[0], at[1] + STEP * way[1]);
  };
  return node;
};

// A choice of one of several words. `then(k)` is called with the number of the word that the reader chooses;
// `node.choose(k)` shows another one. It is one stop of the Tab key, and arrow keys lead on in it.
export const choice = (label, words, then) => {
  const node = make("div", "sc-choice", "", { role: "toolbar", ariaLabel: label });
  const pick = (k) => {
    node.choose(k);
    then(k);
  };
  const buttons = words.map((word, k) => make("button", "", word, { type: "button", onclick: () => pick(k) }));
  node.append(...buttons);
  node.choose = (k) => {
    const moves = node.contains(node.getRootNode().activeElement);
    for (const [j, button] of buttons.entries())
      Object.assign(button, { ariaPressed: `${j === k}`, tabIndex: j === k ? 0 : -1 });
    if (moves) buttons[k].focus();
  };
  node.onkeydown = (event) => {
    const [step] = WAYS[event.key] ?? [0];
    const k = buttons.findIndex(({ tabIndex }) => tabIndex === 0) + step;
    if (!step || !buttons[k]) return;
    event.preventDefault();
    event.stopPropagation();
    pick(k);
  };
  node.choose(0);
  return node;
};

// A figure. Its kind has `build()`, which makes its parts, with `plot` among them, and `draw(data)`, which draws data
// where the page's sliders stand. It may have `table()`, its numbers in rows, the first of which names them.
export class Idea {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "sc-idea", "", { idea: this }));
    this.sizes = new Sizes(() => this.paint());
    this.size = (node) => this.sizes.of(node);
    this.build();
    this.size(this.plot);
  }

  show(data, { signal, trigger }) {
    Object.assign(this, { data, trigger });
    this.sizes.known.clear();
    onMoved(() => this.paint(), signal);
    onDrawn(() => this.paint(), signal);
    this.arrived?.();
    this.paint();
  }

  paint() {
    if (this.data && this.size(this.plot)[0]) this.draw(this.current);
  }

  // Draws anew with other values of the reader's.
  change(values) {
    this.paint(Object.assign(this, values));
  }

  // The data, with the values of the sliders.
  get current() {
    return { ...this.data, ...sliderValues() };
  }

  // The number of the stop of λ where the slider stands, or where the server drew the page.
  get stop() {
    const k = this.data.stops.indexOf(sliderValues().lam);
    return k < 0 ? this.data.stops.indexOf(this.data.lam) : k;
  }

  // Puts an SVG drawing of a size, in px, into a node, with its accessible name.
  put(node, [wide, high], name, inside) {
    rewrite(node, `<svg viewBox="0 0 ${wide} ${high}" role="img">${inside}</svg>`, name);
  }

  // Says a sentence, **bold** in it, on the screen, and aloud once nothing moves.
  tell(node, text) {
    if (node.dataset.says === text) return;
    if (node.dataset.says) announce(text.replaceAll("**", ""));
    node.dataset.says = text;
    bold(node, text);
  }
}
