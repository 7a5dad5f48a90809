// What the figures of ideas share: a drawing as large as its place, grips that are dragged, a choice in words, and one
// sentence that reads the figure.
import { become, bold, make } from "../dom.js";
import { onMoved, sliderValues } from "../messages.js";
import { announce } from "../speech.js";
import { localized } from "../words.js";

const STEP = 6; // px that an arrow key moves a grip by
export const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Gives an element the HTML, whose first element may have an accessible name, by `become`, unless it has it.
export const rewrite = (node, html, name = "") => {
  if (node.drawing === html + name) return;
  node.drawing = html + name;
  const made = make("template");
  made.innerHTML = html;
  if (name) made.content.firstChild.ariaLabel = name;
  become(node, made.content);
};

// A weight as it is read: two digits after the point.
export const two = (value, digits = 2) => localized(value.toFixed(digits));

// Numbers of which one is said to be larger than another, with as many digits as tell them apart.
export const distinct = (...values) => {
  const all = [2, 3, 4, 5, 6].map((digits) => values.map((value) => two(value, digits)));
  return all.find((texts) => new Set(texts).size === values.length) ?? all[0];
};

// Where the points of a plane stand in a square of `side` px that holds all of `points`, with one scale for both axes
// and a margin that is a share of the side.
export const framed = (side, points, margin) => {
  const ends = [0, 1].map((k) => points.map((each) => each[k])).map((all) => [Math.min(...all), Math.max(...all)]);
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
  const node = make("button", "sc-grip");
  Object.assign(node, { type: "button", ariaLabel: label });
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

// A choice of one of several words. `then(k)` is called with the number of the word; `node.choose(k)` shows which
// holds.
export const choice = (label, words, then) => {
  const node = make("div", "sc-choice");
  Object.assign(node, { role: "group", ariaLabel: label });
  const all = words.map((word, k) => {
    const button = node.appendChild(make("button", "", word));
    Object.assign(button, { type: "button", onclick: () => then(k) });
    return button;
  });
  node.choose = (k) => {
    for (const [j, button] of all.entries()) button.ariaPressed = String(j === k);
  };
  node.choose(0);
  return node;
};

// A figure. Its kind has `paint()`, which draws `this.data` where the page's sliders stand, and `build()`, which makes
// its parts, with `plot` among them. It may have `table()`, its numbers in rows, the first of which names them.
export class Idea {
  constructor(parent) {
    this.root = parent.appendChild(make("section", "sc-idea"));
    this.root.idea = this;
    this.measured = new Map();
    this.seen = new ResizeObserver(() => {
      this.measured.clear();
      this.paint();
    });
    this.build();
    this.seen.observe(this.plot);
  }

  // The width and height of a node and the height of its letters in px, measured once, because a measurement between
  // two drawings lays the page out anew.
  size(node) {
    if (!this.measured.has(node)) {
      const letters = Number.parseFloat(getComputedStyle(node).fontSize);
      this.measured.set(node, [node.clientWidth, node.clientHeight, letters]);
      this.seen.observe(node);
    }
    return this.measured.get(node);
  }

  show(data, { signal, trigger }) {
    this.data = data;
    this.trigger = trigger;
    this.measured.clear();
    onMoved(() => this.paint(), signal);
    this.arrived?.();
    this.paint();
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
