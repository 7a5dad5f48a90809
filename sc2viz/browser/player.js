// A player of frames with controls and keys. Its frames may be the iterations t of codes that follow λ and T as well.
// The Tab key stops at Play, at the track and, while it plays, at its speed; the other buttons' titles name their keys.
// The position is kept when new data arrive and when the reader changes the page.
import "./curves.js";
import { bold, component, Sizes } from "./dom.js";
import { Follower } from "./follow.js";
import { onDrawn, onMoved, sliderValues } from "./messages.js";
import { painters } from "./painters.js";
import { announce, hush } from "./speech.js";
import { _, localized } from "./words.js";

const CALM = 1; // frames a second: the most for readers who ask for reduced motion
const REST = 500; // ms after the last step until the server hears of the position
const KEYS = { ArrowLeft: "back", ArrowDown: "back", ArrowRight: "next", ArrowUp: "next", Home: "first", End: "last" };
KEYS[" "] = "play";
// By the id of a scrubber: its position `at`, the position `told` to the server, its `speed` in frames a second, and
// `turns`, how often the reader has come to it by Back or Forward.
const memories = new Map();

// Whether no control has the focus: it is on the body, the main part, or the title of a page that has just opened.
const isGround = (node) => ["BODY", "MAIN", "H1"].includes(node.tagName);

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
    this.sizes = new Sizes(() => this.paint());
    this.size = (node) => this.sizes.of(node);
    // A change of theme changes custom properties, and the only event that this raises is a transition.
    this.find(".probe").ontransitionrun = () => requestAnimationFrame(() => this.paint());
    this.find(".why").ontoggle = () => this.paint();
    this.motion = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  // The data may be new, or those from before, because the page has run again.
  async show(packed, { report, signal }) {
    const on = (event, then) => addEventListener(event, then, { signal, capture: true });
    // An arrow key moves the frames where no control of the page has the focus.
    const moves = ({ target, key }) => this.data && isGround(target) && key.startsWith("Arrow");
    on("keydown", (event) => moves(event) && this.key(event));
    onMoved((key) => this.data && this.follow(key), signal);
    onDrawn(() => this.data && this.paint(), signal);
    for (const end of ["pointerup", "pointercancel"]) on(end, () => this.held && this.release());
    this.sizes.known.clear();
    const before = this.data; // undefined where the reader has just come to the page
    const followed = before && (before.live || (before.names.length && this.at === this.count - 1));
    if (!(await this.take(packed, report, signal))) return;
    const { data } = this;
    this.report = report;
    this.memory = memories.get(data.id) ?? { at: data.at.t, speed: 2, turns: data.turns };
    memories.set(data.id, this.memory);
    const isBack = this.memory.turns !== data.turns; // after Back or Forward the URL says where the player stands
    if (isBack) Object.assign(this.memory, { at: data.at.t, turns: data.turns });
    if (data.live || followed) this.memory.at = this.count - 1;
    if (before?.stamp !== data.stamp) this.build();
    if (this.resume) this.play();
    if (!before || isBack) {
      this.memory.told = data.told; // the position that the server knows
      this.seek(this.at, isBack);
    }
    this.paint();
    const isAtRest = before && !data.live && !this.timer;
    if (isAtRest && (before.live || before.stamp !== data.stamp)) this.say();
  }

  // A slider has moved. T goes to the last iteration, and the slider's report tells the server of both.
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

  // How many frames there are; of codes, one for each of the iterations 0 … T.
  get count() {
    const { x, data } = this;
    return x && !data.fixed ? (sliderValues().T ?? data.at.T) + 1 : data.stops.t.length;
  }

  build() {
    const { data } = this;
    this.root.className = `scrubber ${data.layout}`;
    this.find(".bar").hidden = data.live;
    this.root.ariaLabel = _("{unit} by {unit}", data);
    this.range.ariaLabel = data.unit;
    this.speed.value = this.memory.speed;
    for (const button of this.root.querySelectorAll("[data-says]")) {
      button.title = button.dataset.says.replace("{unit}", data.unit);
      button.ariaLabel = button.title.replace(/ \(.*/, "");
    }
    this.sizes.observer.disconnect();
    this.sizes.known.clear();
    this.fill(this.find(".shown"), data.html);
    this.panels = data.panels.map((panel, k) => painters[panel.kind](panel, this, this.find(`[data-panel="${k}"]`)));
    this.alts = [...this.root.querySelectorAll("[data-alt]")];
  }

  get at() {
    return Math.min(this.memory.at, this.count - 1);
  }

  // What the frame at hand is called.
  get name() {
    const { data, at, count } = this;
    return data.names[at] ?? _("{unit} {index} of {last}", { ...data, index: at, last: count - 1 });
  }

  // Says the sentence aloud, because the frames have come to rest.
  say() {
    announce(this.find(".caption").textContent || this.name);
  }

  go(t) {
    this.pause();
    this.seek(t);
  }

  // Moves to a frame. A page that opens says nothing aloud.
  seek(t, aloud = true) {
    this.memory.at = Math.max(0, Math.min(this.count - 1, t));
    this.paint();
    clearTimeout(this.rest);
    if (this.timer || this.held) return;
    this.rest = setTimeout(() => this.tell(), REST);
    if (aloud) this.say();
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
    const action = KEYS[event.key];
    const isForButton = action === "play" && event.target.tagName === "BUTTON";
    const scrolls = isGround(event.target) && (event.key === "ArrowUp" || event.key === "ArrowDown");
    if (!action || isForButton || scrolls) return;
    event.preventDefault();
    this.act(action);
  }

  play() {
    clearInterval(this.timer);
    if (this.count < 2) return;
    hush();
    if (!this.resume && this.at === this.count - 1) this.memory.at = 0;
    this.resume = false;
    const speed = this.motion.matches ? Math.min(CALM, this.memory.speed) : this.memory.speed;
    this.timer = setInterval(() => (this.at < this.count - 1 ? this.seek(this.at + 1) : this.halt()), 1000 / speed);
    this.paint();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
  }

  // Stops at a frame, which the server hears of.
  halt() {
    this.pause();
    this.seek(this.at);
  }

  paint() {
    if (!this.data || !this.root.isConnected) return; // an element that has left the page has no colours
    if (this.x) sliderValues().t = this.at;
    const [where, pen] = [this.position, this.pen];
    if (this.x) this.put(pen?.x);
    this.root.toggleAttribute("data-drawn", Boolean(pen) && !pen.named.current);
    if (pen) this.draw({ axis: "t", k: this.at }, pen);
    else if (where) this.draw(where, null);
    this.root.classList.toggle("waiting", !where && !pen);
    this.mark();
  }

  // Draws a stop, or what a coder makes of the reader's own drawing.
  draw(stop, coder) {
    const [{ axis, k }, { data, at, now }] = [stop, this];
    if (coder) this.code(coder, now.lam, at);
    else this.make(stop);
    for (const paint of this.panels) paint({ axis, k, t: at, trained: data.trained });
    const more = !this.x ? `: ${this.name}` : axis === "lam" ? `, λ = ${localized(String(now.lam))}` : "";
    for (const node of this.alts) node.ariaLabel = node.dataset.alt.replaceAll("{t}", data.names[at] ?? at) + more;
    const captions = (!coder && data.captions[axis]) || [""];
    bold(this.find(".caption"), this.sentence(coder, stop) ?? captions[k % captions.length] ?? "");
    const why = this.find(".why");
    why.toggleAttribute("hidden", !data.sentence);
    if (why.open) bold(why.lastElementChild, this.reason(coder));
    this.root.dataset.stop = `${axis} ${k}`;
  }

  // The distances of a solver at the frames, where they are computed here; null elsewhere.
  course(name) {
    const { pen, count, now } = this;
    return pen?.has(name) ? Float32Array.from({ length: count }, (_, t) => pen.numbers(name, now.lam, t).far) : null;
  }

  // Sets the controls to the position.
  mark() {
    const { data, at, count, range, buttons } = this;
    const last = count - 1;
    Object.assign(range, { max: last, disabled: last === 0, value: at });
    range.ariaValueText = this.find("output").textContent = this.name;
    const share = (t) => `${(100 * t) / Math.max(1, last)}%`;
    range.style.setProperty("--done", share(at));
    const marked = data.trained !== null && data.trained < last;
    range.parentElement.classList.toggle("marked", marked);
    range.parentElement.style.setProperty("--trained", share(marked ? data.trained : last));
    buttons.play.classList.toggle("playing", Boolean(this.timer));
    buttons.play.ariaLabel = this.timer ? _("Pause") : (data.plays ?? _("Play"));
    buttons.play.title = _("{action} (Space)", { action: buttons.play.ariaLabel });
    buttons.first.disabled = buttons.back.disabled = at === 0;
    buttons.next.disabled = buttons.last.disabled = at === last;
    this.root.dataset.at = at;
  }

  release() {
    this.held = false;
    if (this.data) this.seek(this.at);
  }

  // Streamlit calls this when it takes the element away, and before it hands over new data.
  leave() {
    this.resume = Boolean(this.timer);
    this.pause();
    clearTimeout(this.rest);
    this.sizes.observer.disconnect();
    delete sliderValues().t;
  }
}

export default component(Player);
