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
  sliders = {};
  reported = {}; // by slider: the value of which the server has not heard yet, and until when it is waited for
  answering = 0; // runs of the server that are waited for

  constructor(parent) {
    this.root = parent.appendChild(make("div", "sliders"));
    this.root.onpointerdown = () => (this.isHeld = true);
  }

  show({ knobs, bar, across, strip, hidden }, { report, signal }) {
    this.report = report;
    for (const knob of knobs) {
      const { key, value, stops } = knob;
      this.sliders[key] ??= slider(knob, (position, isDone) => this.move(key, position, isDone));
      const { node, show } = this.sliders[key];
      if (!node.isConnected) this.root.append(node);
      const reported = this.reported[key];
      if (this.isHeld || (reported && reported.value !== value && Date.now() < reported.until)) continue;
      delete this.reported[key];
      sliderValues()[key] = value;
      show(value, stops);
    }
    for (const [key, { node }] of Object.entries(this.sliders)) node.hidden = Boolean(hidden?.includes(key));
    this.root.classList.toggle("across", Boolean(across));
    this.root.classList.toggle("strip", Boolean(bar && strip));
    tellMoved();
    const writeHints = () => {
      for (const [key, { hint }] of Object.entries(this.sliders)) hint(sliderHints()[key] ?? "");
    };
    // On a phone and in a lecture, where the sidebar is out of sight, the sliders stand in the browser's top layer.
    const place = () => {
      this.root.popover = bar && (phone.matches || strip) ? "manual" : null;
      if (this.root.popover && !this.root.matches(":popover-open")) this.root.showPopover();
    };
    onMoveSliders((values) => {
      for (const [key, { show }] of Object.entries(this.sliders)) {
        if (!(key in values)) continue;
        sliderValues()[key] = values[key];
        this.expect(key, values[key]);
        show(values[key]);
      }
    }, signal);
    onHints(writeHints, signal);
    const options = { signal, capture: true };
    addEventListener("popstate", () => (this.reported = {}), options);
    phone.addEventListener("change", place, options);
    for (const event of ["pointerup", "pointercancel"]) addEventListener(event, () => this.hold(null), options);
    writeHints();
    place();
  }

  move(key, value, isDone) {
    const previous = sliderValues()[key];
    sliderValues()[key] = value;
    if (value !== previous) tellMoved(key); // a slider that is let go has moved before
    this.hold(key);
    if (!isDone) return;
    this.isHeld = false;
    this.answering += 1;
    this.expect(key, value);
    whenAnswered(() => {
      this.answering -= 1;
      if (!this.isHeld && !this.answering) this.hold(null);
    });
    this.report("moved", { ...sliderValues(), key, time: Date.now() });
  }

  // The server has not heard of this value yet, so that what it says of the slider is old.
  expect(key, value) {
    this.reported[key] = { value, until: Date.now() + LATE };
  }

  // From the first move of the slider `key` until the server's answer, what it said before is grey (style.css).
  hold(key) {
    this.isHeld = key !== null;
    document.body.classList.toggle("sc2viz-held", this.isHeld);
    document.body.dataset.held = key ?? "";
  }

  leave() {
    if (!this.answering && document.body.dataset.held !== "pen") document.body.classList.remove("sc2viz-held");
  }
}

export default component(Bar);
