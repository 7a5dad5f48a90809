// Times in ms from an `input` event, or a move of a grip, until every canvas that follows has been read back and every
// drawing is laid out, without the time in which they are looked for; and what canvases and figures show.
window.watchDrags = (canvases) => {
  window.took = [];
  window.seen = new Set();
  let begin;
  const measure = () => {
    const looked = performance.now();
    const shadows = [...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean);
    const find = (what) => [document, ...shadows].flatMap((root) => [...root.querySelectorAll(what)]);
    const all = find(canvases).filter((canvas) => canvas.width);
    const drawings = find("figure > svg, .sc-idea svg");
    begin += performance.now() - looked;
    for (const canvas of all) canvas.getContext("2d").getImageData(0, 0, 1, 1);
    for (const drawing of drawings) drawing.getBBox();
    window.took.push(performance.now() - begin);
    const numbers = find(".sc-idea").map(({ dataset }) => JSON.stringify(dataset));
    window.seen.add([...all.map((canvas) => canvas.toDataURL()), ...numbers].join());
  };
  const isDrag = ({ target, type }) => type === "input" || target.closest?.(".sc-grip:active");
  const start = (event) => {
    if (isDrag(event)) begin = performance.now();
  };
  for (const name of ["input", "pointermove"]) {
    document.addEventListener(name, start, true);
    document.addEventListener(name, (event) => isDrag(event) && measure());
  }
};
