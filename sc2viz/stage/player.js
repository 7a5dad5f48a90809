// Frames with controls, position and keys; or iterations t of codes, which follow λ and T too. The position outlives new
// data and a change of page.
import "./curves.js";
import { component, isDark, make } from "./dom.js";
import { painters } from "./draw.js";
import { Follower } from "./follow.js";

const SPEEDS = [1, 2, 5, 10, 30]; // frames a second
const CALM = 1; // where the reader asks for reduced motion
const REST = 500; // ms without a step until the server hears of the position
const kept = new Map(); // id of a scrubber → { at, speed }

const ICONS = {
  first: "M6 5v14M19 5l-10 7 10 7z",
  back: "M16 5l-10 7 10 7z",
  play: "M7 4l13 8-13 8z",
  pause: "M7 5v14M16 5v14",
  next: "M8 5l10 7-10 7z",
  last: "M18 5v14M5 5l10 7-10 7z",
};
const icon = (name) =>
  `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}" fill="currentColor" stroke="currentColor"
  stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round"/></svg>`;

// What has the focus where no control has it: the page's body, or its main part after a click there.
const isGround = (node) => ["BODY", "MAIN"].includes(node.tagName);

class Player extends Follower {
  constructor(parent) {
    super();
    this.root = make("section", "scrubber");
    this.root.innerHTML = `
      <div class="bar" role="group" aria-label="Playback">
        <div class="buttons"></div>
        <div class="track"><i aria-hidden="true"></i><input type="range" min="0" step="1"></div>
        <output></output>
        <label class="speed">Speed <select aria-label="Steps a second"></select></label>
      </div>
      <p class="caption" aria-live="polite"></p>
      <div class="cards"></div><div class="wide"></div><i class="probe" aria-hidden="true"></i>`;
    const find = (what) => this.root.querySelector(what);
    [this.range, this.output, this.speed] = [find("input"), find("output"), find("select")];
    this.caption = find(".caption");
    [this.cards, this.wide, this.buttons] = [find(".cards"), find(".wide"), {}];
    const actions = { first: "Home", back: "←", play: "Space", next: "→", last: "End" };
    for (const [name, key] of Object.entries(actions)) {
      const button = make("button", name);
      button.type = "button";
      button.innerHTML = icon(name);
      button.dataset.key = key;
      button.onclick = () => this.act(name);
      find(".buttons").append(button);
      this.buttons[name] = button;
    }
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}/s`, speed));
    this.speed.onchange = () => {
      this.memory.speed = Number(this.speed.value);
      if (this.timer) this.play();
    };
    this.range.oninput = () => this.go(Number(this.range.value));
    this.root.addEventListener("keydown", (event) => this.key(event));
    // An arrow key pressed where nothing has the focus is meant for the picture.
    this.outside = (event) => this.data && isGround(event.target) && event.key.startsWith("Arrow") && this.key(event);
    this.moved = ({ detail }) => this.data && this.follow(detail);
    this.root.onpointerdown = () => (this.held = true);
    this.release = () => {
      if (!this.held) return;
      this.held = false;
      if (this.data) this.seek(this.at);
    };
    this.sizes = new ResizeObserver(() => this.paint());
    // The theme's colours arrive as custom properties; a transition is the one event that their change raises.
    find(".probe").addEventListener("transitionrun", () => requestAnimationFrame(() => this.paint()));
    this.motion = window.matchMedia("(prefers-reduced-motion: reduce)");
    parent.append(this.root);
  }

  // New data, or the old once more because the page ran again.
  async show(given, report) {
    document.addEventListener("keydown", this.outside);
    window.addEventListener("sc2viz-moved", this.moved);
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.release, true);
    this.sizes.observe(this.root);
    const before = this.data; // none: from another page, or for the first time
    const followed = before && (before.live || (before.names.length && this.at === this.count - 1));
    if (!(await this.take(given, report))) return;
    const { data } = this;
    this.report = report;
    this.memory = kept.get(data.id) || { at: data.at.t, speed: 2 };
    kept.set(data.id, this.memory);
    if (data.live || followed) this.memory.at = this.count - 1;
    if (before?.stamp !== data.stamp) this.build();
    if (this.resume) this.play();
    if (!before) {
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
    return this.x ? (window.sc2vizAt?.T ?? this.data.at.T) + 1 : this.data.stops.t.length;
  }

  build() {
    const { data } = this;
    this.root.className = `scrubber ${data.layout}`;
    this.root.querySelector(".bar").hidden = data.live;
    this.root.setAttribute("aria-label", `${data.unit} by ${data.unit}`);
    this.range.setAttribute("aria-label", data.unit);
    this.speed.value = this.memory.speed;
    const words = { first: `First ${data.unit}`, back: "One step back", next: "One step on", last: `Last ${data.unit}` };
    for (const [name, text] of Object.entries(words)) this.name(name, text);
    this.panels = [];
    const panel = (one) => {
      const made = painters[one.kind](one, this);
      this.panels.push(made);
      return made.node;
    };
    this.readings = [];
    // As many beside each other at most, so that two rows are about equally long.
    const cards = data.groups.length;
    this.cards.style.setProperty("--most", cards > 4 ? Math.ceil(cards / 2) : cards);
    this.cards.replaceChildren(...data.groups.map((group) => this.card(group, panel)));
    this.wide.replaceChildren(...data.wide.map(panel));
  }

  card(group, panel) {
    const node = make("article");
    node.setAttribute("aria-label", group.title);
    node.style.setProperty("--solver", group.colour || "currentColor");
    if (group.dashed) node.classList.add("dashed");
    const head = make("header");
    head.append(make("span", "", group.title), make("small", "", group.note));
    const pictures = make("div", "pictures");
    const rest = make("div", "rest");
    for (const one of group.panels) (one.kind === "picture" ? pictures : rest).append(panel(one));
    const numbers = make("dl");
    group.readings.forEach(([meaning, values], k) => {
      const row = make("div", k ? "" : "headline");
      row.append(make("dt", "", meaning), this.reading("dd", values));
      numbers.append(row);
    });
    if (group.scale) {
      const bar = make("div", "scale");
      bar.setAttribute("role", "img");
      bar.setAttribute("aria-label", `Colour bar, ${group.scale.meaning}`);
      const strip = make("i");
      strip.style.background = `linear-gradient(to right, ${group.scale.stops.join(", ")})`;
      const ticks = make("div");
      ticks.append(...group.scale.ticks.map((values) => this.reading("span", values)));
      bar.append(make("span", "", group.scale.meaning), strip, ticks);
      numbers.append(bar);
    }
    node.append(head, pictures, rest, numbers);
    return node;
  }

  // Words that move: `values` are those at each stop, by axis.
  reading(tag, values) {
    const node = make(tag);
    this.readings.push([node, values]);
    return node;
  }

  get at() {
    return Math.min(this.memory.at, this.count - 1);
  }

  go(t) {
    this.pause();
    this.seek(t);
  }

  name(button, text) {
    const node = this.buttons[button];
    node.setAttribute("aria-label", text);
    node.title = `${text} (${node.dataset.key})`;
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
    this.report("at", this.at);
  }

  act(name) {
    if (name === "play") return this.timer ? this.halt() : this.play();
    this.go({ first: 0, back: this.at - 1, next: this.at + 1, last: this.count - 1 }[name]);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === this.speed) return;
    const space = event.key === " " && event.target.tagName !== "BUTTON" ? "play" : undefined;
    const keys = { ArrowLeft: "back", ArrowDown: "back", ArrowRight: "next", ArrowUp: "next", Home: "first", End: "last" };
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
    if (this.x) (window.sc2vizAt ??= {}).t = this.at;
    const where = this.position;
    if (where) this.draw(where);
    this.mark();
  }

  draw(where) {
    const { data, at } = this;
    const style = getComputedStyle(this.root);
    const paper = getComputedStyle(this.root.querySelector(".probe")).backgroundColor;
    const look = { ...where, t: at, ink: style.color, paper, font: `12px ${style.fontFamily}`, dark: isDark(this.root), trained: data.trained };
    this.make(where);
    for (const panel of this.panels) panel.paint(look);
    for (const [node, values] of this.readings) {
      const texts = values[where.axis];
      if (texts) node.textContent = texts[where.k % texts.length];
    }
    const captions = data.captions[where.axis];
    const text = (captions[where.k % captions.length] ?? "").split("**");
    this.caption.replaceChildren(...text.map((part, k) => (k % 2 ? make("b", "", part) : part)));
    this.caption.setAttribute("aria-live", this.timer ? "off" : "polite");
    this.root.dataset.stop = `${where.axis} ${where.k}`;
  }

  // The controls, as they stand at the position.
  mark() {
    const { data, at, count } = this;
    const last = count - 1;
    this.range.max = last;
    this.range.disabled = last === 0;
    this.range.value = at;
    const name = data.names[at] ?? `${data.unit} ${at} of ${last}`;
    this.range.setAttribute("aria-valuetext", name);
    this.range.style.setProperty("--done", `${(100 * at) / Math.max(1, last)}%`);
    const track = this.range.parentElement;
    const marked = data.trained !== null && data.trained < last;
    track.classList.toggle("marked", marked);
    track.style.setProperty("--trained", `${marked ? (100 * data.trained) / last : 100}%`);
    this.output.textContent = name;
    const playing = Boolean(this.timer);
    if (this.playing !== playing) {
      this.playing = playing;
      this.buttons.play.innerHTML = icon(playing ? "pause" : "play");
      this.name("play", playing ? "Pause" : "Play");
    }
    this.buttons.first.disabled = this.buttons.back.disabled = at === 0;
    this.buttons.next.disabled = this.buttons.last.disabled = at === last;
    this.root.dataset.at = at;
  }

  // Streamlit takes the element away, or is about to hand over new data.
  leave() {
    this.turn += 1;
    this.resume = Boolean(this.timer);
    this.pause();
    clearTimeout(this.rest);
    this.sizes.disconnect();
    document.removeEventListener("keydown", this.outside);
    window.removeEventListener("sc2viz-moved", this.moved);
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.release, true);
    delete window.sc2vizAt?.t;
  }
}

export default component(Player);
