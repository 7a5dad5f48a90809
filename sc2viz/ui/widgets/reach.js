// How a keyboard and a screen reader get around: links behind the title of a page to what is used most, and the focus.
// It goes to the title when a page opens, into a popover when it opens, and back to its button after its last control.
import { component, make } from "../../browser/dom.js";
import { shared } from "../../browser/messages.js";
import { _, language } from "../../browser/words.js";

const play = _("Play");
const PLACES = {
  [play]: [
    ".st-key-train-keys .st-key-play button",
    ".st-key-film-learn button",
    ".scrubber .play",
    ".adder .play",
    ".sc-play",
  ],
  [_("Sliders")]: [".sliders input[type=range]"],
  [_("Solvers")]: [".chips .name"],
  [_("Answers")]: [".divider .tabs button"],
};
const POPOVER = "[data-testid=stPopoverBody]";
const [TABLES, FORMULAS] = ["stTable", "katex-display"].map((name) => document.getElementsByClassName(name));
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
const [FRAMES, SECOND] = [20, 60]; // for so many frames what is looked for may come later

const mended = new WeakSet(); // what `mend` has seen

// What scrolls where it is wider than its place
const wide = () => [...FORMULAS, ...[...TABLES].flatMap((each) => each.querySelector("table")?.parentElement ?? [])];

const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });

// The elements below a node, in the order of the page, with those of the components in their shadow roots.
const below = (node) =>
  [...node.querySelectorAll("*")].flatMap((each) => (each.shadowRoot ? [each, ...below(each.shadowRoot)] : [each]));

const controls = (node) =>
  below(node).filter((each) => each.matches(CONTROLS) && each.tabIndex >= 0 && !each.disabled && isSeen(each));

const focused = () => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
};

// Calls `then` with what `find` returns, once it returns something, and with null where it does not.
const soon = (find, then, frames = FRAMES) => {
  const found = find();
  if (found || !frames) then(found || null);
  else requestAnimationFrame(() => soon(find, then, frames - 1));
};

const title = () => document.querySelector(".stMain .st-key-head h1");

const toTitle = (heading) => {
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
};

// A popover that a key has opened, which may take a second, gets the focus: its first control, which may be drawn after
// it, or where it has none the popover itself. It scrolls by keys until a control is there.
const enter = ({ target, detail }) => {
  const opener = target.closest?.("[data-testid=stPopoverButton]");
  const popover = () => opener.ariaExpanded === "true" && document.querySelector(POPOVER);
  if (!opener) return;
  const fill = (body) => {
    const first = () => !body.querySelector("[data-testid=stSkeleton]") && controls(body)[0];
    const focus = (control) => {
      if (control) body.removeAttribute("tabindex");
      if (!detail) (control ?? body).focus();
    };
    body.tabIndex = 0;
    soon(first, focus);
  };
  soon(popover, (body) => body && fill(body), SECOND);
};

// Behind the last control of a popover, and before its first one, the way leads out of it: Streamlit closes it at
// Escape and gives the focus to its button.
const leave = (event) => {
  // A button that gives a file away is disabled meanwhile and loses the focus, and with it Escape its dialog.
  if (event.key === "Escape" && document.activeElement === document.body)
    document.querySelector(".stDialog button[aria-label=Close]")?.click();
  const popover = event.key === "Tab" && event.target.closest?.(POPOVER);
  if (!popover) return;
  if (focused() !== (controls(popover).at(event.shiftKey ? 0 : -1) ?? popover)) return;
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  if (event.shiftKey) event.preventDefault();
};

// What Streamlit leaves to do after each run of the script: what scrolls without a control that is at work can have the
// focus, and what stands above the page has the page's colour scheme. Formulas are drawn when KaTeX has come, which may
// be after the run, and are wider once its fonts have.
const mend = (app) => {
  const [{ style }, { colorScheme }] = [document.documentElement, getComputedStyle(app)];
  if (style.colorScheme && style.colorScheme !== colorScheme) shared().reach(colorScheme);
  style.colorScheme = colorScheme;
  const all = wide();
  const scroll = all.map((each) => each.scrollWidth > each.clientWidth && !controls(each).length); // before any changes
  all.forEach((each, k) => {
    if (scroll[k]) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
    mended.add(each);
  });
};

class Reach {
  constructor(parent) {
    this.root = parent.appendChild(make("nav", "reach"));
    this.root.ariaLabel = _("On this page");
    for (const [name, selectors] of Object.entries(PLACES)) {
      const link = this.root.appendChild(Object.assign(make("a", "", name), { href: "#" }));
      link.onclick = (event) => {
        event.preventDefault();
        this.find(selectors)?.focus();
      };
    }
    if (shared().reach) return; // once for all pages
    document.addEventListener("click", enter);
    document.addEventListener("keydown", leave, true);
    shared().reach = () => {};
    const app = document.querySelector(".stApp");
    const changes = { attributeFilter: ["class", "data-test-script-state"] };
    const again = () => requestAnimationFrame(() => mend(app));
    new MutationObserver(again).observe(app, changes);
    const comes = () => wide().every((each) => mended.has(each)) || again();
    new MutationObserver(comes).observe(document.body, { childList: true, subtree: true });
    document.fonts.addEventListener("loadingdone", again);
    addEventListener("resize", again);
    again();
  }

  show({ theme }, { signal, trigger }) {
    if (theme > (this.theme ?? theme)) document.querySelector("[data-testid=stMainMenu] button")?.click();
    this.theme = theme;
    document.documentElement.lang = language;
    shared().reach = (scheme) => trigger("theme", scheme); // the server draws charts in the colours of another theme
    const before = shared().page;
    shared().page = location.pathname;
    if (before !== undefined && before !== location.pathname) soon(title, toTitle);
    // Links to what the page has not got are left out when the way leads to the first of them.
    const choose = () => {
      for (const [k, selectors] of Object.values(PLACES).entries())
        this.root.children[k].hidden = !this.find(selectors);
    };
    addEventListener("keydown", ({ key }) => key === "Tab" && choose(), { signal, capture: true });
  }

  find(selectors) {
    const all = below(document.body).filter((each) => each.matches(selectors.join()) && !each.disabled && isSeen(each));
    return all[0];
  }
}

export default component(Reach);
