// A tour's keys, and the part of the page of its step, which comes into view. Page Down and Right lead on, Page Up and
// Left back, as a clicker's keys do; arrows are left to a field, a slider or a player that has the focus.
import { component } from "../../browser/dom.js";

const KEYS = { PageDown: "next", ArrowRight: "next", PageUp: "back", ArrowLeft: "back" };
const TAKES_ARROWS = `input, textarea, select, [contenteditable], [role=slider], [role=radio], [role=tab], [role=grid],
  .scrubber`;
const PATIENCE = 60000; // ms for which a part may be on its way
const SETTLED = 2500; // ms for which a part stays where it is and the server rests, until the part is left alone
const GAP = 14; // px between the bar and a part that begins below it
const CLOSE = 4; // px between them at least

let shown = ""; // the step whose part comes into view, which a question covers first

const rests = () => document.querySelector(".stApp")?.dataset.testScriptState !== "running";

// Px of the window's upper edge that the bar covers when the page is scrolled.
const covered = () => {
  const bar = document.querySelector(".st-key-tour");
  return bar.offsetHeight + Number.parseFloat(getComputedStyle(bar.parentElement).top);
};

// What the bar must not cut in half: titles, sentences and chips
const WORDS = ".st-key-head, .st-key-solver-chips, h1, h2, h3, p, li";

// Brings words that the bar cuts under it, or else out, as long as the part stays in view.
const tuck = (part, low) => {
  const edge = covered();
  const boxes = [...document.querySelectorAll(`.stMain :is(${WORDS})`)]
    .filter((words) => !part.contains(words) && !words.closest(".st-key-tour, .st-key-frame"))
    .filter((words) => words.checkVisibility({ visibilityProperty: true }))
    .map((words) => words.getBoundingClientRect())
    .filter(({ top, bottom, height }) => height > 0 && top < edge && bottom > edge);
  if (!boxes.length) return;
  const down = Math.max(...boxes.map((box) => box.bottom)) - edge;
  const up = edge - Math.min(...boxes.map((box) => box.top));
  const { top, bottom } = part.getBoundingClientRect();
  const free = bottom + up + CLOSE <= low || bottom > low; // a part that is higher than the window ends below it anyway
  const by = top - down >= edge + CLOSE ? down : free ? -up - CLOSE : 0;
  document.querySelector(".stMain").scrollBy({ top: by, behavior: "instant" });
};

// Brings a part into view, opened, and again where it grows or is pushed away, until the reader takes over.
const show = async (key, at) => {
  const begin = performance.now();
  const moved = new AbortController();
  for (const act of ["wheel", "pointerdown", "touchstart", "keydown"])
    document.addEventListener(act, () => moved.abort(), { signal: moved.signal });
  let [place, tall, since] = [null, 0, begin];
  while (shown === at && !moved.signal.aborted && performance.now() - begin < PATIENCE) {
    if (!document.querySelector(".st-key-tour")) break; // the reader has left the tour
    const part = document.querySelector(`.st-key-${key}`);
    const { top, height } = part?.getBoundingClientRect() ?? {};
    if (height > 0) {
      const low = innerHeight - Number.parseFloat(getComputedStyle(part).scrollMarginBottom);
      if (place === null && key.startsWith("fold-")) part.querySelector("details:not([open]) > summary")?.click();
      if (top !== place || height !== tall) {
        const page = document.querySelector(".stMain");
        part.style.scrollMarginTop = `${covered() + GAP}px`;
        // Where the top of the page does not show the part whole, the part begins below the bar, so that no lines of
        // what stands above it are seen without their heading.
        if (page.scrollTop + top + height <= low) page.scrollTo({ top: 0, behavior: "instant" });
        else part.scrollIntoView({ block: "start" });
        tuck(part, low);
        [place, tall] = [part.getBoundingClientRect().top, height];
        since = performance.now();
      } else {
        tuck(part, low); // what stands above may have come later
        if (!rests()) since = performance.now();
        else if (performance.now() - since > SETTLED) break;
      }
    }
    await new Promise((then) => setTimeout(then, 150));
  }
  moved.abort();
};

class Guide {
  show({ light, at, notes }, { report, signal }) {
    const windows = new BroadcastChannel("sc2viz-tour"); // the tour's window tells that of the notes where it is
    signal.addEventListener("abort", () => windows.close());
    if (notes) {
      windows.onmessage = ({ data }) => data && report("at", data);
      windows.postMessage("");
      return;
    }
    windows.onmessage = ({ data }) => data || windows.postMessage(at);
    windows.postMessage(at);
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
    const now = `${at} ${light}`;
    if (shown === now) return;
    shown = now;
    if (light) show(light, now);
    else document.querySelector(".stMain").scrollTo({ top: 0, behavior: "instant" }); // where the question stands
  }
}

export default component(Guide, "i");
