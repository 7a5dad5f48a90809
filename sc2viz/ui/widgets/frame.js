// What surrounds a page. While the reader presents, this is a strip that leads to the page before and after, as the
// keys of a clicker do. On a phone the menu closes when a page is chosen in it. On paper drawings are as wide as their
// columns.
import { component, make } from "../../browser/dom.js";
import { _ } from "../../browser/words.js";
import { whenAnswered } from "./answered.js";

const KEYS = { PageUp: "before", PageDown: "after" };
const SIGNS = { before: "‹", after: "›" };
const STEPS = { before: "back", after: "next" };
const narrow = matchMedia("(max-width: 768px)");

// Goes to a step of the tour, where the reader takes one, or to a page, by one of Streamlit's own links out of sight.
const go = (where) => {
  const step = document.querySelector(`.st-key-tour-${STEPS[where]} button`);
  (step ?? document.querySelector(`.st-key-goes-${where} a`))?.click();
};

const closeMenu = ({ target }) => {
  if (!narrow.matches || !target.closest?.('[data-testid="stSidebarNavLink"]')) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
};

// The drawings of the page that have no shape of their own, those in components among them.
const drawings = () => {
  const inside = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot);
  const roots = [document, ...inside.filter(Boolean)];
  const all = roots.flatMap((root) => [...root.querySelectorAll("figure svg, .main-svg")]);
  return all.filter((drawn) => !drawn.hasAttribute("viewBox") && drawn.clientWidth);
};

// Gives each drawing the shape that it has on the screen, so that it shrinks as a whole (print.css); returns what ends
// that.
const shaped = () => {
  const all = drawings().map((drawn) => [drawn, drawn.clientWidth, drawn.clientHeight]);
  for (const [drawn, wide, high] of all) {
    drawn.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    drawn.parentElement.style.setProperty("--shape", `${wide} / ${high}`);
    drawn.parentElement.style.setProperty("--wide", `${wide}px`);
  }
  return () => {
    for (const [drawn] of all) drawn.removeAttribute("viewBox");
  };
};

// Switches the rules for the opening of a page (opening.css) off. They would stay until the page runs again, and for
// them Chromium computes the styles of all elements at each change of one.
const opened = () => {
  for (const style of document.querySelectorAll("style"))
    if (/--later:\s*hidden/.test(style.textContent)) style.media = "not all";
};

class Frame {
  constructor(parent) {
    whenAnswered(opened, true);
    this.root = parent.appendChild(make("nav", "strip"));
    this.root.ariaLabel = _("Present");
    this.buttons = {};
    for (const where of ["before", "after"]) {
      this.buttons[where] = make("button", where, SIGNS[where]);
      this.buttons[where].onclick = () => go(where);
    }
    this.place = make("span");
    this.exit = make("button", "leave", "×");
    Object.assign(this.exit, { title: _("Leave"), ariaLabel: _("Leave the view for a projector") });
    this.root.append(this.buttons.before, this.place, this.buttons.after, this.exit);
  }

  show(data, { trigger, signal }) {
    const { on, place } = data;
    this.place.textContent = place;
    for (const [where, button] of Object.entries(this.buttons)) {
      button.disabled = !data[where];
      button.title = button.ariaLabel = data[where] ?? "";
    }
    this.exit.onclick = () => trigger("leave", true);
    // In the browser's top layer, as the sliders are
    this.root.popover = on ? "manual" : null;
    this.root.hidden = !on;
    if (on && !this.root.matches(":popover-open")) this.root.showPopover();
    document.addEventListener("click", closeMenu, { signal });
    let ends = () => {};
    window.addEventListener("beforeprint", () => (ends = shaped()), { signal });
    window.addEventListener("afterprint", () => ends(), { signal });
    if (!on) return;
    const pressed = (event) => {
      const where = KEYS[event.key];
      if (!where || event.altKey || event.ctrlKey || event.metaKey) return;
      if (document.querySelector(".st-key-tour")) return; // whose steps the keys change then
      event.preventDefault();
      event.stopImmediatePropagation();
      go(where);
    };
    window.addEventListener("keydown", pressed, { signal, capture: true });
  }
}

export default component(Frame);
