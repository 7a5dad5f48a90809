// What a page says aloud to a screen reader: one sentence once something has come to rest, and nothing while it moves.
import { shared } from "./messages.js";

const SILENCE = 800; // ms without another sentence until the last one is said

// The only live region of ours, out of sight.
const region = () => {
  const known = document.querySelector(".sc2viz-aloud");
  if (known) return known;
  const style = "position: fixed; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%)";
  const node = Object.assign(document.createElement("p"), { className: "sc2viz-aloud", role: "status", style });
  return document.body.appendChild(node);
};

// Says a text when SILENCE has passed, unless another one comes before. What was said last is not said again until
// something has moved: the server's answer has the same sentence.
export const announce = (text) => {
  clearTimeout(shared().speaks);
  const said = region();
  const speak = () => {
    if (document.querySelector(".st-key-question")) return; // a question covers what the text is about
    if (shared().said !== text) said.textContent = text;
    shared().said = text;
  };
  shared().speaks = setTimeout(speak, SILENCE);
};

// What would have been said is out of date, because something moves again.
export const hush = () => {
  clearTimeout(shared().speaks);
  shared().said = null;
};
