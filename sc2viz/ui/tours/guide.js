// A tour's keys, and the part of the page that its step speaks of, which comes into view when the step opens. Page Down
// and Right lead on, Page Up and Left back, as a clicker's keys do; arrows are left to a field, a slider or a player
// that has the focus.
import { component, make } from "../../stage/dom.js";

const KEYS = { PageDown: "next", ArrowRight: "next", PageUp: "back", ArrowLeft: "back" };
const TAKES_ARROWS = `input, textarea, select, [contenteditable], [role=slider], [role=radio], [role=tab], [role=grid],
  .scrubber`;
const PATIENCE = 60000; // ms for which a part may be on its way
const SETTLED = 2500; // ms for which a part stays where it is and the server rests, until the part is left alone
const GAP = 14; // px between the bar and a part that begins below it

let shown = ""; // the step whose part comes into view

const rests = () => document.querySelector(".stApp")?.dataset.testScriptState !== "running";

// Px of the window's upper edge that the bar covers when the page is scrolled.
const covered = () => {
  const bar = document.querySelector(".st-key-tour");
  return bar.offsetHeight + Number.parseFloat(getComputedStyle(bar.parentElement).top);
};

// Brings a title that the bar covers in part under it, so that none of its buttons is half there, unless the part would
// go there too.
const tuck = (part) => {
  const { top, bottom } = document.querySelector(".st-key-head")?.getBoundingClientRect() ?? {};
  const [edge, left] = [covered(), bottom - covered()];
  if (top < edge && left > 0 && part.getBoundingClientRect().top - left >= edge + GAP)
    document.querySelector(".stMain").scrollBy({ top: left, behavior: "instant" });
};

// Brings a part into view, and again where what is drawn above it pushes it away, until the reader takes over.
const show = async (key, at) => {
  const begin = performance.now();
  const given = new AbortController();
  for (const act of ["wheel", "pointerdown", "touchstart", "keydown"])
    document.addEventListener(act, () => given.abort(), { signal: given.signal });
  let place = null;
  let since = begin;
  while (shown === at && !given.signal.aborted && performance.now() - begin < PATIENCE) {
    if (!document.querySelector(".st-key-tour")) break; // the reader has left the tour
    const part = document.querySelector(`.st-key-${key}`);
    const { top, height } = part?.getBoundingClientRect() ?? {};
    if (height > 0) {
      if (top !== place) {
        const [above, { scrollMarginBottom }] = [covered() + GAP, getComputedStyle(part)];
        const fits = height < innerHeight - above - Number.parseFloat(scrollMarginBottom);
        part.style.scrollMarginTop = `${above}px`;
        part.scrollIntoView({ block: fits ? "nearest" : "start" });
        tuck(part);
        place = part.getBoundingClientRect().top;
        since = performance.now();
      } else if (!rests()) since = performance.now();
      else if (performance.now() - since > SETTLED) break;
    }
    await new Promise((then) => setTimeout(then, 150));
  }
  given.abort();
};

class Guide {
  constructor(parent) {
    this.root = parent.appendChild(make("i"));
  }

  show({ light, at }, { signal }) {
    const pressed = (event) => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (event.key.startsWith("Arrow") && event.composedPath().some((node) => node.matches?.(TAKES_ARROWS))) return;
      const button = document.querySelector(`.st-key-tour-${way} button`);
      if (!button) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      button.click();
    };
    window.addEventListener("keydown", pressed, { capture: true, signal });
    this.root.dataset.at = at; // from now on the keys lead through the tour
    if (shown === at) return;
    shown = at;
    if (light) show(light, at);
  }
}

export default component(Guide);
