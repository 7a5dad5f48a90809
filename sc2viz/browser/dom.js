// Elements of a page, and the components that Streamlit puts them into.

// An element of HTML, with its class and its text.
export const make = (tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// Puts a text in the place of the one that an element has. Its node stays, and nothing is laid out where it says the
// same.
export const say = (node, text) => {
  const has = node.firstChild;
  if (has?.data === undefined) node.textContent = text;
  else if (has.data !== text) has.data = text;
};

// Puts a text into an element. What follows a letter and "_" stands below the line: d_x is written as in a formula.
export const put = (node, text) => {
  const parts = text.split(/(?<=\b[a-zA-Z])_(\w+)/);
  node.replaceChildren(...parts.map((part, k) => (k % 2 ? make("sub", "", part) : part)));
};

// Gives a node the children of another one, and keeps those that it has where it can: for each element that comes or
// goes, Chromium computes the styles of all that rules with :has may reach.
export const become = (node, other) => {
  const old = [...node.childNodes];
  const now = [...other.childNodes];
  for (const [k, each] of now.entries()) {
    const has = old[k];
    if (!has) node.append(each);
    else if (has.nodeName !== each.nodeName) has.replaceWith(each);
    else if (has.data !== undefined) {
      if (has.data !== each.data) has.data = each.data;
    } else {
      for (const { name, value } of each.attributes) change(has, name, value);
      for (const name of has.getAttributeNames()) if (!each.hasAttribute(name)) has.removeAttribute(name);
      become(has, each);
    }
  }
  for (const each of old.slice(now.length)) each.remove();
};

// The same with a sentence, **bold** in it.
export const bold = (node, text) => {
  const made = make("p");
  made.append(...text.split("**").map((part, k) => (k % 2 ? make("b", "", part) : part)));
  become(node, made);
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

// Whether an element stands on a dark ground, which is so where its text is light.
export const isDark = (element) => {
  const colour = getComputedStyle(element).color.match(/[\d.]+/g) ?? []; // an element that has left has none
  const [r, g, b] = colour.map(Number);
  return r + g + b > 384;
};

// A component of a page: one object of class Kind an element, which shows the data that arrive. `report` sends a value
// to the server, which keeps it; `trigger` sends one that counts once; `signal` aborts, and so ends what the object
// listens to, when the element leaves or other data arrive.
export const component = (Kind) => {
  const all = new WeakMap();
  return ({ parentElement, data, setStateValue, setTriggerValue }) => {
    if (!parentElement.contains(all.get(parentElement)?.root)) {
      for (const node of parentElement.drawn ?? []) node.remove(); // in another language, by the component of that one
      const before = [...parentElement.children];
      all.set(parentElement, new Kind(parentElement));
      parentElement.drawn = [...parentElement.children].filter((node) => !before.includes(node));
    }
    const one = all.get(parentElement);
    const shown = new AbortController();
    one.show(data, { report: setStateValue, trigger: setTriggerValue, signal: shown.signal });
    return () => {
      shown.abort();
      one.leave?.();
    };
  };
};
