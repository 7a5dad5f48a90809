// When the page is shown, and when the reader's first key would be answered at once; and by how much it was shifted.
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.shifted += value;
}).observe({ type: "layout-shift", buffered: true });
window.opened = new Promise((done) => {
  const look = () => {
    if (!document.querySelector("main:not([aria-busy])")) return requestAnimationFrame(look);
    requestAnimationFrame((shown) => requestIdleCallback(() => done([shown, performance.now()])));
  };
  look();
});

// What waits until nothing moves is not asked for, however slow the machine is.
window.calm = () => {
  const wait = setTimeout;
  window.setTimeout = (then, ms) => wait(then, ms >= 80 ? 1e6 : ms);
};
window.drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
