// A link to a folded section of the page opens the section and brings it into view.
// The section is looked for again after so many ms, because parts above it still grow.
const SETTLES = [0, 350, 1000, 2000];

const open = (signal) => {
  const anchor = decodeURIComponent(location.hash.slice(1));
  const section = anchor ? document.querySelector(`.st-key-fold-${CSS.escape(anchor)}`) : null;
  const details = section?.querySelector("details");
  if (!details) return false;
  if (!details.open) details.querySelector("summary").click();
  let waiting = true;
  for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"])
    addEventListener(kind, () => (waiting = false), { once: true, signal });
  for (const wait of SETTLES) setTimeout(() => waiting && section.scrollIntoView(), wait);
  return true;
};

// The section of the page's own address is drawn later than this.
const openSoon = (signal, frames) => {
  if (signal.aborted || open(signal) || !frames || !location.hash) return;
  requestAnimationFrame(() => openSoon(signal, frames - 1));
};

const begun = new WeakSet(); // pages whose own address was looked at

export default ({ parentElement }) => {
  const listening = new AbortController();
  const { signal } = listening;
  // A click on the link of the section that the address names already changes no hash.
  const again = ({ target }) => target.closest?.(".st-key-contents a")?.hash === location.hash && open(signal);
  addEventListener("hashchange", () => open(signal), { signal });
  document.addEventListener("click", again, { signal });
  if (!begun.has(parentElement)) openSoon(signal, 600);
  begun.add(parentElement);
  return () => listening.abort();
};
