// A canvas to draw on: strokes, which are drawn anew when they are moved, become a picture of the size of the data.
import { make } from "./dom.js";
import { _ } from "./words.js";

const SIDE = 224; // px of the canvas, about
const THICK = 0.08; // of the picture's height: a pen as thick as that of MNIST's digits

const NOUNS = { digit: _("digit"), patch: _("patch"), picture: _("picture"), row: _("row") }; // others stay as they are

export class Pad {
  // Each change of the drawing calls `drawn(x)` with its pixels, multiples of 1/255 from 0 to 1, (high · wide,); with
  // null where nothing is drawn any more. `lifted(x)` is called when the pen is lifted and a slider let go.
  constructor({ high, wide, noun: what }, drawn, lifted = () => {}) {
    const [scale, noun] = [Math.max(1, Math.round(SIDE / high)), NOUNS[what] ?? what];
    Object.assign(this, { high, wide, scale, drawn, lifted, strokes: [], erases: false, picture: null });
    this.root = make("section", "pad", "", { ariaLabel: _("Draw a {noun}", { noun }) });
    this.root.innerHTML = `<h2></h2><div class="pad-paper"><canvas role="img"></canvas><p aria-hidden="true"></p></div>
      <div class="pad-tools"><button name="undo">${_("Undo")}</button><button name="clear">${_("Clear")}</button>
      <button name="erase" aria-pressed="false">${_("Eraser")}</button></div>
      <label>${_("Pen")} <input type="range" name="thick" min="0.03" max="0.2" step="0.01" value="${THICK}"></label>
      <label>${_("Shift")} <input type="range" name="shift" min="-0.5" max="0.5" step="0.01" value="0"></label>
      <label>${_("Turn")} <input type="range" name="turn" min="-180" max="180" step="2" value="0"></label>`;
    this.root.querySelector("h2").textContent = this.root.ariaLabel;
    this.root.querySelector("p").textContent = _("Draw a {noun} here, with a finger or the mouse", { noun });
    const find = (name) => this.root.querySelector(`[name=${name}]`);
    this.inputs = Object.fromEntries(["thick", "shift", "turn"].map((name) => [name, find(name)]));
    this.canvas = this.root.querySelector("canvas");
    Object.assign(this.canvas, { width: wide * scale, height: high * scale });
    this.canvas.ariaLabel = _("Draw a {noun} here: press the mouse or a finger and move it", { noun });
    this.paper = this.canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(this.paper, { lineCap: "round", lineJoin: "round", strokeStyle: "#fff", fillStyle: "#fff" });
    Object.assign(this.paper, { textAlign: "center", textBaseline: "middle" });
    find("undo").onclick = () => this.change(this.strokes.slice(0, -1));
    find("clear").onclick = () => this.write("");
    find("erase").onclick = ({ currentTarget }) => {
      this.erases = !this.erases;
      currentTarget.ariaPressed = this.erases;
    };
    for (const name of ["shift", "turn"]) {
      this.inputs[name].oninput = () => this.tell();
      this.inputs[name].onchange = () => this.lifted(this.picture);
    }
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.held = true;
      const thick = this.inputs.thick.value * this.high;
      this.strokes.push({ thick, erases: this.erases, points: [this.place(event)] });
      this.tell();
    };
    canvas.onpointermove = (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const all = event.getCoalescedEvents?.() ?? [];
      this.strokes.at(-1).points.push(...(all.length ? all : [event]).map((each) => this.place(each)));
      this.tell();
    };
    canvas.onlostpointercapture = () => {
      this.held = false;
      this.lifted(this.picture);
    };
    this.paint();
  }

  // How strokes, which are in pixels of the picture, come onto the canvas.
  get matrix() {
    const { wide, high, scale, inputs } = this;
    return new DOMMatrix()
      .scale(scale)
      .translate(wide / 2 + inputs.shift.value * wide, high / 2)
      .rotate(inputs.turn.value)
      .translate(-wide / 2, -high / 2);
  }

  // Where the pointer is on the strokes' own ground.
  place({ offsetX, offsetY }) {
    const { canvas, matrix } = this;
    const share = canvas.width / canvas.clientWidth;
    return matrix.inverse().transformPoint(new DOMPoint(offsetX * share, offsetY * share));
  }

  // Draws a text, such as a digit, in the place of what is drawn, for who cannot draw. "" clears the canvas.
  write(text) {
    this.forget();
    this.change(text ? [{ text }] : []);
  }

  // Clears the canvas without telling.
  forget() {
    this.strokes = [];
    this.inputs.shift.value = this.inputs.turn.value = 0;
    this.picture = null;
    this.paint();
  }

  // Takes other strokes, as if the pen had drawn them.
  change(strokes) {
    this.strokes = strokes;
    this.tell();
    this.lifted(this.picture);
  }

  tell() {
    this.paint();
    const pixels = this.pixels();
    this.picture = pixels.some((value) => value > 0) ? pixels : null;
    this.drawn(this.picture);
  }

  paint() {
    this.root.toggleAttribute("data-empty", !this.strokes.length);
    const { paper, canvas, strokes } = this;
    paper.resetTransform();
    paper.clearRect(0, 0, canvas.width, canvas.height);
    paper.setTransform(this.matrix);
    for (const { text, thick, erases, points } of strokes) {
      if (text) {
        paper.font = `${0.8 * this.high}px sans-serif`;
        paper.fillText(text, this.wide / 2, this.high / 2);
        continue;
      }
      paper.globalCompositeOperation = erases ? "destination-out" : "source-over";
      paper.lineWidth = thick;
      paper.beginPath();
      for (const [k, { x, y }] of points.entries()) k ? paper.lineTo(x, y) : paper.moveTo(x, y);
      if (points.length === 1) paper.lineTo(points[0].x, points[0].y + 1e-3); // a dot
      paper.stroke();
    }
    paper.globalCompositeOperation = "source-over";
  }

  // The ink on each pixel of the picture, which many of the canvas make, as a share of it.
  pixels() {
    const { wide, high, scale, paper, canvas } = this;
    const { data } = paper.getImageData(0, 0, canvas.width, canvas.height);
    const ink = new Float64Array(high * wide);
    for (let y = 0, at = 3; y < canvas.height; y++) {
      const row = Math.floor(y / scale) * wide;
      for (let x = 0; x < canvas.width; x++, at += 4) if (data[at]) ink[row + Math.floor(x / scale)] += data[at];
    }
    return Float32Array.from(ink, (sum) => Math.round(sum / (scale * scale)) / 255);
  }
}
