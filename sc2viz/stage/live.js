// A board with its own sliders, in a page of its own.
import { Board } from "./board.js";
import { sliderValues, tellMoved } from "./messages.js";
import { slider } from "./sliders.js";

export const start = (root, data) => {
  const at = Object.assign(sliderValues(), data.at);
  const sliders = data.knobs.map((knob) => [knob.key, slider(knob, (value) => move(knob.key, value))]);
  // Codes of several pictures are there for one slider at a time: the other one returns to where it was.
  const move = (key, value) => {
    if (!data.grid) Object.assign(at, data.at);
    at[key] = value;
    for (const [other, { show }] of sliders) if (other !== key) show(at[other]);
    tellMoved(key);
  };
  root.querySelector(".sliders").append(...sliders.map(([, { node }]) => node));
  new Board(root.querySelector(".stage")).show(data, { report: () => {} });
};
