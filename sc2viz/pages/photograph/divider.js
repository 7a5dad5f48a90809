// A photograph before and after, with a divider between the two. While σ is dragged, its noise is added here, with the
// numbers that numpy draws; the server hears of σ when it is let go. A click and the arrow keys choose the place of a
// patch.
import { make } from "../../browser/dom.js";
import { onMoved, sliderValues } from "../../browser/messages.js";
import { _, localized } from "../../browser/words.js";
import { add, gauss } from "./noise.js";

const STILL = 4; // px: a pointer that moves less has clicked
const PAUSE = 350; // ms after the last arrow key until the place is reported
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const load = async (source) => {
  const image = new Image();
  image.src = new URL(source, document.baseURI);
  await image.decode();
  return image;
};

const decibels = (value) => localized(`${value.toFixed(2)}\u00a0dB`);

export class Divider {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "divider"));
    const [photograph, right] = [_("The photograph"), _("What is on the right of the divider")];
    const before = _("Divider: how much is shown as it was before");
    this.root.innerHTML = `<div class="tabs" role="group" aria-label="${right}"></div>
      <div class="view" role="application" tabindex="0">
        <canvas class="after" role="img" aria-label="${photograph}"></canvas>
        <canvas class="before" role="img" aria-label="${photograph}"></canvas><i class="place"></i><i class="line"></i>
        <input class="handle" type="range" min="0" max="100" step="0.5" value="50"
          aria-label="${before}">
        <span class="said left"></span><span class="said right"></span></div>`;
    const find = (what) => this.root.querySelector(what);
    [this.tabs, this.view, this.after, this.before] = [".tabs", ".view", ".after", ".before"].map(find);
    [this.handle, this.left, this.right, this.place] = [".handle", ".left", ".right", ".place"].map(find);
    this.turn = 0;
    this.handle.oninput = () => this.divide(Number(this.handle.value));
    this.view.onpointerdown = (event) => this.grab(event);
    this.view.onkeydown = (event) => this.step(event);
    this.divide(50);
  }

  async show(data, { report, signal }) {
    this.turn += 1;
    const { turn } = this;
    this.report = report;
    onMoved((key) => key === "sigma" && this.data && this.noise(sliderValues().sigma), signal);
    const sources = [data.before, ...data.answers.map((answer) => answer.source)];
    // The server may have dropped a picture, because a later run has made others. Those arrive next.
    const images = await Promise.all(sources.map((source) => this.kept(source))).catch(() => this.loaded.clear());
    if (!images || turn !== this.turn) return;
    this.data = data;
    this.images = images;
    this.root.style.setProperty("--shape", `${data.size[1]} / ${data.size[0]}`);
    this.root.style.setProperty("--ratio", data.size[1] / data.size[0]);
    this.clean(images[0], data);
    this.choose(data.answers.findIndex(({ name }) => name === data.front));
    this.noise(data.sigma);
    this.place.hidden = !data.place;
    if (data.place) this.mark(data.place);
    this.view.setAttribute(
      "aria-label",
      [data.title, ...(data.place ? [_("Arrow keys move the place whose patch is shown.")] : [])].join(". "),
    );
  }

  // A picture, loaded once. The last twelve are kept.
  kept(source) {
    this.loaded = new Map([...(this.loaded ?? [])].slice(-12));
    if (!this.loaded.has(source)) this.loaded.set(source, load(source));
    return this.loaded.get(source);
  }

  // Takes a clean picture: its bytes, and as many numbers of noise unless the photograph came with noise of its own.
  clean(image, { before, channels, noisy }) {
    if (this.source === before) return;
    this.source = before;
    for (const canvas of [this.before, this.after])
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const draw = this.before.getContext("2d", { willReadFrequently: true });
    draw.drawImage(image, 0, 0);
    this.pixels = draw.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    const { data } = this.pixels;
    this.bytes = new Uint8ClampedArray((data.length / 4) * channels);
    for (let k = 0; k < data.length / 4; k++)
      for (let c = 0; c < channels; c++) this.bytes[k * channels + c] = data[4 * k + c];
    this.drawn = noisy ? null : gauss(this.bytes.length);
  }

  // Draws the photograph with noise of σ, and says so.
  noise(sigma) {
    const { answers, channels, words, title } = this.data;
    this.view.classList.toggle("stale", sigma !== this.data.sigma);
    let said = words;
    if (this.drawn && this.painted !== `${this.source} ${sigma}`) {
      this.psnr = add(this.bytes, this.drawn, sigma * this.data.shrunk, channels, this.pixels.data);
      this.before.getContext("2d").putImageData(this.pixels, 0, 0);
      this.painted = `${this.source} ${sigma}`;
    }
    if (this.drawn && sigma !== this.data.sigma) said = `σ = ${sigma}, ${decibels(this.psnr)}`;
    this.left.textContent = said;
    this.before.setAttribute("aria-label", `${title}, ${said}`);
    if (answers[this.front] && sigma !== this.data.sigma)
      this.right.textContent = _("{name} at σ = {sigma}", { name: answers[this.front].label, sigma: this.data.sigma });
    else this.tell();
  }

  // Shows one of the answers on the right of the divider, or none for −1.
  choose(front) {
    const { answers } = this.data;
    this.front = front;
    this.tabs.replaceChildren(
      ...answers.map(({ name, label, reached, light, dark }, k) => {
        const tab = make("button", k === front ? "on" : "", label);
        tab.append(" ", make("small", "", reached));
        tab.type = "button";
        tab.setAttribute("aria-pressed", k === front);
        tab.style.setProperty("--c", `light-dark(${light}, ${dark})`);
        tab.onclick = () => {
          this.choose(k);
          this.report("front", name);
        };
        return tab;
      }),
    );
    const image = answers[front] && this.images[1 + front];
    this.before.classList.toggle("alone", !image);
    if (image) this.after.getContext("2d").drawImage(image, 0, 0, this.after.width, this.after.height);
    this.tell();
  }

  tell() {
    const answer = this.data.answers[this.front];
    this.right.textContent = answer?.words ?? "";
    this.after.setAttribute("aria-label", answer ? `${this.data.title}, ${answer.words}` : _("not there yet"));
  }

  divide(share) {
    this.root.style.setProperty("--at", `${share}%`);
    this.handle.value = share;
    this.handle.ariaValueText = _("{share} % as before", { share: Math.round(share) });
  }

  // The divider follows a pointer that moves while it is pressed. One that does not move has clicked on a place.
  grab(event) {
    if (event.target === this.handle && event.pointerType === "") return;
    const box = this.view.getBoundingClientRect();
    const [x, y] = [event.clientX, event.clientY];
    let moving = false;
    const move = (now) => {
      if (!moving && Math.abs(now.clientX - x) < STILL) return;
      moving = true;
      this.divide(Math.max(0, Math.min(100, (100 * (now.clientX - box.left)) / box.width)));
    };
    const end = (now) => {
      for (const [what, then] of [
        ["pointermove", move],
        ["pointerup", end],
        ["pointercancel", end],
      ])
        window.removeEventListener(what, then);
      if (moving || now.type !== "pointerup" || Math.abs(now.clientY - y) >= STILL) return;
      const [high, wide] = this.data.size;
      this.go(Math.floor(((y - box.top) / box.height) * high), Math.floor(((x - box.left) / box.width) * wide), 0);
    };
    for (const [what, then] of [
      ["pointermove", move],
      ["pointerup", end],
      ["pointercancel", end],
    ])
      window.addEventListener(what, then);
  }

  step(event) {
    const by = this.data?.place && event.target === this.view && STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    const stride = event.shiftKey ? this.data.place.side : 1;
    this.go(this.data.place.row + stride * by[0], this.data.place.column + stride * by[1], PAUSE);
  }

  go(row, column, pause) {
    if (!this.data.place) return;
    const [high, wide] = this.data.size;
    const place = {
      ...this.data.place,
      row: Math.max(0, Math.min(high - 1, row)),
      column: Math.max(0, Math.min(wide - 1, column)),
    };
    this.data.place = place;
    this.mark(place);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.report("place", [place.row, place.column]), pause);
  }

  // Puts the square around the patch of a pixel.
  mark({ row, column, side }) {
    const [high, wide] = this.data.size;
    const corner = (at, all) => Math.max(0, Math.min(at - Math.floor(side / 2), all - side));
    const share = (at, all) => `${(100 * at) / all}%`;
    Object.assign(this.place.style, {
      top: share(corner(row, high), high),
      left: share(corner(column, wide), wide),
      width: share(side, wide),
      height: share(side, high),
    });
  }

  leave() {
    this.turn += 1;
    clearTimeout(this.later);
  }
}
