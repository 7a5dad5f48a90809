// Sliders side by side: λ and T, in the sidebar or on a phone in a bar at the bottom, and those of single pages. Other
// parts of the page hear of every move (messages.js). The server hears of a value when its slider is let go.
import { component, make } from "../../browser/dom.js";
import { onHints, onMoveSliders, sliderHints, sliderValues, tellMoved } from "../../browser/messages.js";
import { slider } from "../../browser/sliders.js";
import { whenAnswered } from "./answered.js";

// Ms: for so long a value from the server that differs from the one reported is taken for an old one.
const LATE = 5000;
const phone = matchMedia("(max-width: 768px)");

class Bar {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "sliders"));
    this.sliders = {};
    this.reported = {};
    this.root.onpointerdown = () => (this.held = true);
  }

  show({ knobs, bar, across, strip, hidden }, { report, signal }) {
    const at = sliderValues();
    this.report = report;
    for (const knob of knobs) {
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
    this.root.classList.toggle("across", Boolean(across));
    tellMoved();
    const on = (target, event, then) => target.addEventListener(event, then, { signal, capture: true });
    const all = Object.entries(this.sliders);
    for (const [key, { node }] of all) node.hidden = Boolean(hidden?.includes(key));
    const hint = () => {
      for (const [key, one] of all) one.hint(sliderHints()[key] ?? "");
    };
    this.root.classList.toggle("strip", Boolean(bar && strip));
    // On a phone and in a lecture, where the sidebar is out of sight, the sliders stand in the browser's top layer.
    const place = () => {
      this.root.popover = bar && (phone.matches || strip) ? "manual" : null;
      if (this.root.popover && !this.root.matches(":popover-open")) this.root.showPopover();
    };
    onMoveSliders((values) => {
      for (const [key] of all) if (key in values) this.set(key, values[key]);
    }, signal);
    onHints(hint, signal);
    on(window, "popstate", () => (this.reported = {}));
    on(phone, "change", place);
    for (const end of ["pointerup", "pointercancel"]) on(window, end, () => this.hold(null));
    hint();
    place();
  }

  moved(key, value, done) {
    const before = sliderValues()[key];
    sliderValues()[key] = value;
    if (value !== before) tellMoved(key); // a slider that is let go has moved before
    this.hold(key);
    if (!done) return;
    this.held = false;
    this.answering = (this.answering ?? 0) + 1;
    this.waits(key, value);
    whenAnswered(() => {
      this.answering -= 1;
      if (!this.held && !this.answering) this.hold(null);
    });
    this.report("moved", { ...sliderValues(), key, at: Date.now() });
  }

  // From the first move of the slider `key` until the server's answer is drawn, what the server has said of the value
  // before is grey (style.css). Null ends that.
  hold(key) {
    this.held = key !== null;
    document.body.classList.toggle("sc2viz-held", this.held);
    document.body.dataset.held = key ?? "";
  }

  leave() {
    if (!this.answering && document.body.dataset.held !== "pen") document.body.classList.remove("sc2viz-held");
  }

  set(key, value) {
    sliderValues()[key] = value;
    this.waits(key, value);
    this.sliders[key].show(value);
  }

  // The server has not heard of this value yet, so that what it says of the slider for now is old.
  waits(key, value) {
    this.reported[key] = { value, until: Date.now() + LATE };
  }
}

export default component(Bar);
