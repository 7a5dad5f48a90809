// The page to take away (live_page.py): a board with sliders of its own, which needs no server.
import { Board } from "./board.js";
import { distances } from "./distances.js";
import { sliderValues, tellMoved } from "./messages.js";
import { slider } from "./sliders.js";

export const start = (root, data) => {
  const at = Object.assign(sliderValues(), data.at);
  const sliders = data.knobs.map((knob) => [knob.key, slider(knob, (value) => move(knob.key, value))]);
  // Where the page has no codes for every T with every λ, the move of one slider takes the other back to where it
  // began.
  const move = (key, value) => {
    if (!data.grid) Object.assign(at, data.at);
    at[key] = value;
    for (const [other, { show }] of sliders) if (other !== key) show(at[other]);
    tellMoved(key);
    tell();
  };
  const curves = distances(root.querySelector(".distances"), data.distances, data.stops);
  const tell = () => {
    root.querySelector("h1 small").textContent = `λ = ${at.lam}, T = ${at.T}`;
    curves(data.stops.lam.indexOf(at.lam), data.stops.T.indexOf(at.T));
  };
  tell();
  root.querySelector(".sliders").append(...sliders.map(([, { node }]) => node));
  new Board(root.querySelector(".stage")).show(data, { report: () => {} });
};
