// Sliders side by side: λ and T in the sidebar, and on a phone in a bar at the bottom; and those of single pages. Others on
// the page listen to `sc2viz-moved` and read `window.sc2vizAt`, and may move a slider along by `sc2viz-set`. The server
// hears of values when a slider is let go. The chips tell in `sc2vizHints` on which solvers λ and T act in another way.
import { component } from "./dom.js";
import { slider } from "./sliders.js";

const LATE = 5000; // ms after which a value from the server counts again though it is not the one reported
const phone = matchMedia("(max-width: 768px)");

class Bar {
  constructor(parent) {
    this.root = parent.appendChild(document.createElement("div"));
    this.root.className = "sliders";
    this.sliders = {};
    this.reported = {};
    this.root.onpointerdown = () => (this.held = true);
    this.release = () => (this.held = false);
    this.back = () => (this.reported = {});
    this.along = ({ detail }) => Object.entries(detail).forEach(([key, value]) => this.sliders[key] && this.set(key, value));
    this.lay = () => this.place();
    this.hint = () => Object.entries(this.sliders).forEach(([key, { hint }]) => hint(window.sc2vizHints?.[key] ?? ""));
  }

  show(data, report) {
    Object.assign(this, { data, report });
    const at = (window.sc2vizAt ??= {});
    for (const knob of data.knobs) {
      const { key, value, stops } = knob;
      if (!this.sliders[key]) {
        this.sliders[key] = slider(knob, (now, done) => this.moved(key, now, done));
        this.root.append(this.sliders[key].node);
      }
      const waits = this.reported[key] && this.reported[key].value !== value && Date.now() < this.reported[key].until;
      if (this.held || waits) continue;
      delete this.reported[key];
      at[key] = value;
      this.sliders[key].show(value, stops);
    }
    this.root.classList.toggle("across", Boolean(data.across));
    this.tell();
    window.addEventListener("sc2viz-set", this.along);
    this.hint();
    window.addEventListener("sc2viz-hints", this.hint);
    phone.addEventListener("change", this.lay);
    window.addEventListener("popstate", this.back);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.release, true);
    this.place();
  }

  moved(key, value, done) {
    window.sc2vizAt[key] = value;
    this.tell(key);
    if (!done) return;
    this.held = false;
    this.reported[key] = { value, until: Date.now() + LATE };
    this.report("moved", { ...window.sc2vizAt, key, at: Date.now() });
  }

  set(key, value) {
    window.sc2vizAt[key] = value;
    this.reported[key] = { value, until: Date.now() + LATE };
    this.sliders[key].show(value);
  }

  tell(key) {
    window.dispatchEvent(new CustomEvent("sc2viz-moved", { detail: key }));
  }

  // In the top layer on a phone, where the sidebar is out of sight.
  place() {
    const bar = phone.matches && this.data.bar;
    if (bar) {
      this.root.popover = "manual";
      if (!this.root.matches(":popover-open")) this.root.showPopover();
    } else this.root.removeAttribute("popover");
  }

  leave() {
    window.removeEventListener("sc2viz-set", this.along);
    window.removeEventListener("sc2viz-hints", this.hint);
    phone.removeEventListener("change", this.lay);
    window.removeEventListener("popstate", this.back);
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.release, true);
  }
}

export default component(Bar);
