// What the parts of a page tell each other. Each part is a module of its own, so what they share is kept in `window`.

// The values of the page's sliders, by their keys. The key `t` has the iteration at which a player stands.
export const sliderValues = () => (window.sc2vizAt ??= {});

// What else all parts know of the page: the path that was shown last, and the timer of what is said aloud.
export const shared = () => (window.sc2vizShared ??= {});

const send = (event, detail) => window.dispatchEvent(new CustomEvent(event, { detail }));
const listen = (event, then, signal) => window.addEventListener(event, ({ detail }) => then(detail), { signal });

// A slider has moved. Listeners are called with its key, or with null where several may have moved.
export const tellMoved = (key) => send("sc2viz-moved", key);
export const onMoved = (then, signal) => listen("sc2viz-moved", then, signal);

// A part of the page moves sliders. Listeners are called with the new values by key.
export const moveSliders = (values) => send("sc2viz-set", values);
export const onMoveSliders = (then, signal) => listen("sc2viz-set", then, signal);

// A part of the page says what the page's sentence is while it moves, "" where that of the server holds.
// With it comes what says why that is so, which is called once the reader asks; null where nobody knows.
export const tellSentence = (text, why = null) => {
  Object.assign(window, { sc2vizSentence: text, sc2vizWhy: why });
  send("sc2viz-sentence");
};
export const sentence = () => window.sc2vizSentence ?? "";
export const reason = () => window.sc2vizWhy ?? null;
export const onSentence = (then, signal) => listen("sc2viz-sentence", then, signal);

// The chips say on which of the chosen solvers a slider acts in another way: one sentence by the key of a slider.
export const tellHints = (hints) => {
  window.sc2vizHints = hints;
  send("sc2viz-hints");
};
export const sliderHints = () => window.sc2vizHints ?? {};
export const onHints = (then, signal) => listen("sc2viz-hints", then, signal);

// What codes the picture that the reader draws (coder.js), or null. Listeners are called when the picture has changed.
export const drawing = () => window.sc2vizDrawing ?? null;
export const tellDrawn = (coder) => {
  window.sc2vizDrawing = coder;
  send("sc2viz-drawn");
};
export const onDrawn = (then, signal) => listen("sc2viz-drawn", then, signal);
