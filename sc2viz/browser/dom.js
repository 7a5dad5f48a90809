// Elements of a page, and the components that Streamlit puts them into.

// An element of HTML, with its class, its text and its properties.
export const make = (tag, name = "", text = "", properties = {}) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return Object.assign(node, properties);
};

// Changes the text of an element. Its text node stays, and nothing is laid out where the text is the same.
export const say = (node, text) => {
  const words = node.firstChild;
  if (words?.data === undefined) node.textContent = text;
  else if (words.data !== text) words.data = text;
};

// Puts a text into an element. What follows a letter and "_" stands below the line: d_x is written as in a formula.
export const put = (node, text) => {
  const parts = text.split(/(?<=\b[a-zA-Z])_(\w+)/);
  node.replaceChildren(...parts.map((part, k) => (k % 2 ? make("sub", "", part) : part)));
};

// Gives a node the children of another one, and keeps those that it has where it can: for each element that comes or
// goes, Chromium computes the styles of all that rules with :has may reach.
export const become = (node, other) => {
  const [old, children] = [[...node.childNodes], [...other.childNodes]];
  for (const [k, child] of children.entries()) {
    const previous = old[k];
    if (!previous) node.append(child);
    else if (previous.nodeName !== child.nodeName) previous.replaceWith(child);
    else if (previous.data !== undefined) {
      if (previous.data !== child.data) previous.data = child.data;
    } else {
      for (const { name, value } of child.attributes) change(previous, name, value);
      for (const name of previous.getAttributeNames()) if (!child.hasAttribute(name)) previous.removeAttribute(name);
      become(previous, child);
    }
  }
  for (const child of old.slice(children.length)) child.remove();
};

// The same with a sentence, **bold** in it.
export const bold = (node, text) => {
  const sentence = make("p");
  sentence.append(...text.split("**").map((part, k) => (k % 2 ? make("b", "", part) : part)));
  become(node, sentence);
};

// Sets an attribute. A policy may forbid styles in attributes (site.py).
const set = (node, name, value) => {
  if (name === "style") node.style.cssText = value;
  else node.setAttribute(name, value);
};

// The same where the value is another one: Chromium computes the style of a path anew whenever it is told its `d`.
export const change = (node, name, value) => node.getAttribute(name) !== `${value}` && set(node, name, value);

// An element of SVG, with its attributes and its text.
export const shape = (tag, attributes, text = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.textContent = text;
  return node;
};

// The elements below a node, in the order of the page, with those of the components in their shadow roots.
export const descendants = (node) => {
  const inShadow = ({ shadowRoot }) => (shadowRoot ? descendants(shadowRoot) : []);
  return [...node.querySelectorAll("*")].flatMap((child) => [child, ...inShadow(child)]);
};

// Whether an element stands on a dark ground, which is so where its text is light.
export const isDark = (element) => {
  const colour = getComputedStyle(element).color.match(/[\d.]+/g) ?? []; // an element that has left has none
  const [r, g, b] = colour.map(Number);
  return r + g + b > 384;
};

// The width and height of nodes and the height of their letters in px, measured once, because a measurement between two
// drawings lays the page out anew. `changed` is called where a node has another size.
export class Sizes {
  known = new Map();

  constructor(changed) {
    this.observer = new ResizeObserver(() => {
      this.known.clear();
      changed();
    });
  }

  of(node) {
    if (!this.known.get(node)?.[0]) {
      const letters = Number.parseFloat(getComputedStyle(node).fontSize);
      this.known.set(node, [node.clientWidth, node.clientHeight, letters]);
      this.observer.observe(node);
    }
    return this.known.get(node);
  }
}

// A component of a page: one object of class Kind an element, which shows the data that arrive. `report` sends a value
// to the server, which keeps it; `trigger` sends one that counts once; `signal` aborts, and so ends what the object
// listens to, when the element leaves or other data arrive. A Kind that makes no root of its own gets one by its tag.
export const component = (Kind, tag = "", name = "") => {
  const objects = new WeakMap();
  return ({ parentElement, data, setStateValue, setTriggerValue }) => {
    if (!parentElement.contains(objects.get(parentElement)?.root)) {
      for (const node of parentElement.drawn ?? []) node.remove(); // in another language, by the component of that one
      const before = [...parentElement.children];
      const object = new Kind(parentElement);
      if (tag) object.root = parentElement.appendChild(make(tag, name));
      objects.set(parentElement, object);
      parentElement.drawn = [...parentElement.children].filter((node) => !before.includes(node));
    }
    const object = objects.get(parentElement);
    object.controller?.abort(); // Streamlit calls what is returned below when the element leaves, not for other data
    const controller = new AbortController();
    object.controller = controller;
    object.show(data, { report: setStateValue, trigger: setTriggerValue, signal: controller.signal });
    return () => {
      controller.abort();
      if (object.controller === controller) object.leave?.(); // else other data have arrived before this call ended
    };
  };
};
