// A photograph before and after, with a divider. While σ is dragged, its noise is added here, with the numbers that
// numpy draws; the server hears of σ when it is let go. A click and the arrow keys choose the place of a patch.
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
        <span class="caption left"></span><span class="caption right"></span></div>`;
    const find = (selector) => this.root.querySelector(selector);
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
    onMoved((key) => key === "sigma" && this.data && this.drawNoise(sliderValues().sigma), signal);
    const sources = [data.before, ...data.answers.map((answer) => answer.source)];
    // The server may have dropped a picture, because a later run has made others. Those arrive next.
    const images = await Promise.all(sources.map((source) => this.picture(source))).catch(() => this.loaded.clear());
    if (!images || turn !== this.turn) return;
    this.data = data;
    this.images = images;
    const [height, width] = data.size;
    this.root.style.setProperty("--shape", `${width} / ${height}`);
    this.root.style.setProperty("--ratio", width / height);
    this.clean(images[0], data);
    this.choose(data.answers.findIndex(({ name }) => name === data.front));
    this.drawNoise(data.sigma);
    this.place.hidden = !data.place;
    if (data.place) this.mark(data.place);
    const keys = data.place ? [_("Arrow keys move the place whose patch is shown.")] : [];
    this.view.ariaLabel = [data.title, ...keys].join(". ");
  }

  // A picture, loaded once. The last twelve stay.
  picture(source) {
    this.loaded = new Map([...(this.loaded ?? [])].slice(-12));
    if (!this.loaded.has(source)) this.loaded.set(source, load(source));
    return this.loaded.get(source);
  }

  // Takes a clean picture: its bytes, and as many numbers of noise unless the photograph came with noise of its own.
  clean(image, { before, channels, noisy }) {
    if (this.source === before) return;
    this.source = before;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    for (const canvas of [this.before, this.after]) Object.assign(canvas, { width, height });
    const draw = this.before.getContext("2d", { willReadFrequently: true });
    draw.drawImage(image, 0, 0);
    this.pixels = draw.getImageData(0, 0, width, height);
    const { data } = this.pixels;
    this.bytes = new Uint8ClampedArray((data.length / 4) * channels);
    for (let k = 0; k < data.length / 4; k++)
      for (let c = 0; c < channels; c++) this.bytes[k * channels + c] = data[4 * k + c];
    this.noise = noisy ? null : gauss(this.bytes.length);
  }

  // Draws the photograph with noise of σ, and says so.
  drawNoise(sigma) {
    const { data, source } = this;
    const isStale = sigma !== data.sigma;
    this.view.classList.toggle("stale", isStale);
    if (this.noise && this.noisyState !== `${source} ${sigma}`) {
      this.psnr = add(this.bytes, this.noise, sigma * data.shrunk, data.channels, this.pixels.data);
      this.before.getContext("2d").putImageData(this.pixels, 0, 0);
      this.noisyState = `${source} ${sigma}`;
    }
    this.label(this.noise && isStale ? `σ = ${sigma}, ${decibels(this.psnr)}` : data.caption);
    const answer = data.answers[this.front];
    if (answer && isStale)
      this.right.textContent = _("{name} at σ = {sigma}", { name: answer.label, sigma: data.sigma });
    else this.labelAnswer();
  }

  // Says what is on the left of the divider.
  label(caption) {
    this.left.textContent = caption;
    this.before.ariaLabel = `${this.data.title}, ${caption}`;
  }

  // Shows one of the answers on the right of the divider, or none for −1.
  choose(front) {
    const { answers } = this.data;
    this.front = front;
    this.tabs.replaceChildren(
      ...answers.map(({ name, label, psnr, light, dark }, k) => {
        const tab = make("button", k === front ? "on" : "", label);
        tab.append(" ", make("small", "", psnr));
        tab.style.setProperty("--c", `light-dark(${light}, ${dark})`);
        const onclick = () => {
          this.choose(k);
          this.report("front", name);
        };
        return Object.assign(tab, { type: "button", ariaPressed: k === front, onclick });
      }),
    );
    const image = answers[front] && this.images[1 + front];
    this.before.classList.toggle("alone", !image);
    if (image) this.after.getContext("2d").drawImage(image, 0, 0, this.after.width, this.after.height);
    this.labelAnswer();
  }

  labelAnswer() {
    const answer = this.data.answers[this.front];
    this.right.textContent = answer?.caption ?? "";
    this.after.ariaLabel = answer ? `${this.data.title}, ${answer.caption}` : _("not there yet");
  }

  divide(share) {
    this.root.style.setProperty("--at", `${share}%`);
    this.handle.value = share;
    this.handle.ariaValueText = _("{share} % as before", { share: Math.round(share) });
  }

  // The divider follows a pointer that moves while it is pressed. One that does not move has clicked on a place.
  grab(event) {
    const { left, top, width, height } = this.view.getBoundingClientRect();
    const [x, y] = [event.clientX, event.clientY];
    let isMoving = false;
    const move = ({ clientX }) => {
      isMoving ||= Math.abs(clientX - x) >= STILL;
      if (isMoving) this.divide(Math.max(0, Math.min(100, (100 * (clientX - left)) / width)));
    };
    this.track(event, move, ({ type, clientY }) => {
      if (isMoving || type !== "pointerup" || Math.abs(clientY - y) >= STILL) return;
      const [rows, columns] = this.data.size;
      this.choosePlace([((y - top) / height) * rows, ((x - left) / width) * columns].map(Math.floor), 0);
    });
  }

  // Calls `move` while the pointer is pressed, and `end` when it is lifted.
  track({ pointerId }, move, end) {
    const { view } = this;
    view.setPointerCapture(pointerId);
    const stop = (event) => {
      view.onpointermove = view.onpointerup = view.onpointercancel = null;
      end(event);
    };
    Object.assign(view, { onpointermove: move, onpointerup: stop, onpointercancel: stop });
  }

  step(event) {
    const { place } = this.data ?? {};
    const direction = place && event.target === this.view && STEPS[event.key];
    if (!direction) return;
    event.preventDefault();
    const stride = event.shiftKey ? place.side : 1;
    this.choosePlace([place.row + stride * direction[0], place.column + stride * direction[1]], PAUSE);
  }

  choosePlace(pixel, pause) {
    const { place, size } = this.data;
    if (!place) return;
    const [row, column] = pixel.map((index, k) => Math.max(0, Math.min(size[k] - 1, index)));
    this.mark(Object.assign(place, { row, column }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report("place", [row, column]), pause);
  }

  // Puts the square around the patch of a pixel.
  mark({ row, column, side }) {
    const [height, width] = this.data.size;
    const corner = (index, length) => Math.max(0, Math.min(index - Math.floor(side / 2), length - side));
    const share = (pixels, length) => `${(100 * pixels) / length}%`;
    Object.assign(this.place.style, {
      top: share(corner(row, height), height),
      left: share(corner(column, width), width),
      width: share(side, width),
      height: share(side, height),
    });
  }

  leave() {
    this.turn += 1;
    clearTimeout(this.timer);
  }
}
