// Parts of an SVG drawing, as text. Nothing here needs a page.
const tenth = (value) => (Number.isFinite(value) ? Number(value.toFixed(1)) : value);

export const tag = (name, attributes, inside = "") => {
  const given = Object.entries(attributes).filter(([, value]) => value !== "");
  return `<${name} ${given.map(([key, value]) => `${key}="${tenth(value)}"`).join(" ")}>${inside}</${name}>`;
};
export const path = (kind, d, more) => tag("path", { class: kind, d, ...more });
export const circle = (kind, [cx, cy], r) => tag("circle", { class: kind, cx, cy, r });
export const rect = (kind, x, y, width, height, more) => tag("rect", { class: kind, x, y, width, height, ...more });
export const image = (href, x, y, side) =>
  tag("image", { href, x, y, width: side, height: side, preserveAspectRatio: "none" });
export const write = (text, x, y, anchor = "", kind = "") =>
  tag("text", { class: kind, x, y, "text-anchor": anchor }, text);
export const strong = (text) => `<tspan class="is">${text}</tspan>`;

// The line through points.
export const through = (points) => `M${points.map(([x, y]) => `${tenth(x)} ${tenth(y)}`).join("L")}`;

// An arrow from one point to another.
export const arrow = (from, to) => {
  const turn = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  const transform = `translate(${tenth(to[0])} ${tenth(to[1])}) rotate(${tenth(turn)})`;
  return path("", through([from, to])) + path("head", "M2 0L-9 -5V5Z", { transform });
};
