// A link to a section of the page opens More, behind which it stands, and brings the section into view.
// It is brought there again after so many ms, because parts above it still grow.
const SETTLES = [0, 350, 1000, 2000];

const show = (signal, frames) => {
  const anchor = decodeURIComponent(location.hash.slice(1));
  if (!anchor || signal.aborted || !frames) return;
  const section = document.getElementById(anchor);
  if (!section) {
    const more = document.querySelector(".st-key-more details");
    if (more && !more.open) more.querySelector("summary").click();
    requestAnimationFrame(() => show(signal, frames - 1)); // it is drawn later than this
    return;
  }
  let waiting = true;
  for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"])
    addEventListener(kind, () => (waiting = false), { once: true, signal });
  for (const wait of SETTLES) setTimeout(() => waiting && section.scrollIntoView(), wait);
};

const begun = new WeakSet(); // pages whose own address was looked at

export default ({ parentElement }) => {
  const listening = new AbortController();
  const { signal } = listening;
  const begin = () => show(signal, 900);
  // A click on the link of the section that the address names already changes no hash.
  const again = ({ target }) => target.closest?.(".st-key-contents a")?.hash === location.hash && begin();
  addEventListener("hashchange", begin, { signal });
  document.addEventListener("click", again, { signal });
  if (!begun.has(parentElement)) begin();
  begun.add(parentElement);
  return () => listening.abort();
};
