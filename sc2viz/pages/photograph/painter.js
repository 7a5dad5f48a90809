// The divider of a photograph that is filled in. What is missing is painted over, and the reader paints more; the
// server hears of a stroke when the brush is lifted.
import { component, make } from "../../browser/dom.js";
import { _ } from "../../browser/words.js";
import { Divider } from "./divider.js";

const COLOUR = "#FFD21F"; // what is missing has this colour
const GRIP = 24; // px around the middle of the line in which the divider is held

class Painter extends Divider {
  constructor(parent) {
    super(parent);
    this.view.classList.add("painted");
    this.tools = this.root.insertBefore(make("div", "brush"), this.view);
    const [brush, wide, clear] = [_("Brush"), _("Width of the brush in pixels"), _("Clear what you painted")];
    this.tools.innerHTML = `<label>${brush}
      <input type="range" min="2" max="40" value="10" aria-label="${wide}"></label>
      <button type="button" class="clear">${clear}</button>`;
    this.width = this.tools.querySelector("input");
    this.tools.querySelector(".clear").onclick = () => this.wipe();
    this.strokes = make("canvas"); // what the reader has painted, in white
    this.divide(100);
  }

  async show(data, page) {
    const fresh = JSON.stringify(data.answers.map(({ source }) => source));
    await super.show(data, page);
    if (this.data !== data) return;
    const changed = fresh !== this.fresh;
    this.fresh = fresh;
    if (changed && data.answers.length && !this.painting) this.divide(50);
  }

  clean(image, data) {
    if (this.source === data.before && this.given === data.mask && this.mine === data.painted) return;
    [this.source, this.given, this.mine] = [data.before, data.mask, data.painted];
    this.photograph = image;
    const size = [image.naturalWidth, image.naturalHeight];
    for (const canvas of [this.before, this.after]) [canvas.width, canvas.height] = size;
    if (this.strokes.width !== size[0] || this.strokes.height !== size[1] || !data.painted) {
      [this.strokes.width, this.strokes.height] = size;
    }
    this.mask = null;
    const then = (source, act) =>
      this.kept(source)
        .then(act)
        .catch(() => this.loaded.delete(source)); // the server may have dropped it
    if (data.mask)
      then(data.mask, (mask) => {
        this.mask = mask;
        this.lay();
      });
    if (data.painted && !this.restored)
      then(data.painted, (mask) => {
        this.strokes.getContext("2d").drawImage(mask, 0, 0);
        this.lay();
      });
    this.restored = true;
    this.lay();
  }

  // Draws the photograph, and over it in COLOUR what is missing.
  lay() {
    const { width, height } = this.before;
    const cover = make("canvas");
    [cover.width, cover.height] = [width, height];
    const draw = cover.getContext("2d");
    if (this.mask) draw.drawImage(this.mask, 0, 0);
    draw.drawImage(this.strokes, 0, 0);
    draw.globalCompositeOperation = "source-in";
    draw.fillStyle = COLOUR;
    draw.fillRect(0, 0, width, height);
    const ink = this.before.getContext("2d");
    ink.drawImage(this.photograph, 0, 0);
    ink.drawImage(cover, 0, 0);
  }

  noise() {
    this.left.textContent = this.data.words;
    this.before.setAttribute("aria-label", `${this.data.title}, ${this.data.words}`);
    this.tell();
  }

  grab(event) {
    const box = this.view.getBoundingClientRect();
    const at = parseFloat(this.root.style.getPropertyValue("--at"));
    const near =
      Math.hypot(event.clientX - box.left - (at / 100) * box.width, event.clientY - box.top - box.height / 2) < GRIP;
    if (near && at < 99) return super.grab(event);
    event.preventDefault();
    this.painting = true;
    this.view.setPointerCapture(event.pointerId);
    this.divide(100);
    const draw = this.strokes.getContext("2d");
    Object.assign(draw, {
      lineWidth: Number(this.width.value),
      lineCap: "round",
      lineJoin: "round",
      strokeStyle: "#fff",
    });
    const scale = this.strokes.width / box.width;
    let last = null;
    const paint = (now) => {
      const next = [(now.clientX - box.left) * scale, (now.clientY - box.top) * scale];
      draw.beginPath();
      draw.moveTo(...(last ?? next));
      draw.lineTo(...next);
      draw.stroke();
      last = next;
      this.lay();
    };
    const end = () => {
      this.view.onpointermove = this.view.onpointerup = this.view.onpointercancel = null;
      this.painting = false;
      this.told();
    };
    paint(event);
    [this.view.onpointermove, this.view.onpointerup, this.view.onpointercancel] = [paint, end, end];
  }

  // Sends what the reader has painted to the server, as a picture on which it is white.
  told() {
    const whole = make("canvas");
    [whole.width, whole.height] = [this.strokes.width, this.strokes.height];
    const draw = whole.getContext("2d");
    draw.drawImage(this.strokes, 0, 0);
    this.report("painted", whole.toDataURL("image/png"));
  }

  wipe() {
    this.strokes.getContext("2d").clearRect(0, 0, this.strokes.width, this.strokes.height);
    this.lay();
    this.divide(100);
    this.told();
  }

  step() {}
}

export default component(Painter);
