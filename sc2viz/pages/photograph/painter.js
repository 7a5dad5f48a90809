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
    this.tools = this.root.insertBefore(make("div", "brush"), this.view);
    const [brush, width, clear] = [_("Brush"), _("Width of the brush in pixels"), _("Clear what you painted")];
    const hint = _("Where “painted” is chosen, a finger paints. Otherwise it scrolls the page.");
    this.tools.innerHTML = `<label>${brush}
      <input type="range" min="2" max="40" value="10" aria-label="${width}"></label>
      <button type="button" class="clear">${clear}</button><small>${hint}</small>`;
    this.width = this.tools.querySelector("input");
    this.tools.querySelector(".clear").onclick = () => this.wipe();
    this.strokes = make("canvas"); // what the reader has painted, in white
    this.divide(100);
  }

  async show(data, page) {
    const sources = JSON.stringify(data.answers.map(({ source }) => source));
    await super.show(data, page);
    if (this.data !== data || sources === this.sources) return;
    this.sources = sources;
    if (data.answers.length && !this.isPainting) this.divide(50);
  }

  clean(image, data) {
    if (this.source === data.before && this.maskSource === data.mask && this.paintedSource === data.painted) return;
    [this.source, this.maskSource, this.paintedSource] = [data.before, data.mask, data.painted];
    this.photograph = image;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const { before, after, strokes } = this;
    const isOther = strokes.width !== width || strokes.height !== height || !data.painted;
    for (const canvas of isOther ? [before, after, strokes] : [before, after]) Object.assign(canvas, { width, height });
    this.mask = null;
    const take = async (source, act) => {
      try {
        act(await this.picture(source));
        this.lay();
      } catch {
        this.loaded.delete(source); // the server may have dropped it
      }
    };
    if (data.mask) take(data.mask, (mask) => Object.assign(this, { mask }));
    if (data.painted && !this.isRestored)
      take(data.painted, (strokes) => this.strokes.getContext("2d").drawImage(strokes, 0, 0));
    this.isRestored = Boolean(data.painted);
    this.lay();
  }

  // Draws the photograph, and over it in COLOUR what is missing.
  lay() {
    const { width, height } = this.before;
    const cover = make("canvas", "", "", { width, height });
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

  drawNoise() {
    this.view.classList.toggle("painted", !this.data.mask);
    this.label(this.data.caption);
    this.labelAnswer();
  }

  grab(event) {
    const { left, top, width, height } = this.view.getBoundingClientRect();
    const share = parseFloat(this.root.style.getPropertyValue("--at"));
    const distance = Math.hypot(event.clientX - left - (share / 100) * width, event.clientY - top - height / 2);
    const isFinger = event.pointerType === "touch"; // It paints once it moves, and only where that is asked for.
    if ((distance < GRIP && share < 99) || (isFinger && this.data?.mask)) return super.grab(event);
    event.preventDefault();
    this.isPainting = true;
    const draw = this.strokes.getContext("2d");
    Object.assign(draw, { lineWidth: this.width.value, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
    const scale = this.strokes.width / width;
    let last = null;
    const paint = ({ clientX, clientY }) => {
      const next = [(clientX - left) * scale, (clientY - top) * scale];
      draw.beginPath();
      draw.moveTo(...(last ?? next));
      draw.lineTo(...next);
      draw.stroke();
      last = next;
      this.divide(100);
      this.lay();
    };
    if (!isFinger) paint(event);
    this.track(event, paint, () => {
      this.isPainting = false;
      if (last) this.tellPainted();
    });
  }

  // Sends what the reader has painted to the server, as a picture on which it is white.
  tellPainted() {
    this.isRestored = true; // the strokes stand here
    this.report("painted", this.strokes.toDataURL("image/png"));
  }

  wipe() {
    this.strokes.getContext("2d").clearRect(0, 0, this.strokes.width, this.strokes.height);
    this.lay();
    this.divide(100);
    this.tellPainted();
  }
}

export default component(Painter);
