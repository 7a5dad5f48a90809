// Elements, and components of them.
export const make = (tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// One of a drawing, with its attributes.
export const shape = (tag, attributes, text = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
};

// Whether an element is on a dark ground: its ink is light.
export const isDark = (element) => {
  const [r, g, b] = getComputedStyle(element)
    .color.match(/[\d.]+/g)
    .map(Number);
  return r + g + b > 384;
};

// A component of a page: one object an element, which shows what arrives. `signal` ends what it listens to, when the element
// leaves or other data arrive.
export const component = (Kind) => {
  const all = new WeakMap();
  return ({ parentElement, data, setStateValue }) => {
    let one = all.get(parentElement);
    if (!one || !parentElement.contains(one.root)) all.set(parentElement, (one = new Kind(parentElement)));
    const shown = new AbortController();
    one.show(data, setStateValue, shown.signal);
    return () => {
      shown.abort();
      one.leave?.();
    };
  };
};
