// What surrounds a page: while the reader presents, a strip that leads to the page before and after, as the keys of a
// clicker do. On a phone the menu closes when a page is chosen. On paper drawings are as wide as their columns.
import { component, make } from "../../browser/dom.js";
import { _ } from "../../browser/words.js";
import { whenAnswered } from "./answered.js";

const KEYS = { PageUp: "before", PageDown: "after" };
const SIGNS = { before: "‹", after: "›" };
const STEPS = { before: "back", after: "next" };
const phone = matchMedia("(max-width: 768px)");

// Goes to a step of the tour, where the reader takes one, or to a page, by one of Streamlit's own links out of sight.
const go = (direction) => {
  const step = document.querySelector(`.st-key-tour-${STEPS[direction]} button`);
  (step ?? document.querySelector(`.st-key-goes-${direction} a`))?.click();
};

const closeMenu = ({ target }) => {
  if (!phone.matches || !target.closest?.('[data-testid="stSidebarNavLink"]')) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
};

// Gives each drawing of the page that has no shape of its own, those in components among them, the one that it has on
// the screen, so that it shrinks as a whole (print.css); returns what ends that.
const shapeDrawings = () => {
  const shadows = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  const nodes = [document, ...shadows].flatMap((root) => [...root.querySelectorAll("figure svg, .main-svg")]);
  const drawings = nodes.filter((drawing) => !drawing.hasAttribute("viewBox") && drawing.clientWidth);
  const sizes = drawings.map(({ clientWidth, clientHeight }) => [clientWidth, clientHeight]); // before any changes
  for (const [k, drawing] of drawings.entries()) {
    const [width, height] = sizes[k];
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawing.parentElement.style.setProperty("--shape", `${width} / ${height}`);
    drawing.parentElement.style.setProperty("--wide", `${width}px`);
  }
  return () => {
    for (const drawing of drawings) drawing.removeAttribute("viewBox");
  };
};

// Switches the rules for the opening of a page (opening.css) off. They would stay until the page runs again, and for
// them Chromium computes the styles of all elements at each change of one.
const endOpening = () => {
  for (const style of document.querySelectorAll("style"))
    if (/--later:\s*hidden/.test(style.textContent)) style.media = "not all";
};

class Frame {
  constructor(parent) {
    whenAnswered(endOpening, true);
    this.root = parent.appendChild(make("nav", "strip", "", { ariaLabel: _("Present") }));
    const button = (direction) => make("button", direction, SIGNS[direction], { onclick: () => go(direction) });
    this.buttons = { before: button("before"), after: button("after") };
    this.place = make("span");
    this.exit = make("button", "leave", "×", { title: _("Leave"), ariaLabel: _("Leave the view for a projector") });
    this.root.append(this.buttons.before, this.place, this.buttons.after, this.exit);
  }

  show(data, { trigger, signal }) {
    this.place.textContent = data.place;
    for (const [direction, button] of Object.entries(this.buttons)) {
      button.disabled = !data[direction];
      button.title = button.ariaLabel = data[direction] ?? "";
    }
    this.exit.onclick = () => trigger("leave", true);
    // In the browser's top layer, as the sliders are
    this.root.popover = data.is_on ? "manual" : null;
    this.root.hidden = !data.is_on;
    if (data.is_on && !this.root.matches(":popover-open")) this.root.showPopover();
    document.addEventListener("click", closeMenu, { signal });
    let restore = () => {};
    addEventListener("beforeprint", () => (restore = shapeDrawings()), { signal });
    addEventListener("afterprint", () => restore(), { signal });
    const press = (event) => {
      const direction = KEYS[event.key];
      if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
      if (document.querySelector(".st-key-tour")) return; // whose steps the keys change then
      event.preventDefault();
      event.stopImmediatePropagation();
      go(direction);
    };
    if (data.is_on) addEventListener("keydown", press, { signal, capture: true });
  }
}

export default component(Frame);
