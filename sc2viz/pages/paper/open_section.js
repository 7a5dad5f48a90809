// A link to a section of the page opens More, behind which it stands, and brings the section into view.
// It is brought there again after so many ms, because parts above it still grow.
const SETTLES = [0, 350, 1000, 2000];

const show = (signal, frames) => {
  const anchor = decodeURIComponent(location.hash.slice(1));
  if (!anchor || signal.aborted || !frames) return;
  const section = document.getElementById(anchor);
  if (!section) {
    const details = document.querySelector(".st-key-more details");
    if (details && !details.open) details.querySelector("summary").click();
    requestAnimationFrame(() => show(signal, frames - 1)); // it is drawn later than this
    return;
  }
  let isWaiting = true;
  for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"])
    addEventListener(kind, () => (isWaiting = false), { once: true, signal });
  for (const wait of SETTLES) setTimeout(() => isWaiting && section.scrollIntoView(), wait);
};

const openedPages = new WeakSet(); // pages whose own address was looked at

export default ({ parentElement }) => {
  const controller = new AbortController();
  const { signal } = controller;
  const showSection = () => show(signal, 900);
  // A click on the link of the section that the address names already changes no hash.
  const showAgain = ({ target }) => target.closest?.(".st-key-contents a")?.hash === location.hash && showSection();
  addEventListener("hashchange", showSection, { signal });
  document.addEventListener("click", showAgain, { signal });
  if (!openedPages.has(parentElement)) showSection();
  openedPages.add(parentElement);
  return () => controller.abort();
};
