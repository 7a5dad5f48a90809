// Elements, and components of them.
export const make = (tag, name = "", text = "") => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// Whether an element is on a dark ground: its ink is light.
export const isDark = (element) => {
  const [r, g, b] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384;
};

// A component of a page: one object an element, which shows what arrives until it leaves.
export const component = (Kind) => {
  const all = new WeakMap();
  return ({ parentElement, data, setStateValue }) => {
    let one = all.get(parentElement);
    if (!one || !parentElement.contains(one.root)) all.set(parentElement, (one = new Kind(parentElement)));
    one.show(data, setStateValue);
    return () => one.leave();
  };
};
