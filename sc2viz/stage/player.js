// Frames with controls, position and keys; or iterations t of codes, which follow λ and T too. The position outlives new
// data and a change of page.
import "./curves.js";
import { component, make } from "./dom.js";
import { painters } from "./draw.js";
import { Follower } from "./follow.js";
import { onMoved, sliderValues } from "./messages.js";

const CALM = 1; // frames a second at most where the reader asks for reduced motion
const REST = 500; // ms without a step until the server hears of the position
const kept = new Map(); // id of a scrubber → its position `at`, what the server knows of it, `speed` in frames a second

// What has the focus where no control has it: the page's body, or its main part after a click there.
const isGround = (node) => ["BODY", "MAIN"].includes(node.tagName);

class Player extends Follower {
  constructor(parent) {
    super();
    this.root = parent.querySelector(".scrubber");
    this.find = (what) => this.root.querySelector(what);
    [this.range, this.speed] = [this.find("input"), this.find("select")];
    this.buttons = Object.fromEntries([...this.root.querySelectorAll("button")].map((button) => [button.name, button]));
    for (const [name, button] of Object.entries(this.buttons)) button.onclick = () => this.act(name);
    this.speed.onchange = () => {
      this.memory.speed = Number(this.speed.value);
      if (this.timer) this.play();
    };
    this.range.oninput = () => this.go(Number(this.range.value));
    this.root.onkeydown = (event) => this.key(event);
    this.root.onpointerdown = () => (this.held = true);
    this.sizes = new ResizeObserver(() => {
      this.measured.clear();
      this.paint();
    });
    this.measured = new Map();
    // The theme's colours arrive as custom properties; a transition is the one event that their change raises.
    this.find(".probe").ontransitionrun = () => requestAnimationFrame(() => this.paint());
    this.motion = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  // New data, or the old once more because the page ran again.
  async show(given, { report, signal }) {
    const on = (target, event, then) => target.addEventListener(event, then, { signal, capture: true });
    // An arrow key pressed where nothing has the focus is meant for the picture.
    on(
      document,
      "keydown",
      (event) => this.data && isGround(event.target) && event.key.startsWith("Arrow") && this.key(event),
    );
    onMoved((key) => this.data && this.follow(key), signal);
    for (const end of ["pointerup", "pointercancel"]) on(window, end, () => this.release());
    this.sizes.observe(this.root);
    const before = this.data; // none: from another page, or for the first time
    const followed = before && (before.live || (before.names.length && this.at === this.count - 1));
    if (!(await this.take(given, report, signal))) return;
    const { data } = this;
    this.report = report;
    this.memory = kept.get(data.id) ?? { at: data.at.t, speed: 2, turns: data.turns };
    kept.set(data.id, this.memory);
    const back = this.memory.turns !== data.turns; // or forward: the address says where it stands
    if (back) Object.assign(this.memory, { at: data.at.t, turns: data.turns });
    if (data.live || followed) this.memory.at = this.count - 1;
    if (before?.stamp !== data.stamp) this.build();
    if (this.resume) this.play();
    if (!before || back) {
      this.memory.told = data.told; // all that the server knows
      this.seek(this.at);
    }
    this.paint();
  }

  // λ or T has moved. T takes the position along, to the last iteration, and its report to the server has both.
  follow(key) {
    if (!this.x) return;
    if (key === "lam" || key === "T") this.pause();
    if (key === "T") {
      clearTimeout(this.rest);
      this.memory.at = this.memory.told = this.count - 1;
    } else if (key === "lam" && !this.position) this.tell();
    this.paint();
  }

  get now() {
    return { ...super.now, t: this.at };
  }

  // Frames, or iterations 0 … T.
  get count() {
    return this.x ? (sliderValues().T ?? this.data.at.T) + 1 : this.data.stops.t.length;
  }

  build() {
    const { data } = this;
    this.root.className = `scrubber ${data.layout}`;
    this.find(".bar").hidden = data.live;
    this.root.ariaLabel = `${data.unit} by ${data.unit}`;
    this.range.ariaLabel = data.unit;
    this.speed.value = this.memory.speed;
    for (const button of this.root.querySelectorAll("[data-says]")) {
      button.title = button.dataset.says.replace("{unit}", data.unit);
      button.ariaLabel = button.title.replace(/ \(.*/, "");
    }
    this.measured.clear();
    this.fill(this.find(".shown"), data.html);
    this.panels = data.panels.map((panel, k) => painters[panel.kind](panel, this, this.find(`[data-panel="${k}"]`)));
    this.alts = [...this.root.querySelectorAll("[data-alt]")];
  }

  get at() {
    return Math.min(this.memory.at, this.count - 1);
  }

  // Width and height of a drawing, measured once: to measure between two drawings lays the page out anew.
  size(drawn) {
    if (!this.measured.get(drawn)?.[0]) this.measured.set(drawn, [drawn.clientWidth, drawn.clientHeight]);
    return this.measured.get(drawn);
  }

  go(t) {
    this.pause();
    this.seek(t);
  }

  seek(t) {
    this.memory.at = Math.max(0, Math.min(this.count - 1, t));
    this.paint();
    clearTimeout(this.rest);
    if (!this.timer && !this.held) this.rest = setTimeout(() => this.tell(), REST);
  }

  tell() {
    if (this.memory.told === this.at) return;
    this.memory.told = this.at;
    this.report("at", { frame: this.at, now: Date.now() });
  }

  act(name) {
    if (name === "play") return this.timer ? this.halt() : this.play();
    this.go({ first: 0, back: this.at - 1, next: this.at + 1, last: this.count - 1 }[name]);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === this.speed) return;
    const space = event.key === " " && event.target.tagName !== "BUTTON" ? "play" : undefined;
    const keys = {
      ArrowLeft: "back",
      ArrowDown: "back",
      ArrowRight: "next",
      ArrowUp: "next",
      Home: "first",
      End: "last",
    };
    const action = keys[event.key] || space;
    const outside = isGround(event.target) && (event.key === "ArrowUp" || event.key === "ArrowDown");
    if (!action || outside) return;
    event.preventDefault();
    this.act(action);
  }

  play() {
    clearInterval(this.timer);
    if (this.count < 2) return;
    if (!this.resume && this.at === this.count - 1) this.memory.at = 0;
    this.resume = false;
    const speed = this.motion.matches ? Math.min(CALM, this.memory.speed) : this.memory.speed;
    this.timer = setInterval(() => (this.at < this.count - 1 ? this.seek(this.at + 1) : this.halt()), 1000 / speed);
    this.paint();
  }

  // Stop playing: `pause` on the way to another step, `halt` to stay here.
  pause() {
    clearInterval(this.timer);
    this.timer = null;
  }

  halt() {
    this.pause();
    this.seek(this.at);
  }

  paint() {
    if (!this.data || !this.root.isConnected) return; // a page that is being left has no colours
    if (this.x) sliderValues().t = this.at;
    const where = this.position;
    if (where) this.draw(where);
    this.mark();
  }

  draw({ axis, k }) {
    const { data, at } = this;
    this.make({ axis, k });
    for (const paint of this.panels) paint({ axis, k, t: at, trained: data.trained });
    for (const each of this.alts) each.ariaLabel = each.dataset.alt.replaceAll("{t}", at);
    const captions = data.captions[axis];
    const text = (captions[k % captions.length] ?? "").split("**");
    const caption = this.find(".caption");
    caption.replaceChildren(...text.map((part, k) => (k % 2 ? make("b", "", part) : part)));
    caption.ariaLive = this.timer ? "off" : "polite";
    this.root.dataset.stop = `${axis} ${k}`;
  }

  // The controls, as they stand at the position.
  mark() {
    const { data, at, count, range, buttons } = this;
    const last = count - 1;
    Object.assign(range, { max: last, disabled: last === 0, value: at });
    const name = data.names[at] ?? `${data.unit} ${at} of ${last}`;
    range.ariaValueText = this.find("output").textContent = name;
    const share = (t) => `${(100 * t) / Math.max(1, last)}%`;
    range.style.setProperty("--done", share(at));
    const marked = data.trained !== null && data.trained < last;
    range.parentElement.classList.toggle("marked", marked);
    range.parentElement.style.setProperty("--trained", share(marked ? data.trained : last));
    const playing = Boolean(this.timer);
    buttons.play.classList.toggle("playing", playing);
    buttons.play.ariaLabel = playing ? "Pause" : "Play";
    buttons.play.title = `${buttons.play.ariaLabel} (Space)`;
    buttons.first.disabled = buttons.back.disabled = at === 0;
    buttons.next.disabled = buttons.last.disabled = at === last;
    this.root.dataset.at = at;
  }

  release() {
    if (!this.held) return;
    this.held = false;
    if (this.data) this.seek(this.at);
  }

  // Streamlit takes the element away, or is about to hand over new data.
  leave() {
    this.resume = Boolean(this.timer);
    this.pause();
    clearTimeout(this.rest);
    this.sizes.disconnect();
    delete sliderValues().t;
  }
}

export default component(Player);
