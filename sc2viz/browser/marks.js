// Marks at the axis of a figure on which the number of a question lives: what was guessed, what is true, and what a
// class has answered. The words beside the question say the same, so that marks say nothing aloud.
import { descendants, make } from "./dom.js";
import { axesOf } from "./plotly.js";

const LOOKS = 250; // ms between two looks at where the figure is, which the page may draw anew, move or resize
const STACKED = 0.8; // of the figure's height, which the stacked answers of a class may take

// The area of the axis of a figure, and the share of it at which a number stands; undefined before it is drawn.
// A figure of ours has an element with a function `share`.
const axisOf = (figure, up) => {
  const plot = figure.querySelector(".js-plotly-plot");
  const axis = axesOf(plot)[up ? "yaxis" : "xaxis"];
  if (axis) return { area: plot.querySelector(".nsewdrag"), share: (value) => axis.d2p(value) / axis._length };
  const area = descendants(figure).find(({ share }) => share);
  return area && { area, share: area.share };
};

// Draws marks `{ value, kind, text, count }` until the signal aborts, on the figure of the key in `on`, on its upright
// axis where "up" follows.
export const mark = (on, marks, signal) => {
  const [key, up] = on.split(" ");
  const layer = make("div", `sc-marks ${up ?? ""}`, "", { ariaHidden: "true" });
  let drawn = "";
  const most = Math.max(1, ...marks.map(({ count }) => count ?? 0));
  const draw = () => {
    const figure = document.querySelector(`.st-key-${key}`);
    const axis = figure?.checkVisibility({ visibilityProperty: true }) && axisOf(figure, up);
    const box = axis?.area?.getBoundingClientRect();
    if (!box?.width) return layer.remove();
    const from = figure.getBoundingClientRect();
    const places = marks.map(({ value }) => axis.share(value));
    const [x, y] = [box.left - from.left, box.top - from.top];
    const now = [x, y, box.width, box.height, ...places].map((each) => each.toFixed(3)).join();
    if (now === drawn && layer.parentNode === figure) return;
    drawn = now;
    figure.style.position = "relative";
    figure.append(layer);
    layer.style.cssText = `left: ${x}px; top: ${y}px; width: ${box.width}px; height: ${box.height}px`;
    const gap = Math.min(8, ((up ? box.width : box.height) * STACKED) / most);
    layer.replaceChildren(
      ...marks.map(({ kind, text, count }, k) => {
        const share = Math.min(1, Math.max(0, places[k]));
        const node = make("i", `${kind} ${share > 0.7 ? "late" : ""}`);
        node.style.cssText = `--at: ${100 * share}%; --gap: ${gap}px; --count: ${count}`;
        const beyond = places[k] > 1.001 ? " →" : places[k] < -0.001 ? " ←" : "";
        if (text) node.append(make("b", "", text + (up ? "" : beyond)));
        return node;
      }),
    );
  };
  const looks = setInterval(draw, LOOKS);
  signal.addEventListener("abort", () => {
    clearInterval(looks);
    layer.remove();
  });
  draw();
};
