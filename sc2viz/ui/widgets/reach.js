// How a keyboard and a screen reader get around: links behind the title of a page to what is used most, and the focus.
// It goes to the title when a page opens, into a popover when it opens, and back to its button after its last control.
import { component, descendants, make } from "../../browser/dom.js";
import { shared } from "../../browser/messages.js";
import { _, language } from "../../browser/words.js";

const play = _("Play");
const PLACES = {
  [play]: ".st-key-train-keys .st-key-play button, .st-key-film-learn button, .scrubber .play, .adder .play, .sc-play",
  [_("Sliders")]: ".sliders input[type=range]",
  [_("Solvers")]: ".chips .name",
  [_("Answers")]: ".divider .tabs button",
};
const POPOVER = "[data-testid=stPopoverBody]";
const [TABLES, FORMULAS] = ["stTable", "katex-display"].map((name) => document.getElementsByClassName(name));
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
const [FRAMES, SECOND] = [20, 60]; // for so many frames what is looked for may come later

const mendedNodes = new WeakSet(); // what `mend` has seen

// What scrolls where it is wider than its place
const wideNodes = () => [
  ...FORMULAS,
  ...[...TABLES].flatMap((node) => node.querySelector("table")?.parentElement ?? []),
];

const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });

const isUsable = (node) => !node.disabled && isSeen(node);
const isControl = (node) => node.matches(CONTROLS) && node.tabIndex >= 0 && isUsable(node);
const controls = (node) => descendants(node).filter(isControl);
const findNode = (selector) => descendants(document.body).find((node) => node.matches(selector) && isUsable(node));

const focusedNode = () => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
};

// Calls `act` with what `find` returns, once it returns something, and with null where it does not.
const whenReady = (find, act, frames = FRAMES) => {
  const node = find();
  if (node || !frames) act(node || null);
  else requestAnimationFrame(() => whenReady(find, act, frames - 1));
};

const focusTitle = (title) => title && Object.assign(title, { tabIndex: -1 }).focus({ preventScroll: true });

// A popover that a key has opened, which may take a second, gets the focus: its first control, which may be drawn after
// it, or where it has none the popover itself. It scrolls by keys until a control is there.
const enterPopover = ({ target, detail }) => {
  const opener = target.closest?.("[data-testid=stPopoverButton]");
  if (!opener) return;
  const popover = () => opener.ariaExpanded === "true" && document.querySelector(POPOVER);
  const fill = (body) => {
    if (!body) return;
    body.tabIndex = 0;
    const first = () => !body.querySelector("[data-testid=stSkeleton]") && controls(body)[0];
    whenReady(first, (control) => {
      if (control) body.removeAttribute("tabindex");
      if (!detail) (control ?? body).focus();
    });
  };
  whenReady(popover, fill, SECOND);
};

// The first entry of a menu that a key has opened gets the focus. React Aria waits until all transitions of the document have
// ended, and one whose element Streamlit removed never does.
const enterMenu = ({ target, detail }) => {
  if (detail || !target.closest?.("[data-testid=stMenuButtonButton]")) return;
  whenReady(
    () => document.querySelector("[role=menu] [role=menuitem]"),
    (entry) => entry?.focus(),
    SECOND,
  );
};

// Tab behind the last control of a popover, and before its first one, closes it as Escape does.
const leavePopover = (event) => {
  // A button that gives a file away is disabled meanwhile and loses the focus, and with it Escape its dialog.
  if (event.key === "Escape" && document.activeElement === document.body)
    document.querySelector(".stDialog button[aria-label=Close]")?.click();
  const popover = event.key === "Tab" && event.target.closest?.(POPOVER);
  if (!popover || focusedNode() !== (controls(popover).at(event.shiftKey ? 0 : -1) ?? popover)) return;
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
  const nodes = wideNodes();
  const scrolls = nodes.map((node) => node.scrollWidth > node.clientWidth && !controls(node).length); // before changes
  for (const [k, node] of nodes.entries()) {
    if (scrolls[k]) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
    mendedNodes.add(node);
  }
};

// Listens to the document, once for all pages.
const listenToDocument = () => {
  document.addEventListener("click", enterPopover);
  document.addEventListener("click", enterMenu);
  document.addEventListener("keydown", leavePopover, true);
  const app = document.querySelector(".stApp");
  const mendSoon = () => requestAnimationFrame(() => mend(app));
  new MutationObserver(mendSoon).observe(app, { attributeFilter: ["class", "data-test-script-state"] });
  const mendArrivals = () => wideNodes().every((node) => mendedNodes.has(node)) || mendSoon();
  new MutationObserver(mendArrivals).observe(document.body, { childList: true, subtree: true });
  document.fonts.addEventListener("loadingdone", mendSoon);
  addEventListener("resize", mendSoon);
  mendSoon();
};

class Reach {
  constructor(parent) {
    this.root = parent.appendChild(make("nav", "reach", "", { ariaLabel: _("On this page") }));
    for (const [name, selector] of Object.entries(PLACES)) {
      const onclick = (event) => {
        event.preventDefault();
        findNode(selector)?.focus();
      };
      this.root.append(make("a", "", name, { href: "#", onclick }));
    }
    if (!shared().reach) listenToDocument();
    shared().reach ??= () => {};
  }

  show({ theme }, { signal, trigger }) {
    if (theme > (this.theme ?? theme)) document.querySelector("[data-testid=stMainMenu] button")?.click();
    this.theme = theme;
    document.documentElement.lang = language;
    shared().reach = (scheme) => trigger("theme", scheme); // the server draws charts in the colours of another theme
    const { page } = shared();
    shared().page = location.pathname;
    if (page !== undefined && page !== location.pathname)
      whenReady(() => document.querySelector(".stMain .st-key-head h1"), focusTitle);
    // Links to what the page has not got are left out when the way leads to the first of them.
    const chooseLinks = ({ key }) => {
      if (key !== "Tab") return;
      for (const [k, selector] of Object.values(PLACES).entries()) this.root.children[k].hidden = !findNode(selector);
    };
    addEventListener("keydown", chooseLinks, { signal, capture: true });
  }
}

export default component(Reach);
