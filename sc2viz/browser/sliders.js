// A slider over stops, with a field beside it in which its number can be typed.
import { make, put, say } from "./dom.js";
import { _, localized } from "./words.js";

const PAGE = 5; // stops that PageUp and PageDown move by

export const written = (value) => localized(String(Number(value.toPrecision(6))).replace("e-", "·10⁻"));

// The node of a slider, `show`, which moves it without a report, and `hint`, which puts a sentence under it. Each move
// of the reader calls `moved(value, done)`, where `done` is false while the slider is dragged.
export const slider = (knob, moved) => {
  const node = make("div", "knob");
  const [letter, meaning] = knob.label.split(/(?=, )/);
  node.innerHTML = `<div class="head"><label><b></b><span></span></label>
    <details><summary class="help">?</summary></details>
    <input class="number" inputmode="decimal" autocomplete="off"></div>
    <div class="track"><input type="range" min="0" step="1"></div><p class="hint"></p><p class="about"></p>`;
  const find = (what) => node.querySelector(what);
  const [range, number] = [find("[type=range]"), find(".number")];
  put(find("b"), letter);
  find("label span").textContent = meaning ?? "";
  find(".about").textContent = knob.help ?? "";
  Object.assign(find(".help"), { hidden: !knob.help, ariaLabel: _("About {letter}", { letter }) });
  range.ariaLabel = knob.label;
  number.ariaLabel = _("{letter}, a number to type", { letter });
  let [value, stops] = [knob.value, knob.stops];

  const show = (next, all = stops) => {
    [value, stops] = [next, all.includes(next) ? all : [...all, next].sort((a, b) => a - b)];
    range.max = stops.length - 1;
    range.value = stops.indexOf(value);
    range.style.setProperty("--done", `${(100 * range.value) / Math.max(1, range.max)}%`);
    range.ariaValueText = `${letter} = ${written(value)}`;
    if (node.getRootNode().activeElement !== number) number.value = written(value);
  };
  const go = (next, done) => {
    if (next !== value) show(next); // a key moves the slider and is let go at once
    moved(value, done);
  };
  range.oninput = () => go(stops[range.value], false);
  range.onchange = () => go(stops[range.value], true);
  range.onkeydown = (event) => {
    const step = { PageUp: PAGE, PageDown: -PAGE }[event.key];
    if (event.key === "Enter") number.select();
    else if (step) {
      event.preventDefault();
      go(stops[Math.max(0, Math.min(stops.length - 1, Number(range.value) + step))], true);
    }
  };
  number.onfocus = () => number.select();
  number.onchange = () => {
    const asked = Number.parseFloat(number.value.replace(",", ".").replace("−", "-"));
    const [low, high] = [stops[0], stops.at(-1)];
    const typed = knob.whole ? Math.round(asked) : Number(asked.toPrecision(6));
    const next = Number.isNaN(asked) ? value : Math.max(low, Math.min(high, typed));
    number.value = written(next);
    if (next !== value) go(next, true);
  };
  number.onkeydown = (event) => {
    if (event.key === "Enter") range.focus(); // the field loses the focus and takes its number over
    if (event.key === "Escape") [number.value] = [written(value), range.focus()];
  };
  const hint = (sentence) => (find(".hint").textContent = range.ariaDescription = sentence);
  show(value);
  return { node, show, hint };
};

// A slider with its name and its value beside it.
export const dial = (label, { min, max, step, value, says }, moved) => {
  const node = make("label", "sc-dial");
  const range = make("input", "", "", { type: "range", min, max, step, value, ariaLabel: label });
  const output = make("output", "", "", { ariaLive: "off" }); // the slider says its value itself
  node.append(make("span", "", label), range, output);
  node.set = (to) => {
    range.value = to;
    range.ariaValueText = says(to);
    say(output, range.ariaValueText);
  };
  range.oninput = () => {
    node.set(Number(range.value));
    moved(Number(range.value));
  };
  node.set(value);
  return node;
};
