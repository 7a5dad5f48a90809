// What a phone draws for its class: a canvas and its picture, ten digits to choose from, and the drawing as a sum.
import { Coder, OPTIMUM } from "./coder.js";
import { natural } from "./colour.js";
import { parcels, pixelsOf } from "./decode.js";
import { bold, make } from "./dom.js";
import { mosaic } from "./draw.js";
import { onSentence, sentence, sliderValues, tellDrawn, tellMoved } from "./messages.js";
import { Pad } from "./pen.js";
import { slider } from "./sliders.js";
import { Adder } from "./sum.js";
import { _ } from "./words.js";

const ACROSS = 28; // pixels of a drawing's side
const LEVELS = 255;

// A drawing travels as a byte a pixel, and in the server's messages as base64.
const packed = (x) => Uint8Array.from(x, (value) => Math.round(LEVELS * value));
const textOf = (pixels) => btoa(String.fromCharCode(...pixels));

// Shows a drawing, in base64, on a canvas.
export const showDrawing = (canvas, text) =>
  mosaic(canvas, 1, ACROSS, ACROSS, 1)(natural(text ? pixelsOf(text) : new Float32Array(ACROSS * ACROSS), 1));

// Where a drawing is made. `drawn` is called where it has changed, and `send` with its bytes.
export class DrawingForm {
  constructor(drawn, send) {
    this.root = make("form", "drawing");
    this.pad = new Pad({ high: ACROSS, wide: ACROSS, noun: "digit" }, (x) => {
      this.pixels = x && packed(x);
      this.text = x ? textOf(this.pixels) : "";
      showDrawing(this.preview, this.text);
      drawn();
    });
    const figure = make("figure", "preview");
    const ariaLabel = _("Your drawing, 28 × 28 pixels");
    this.preview = figure.appendChild(make("canvas", "", "", { role: "img", ariaLabel }));
    figure.append(make("figcaption", "", _("What the solvers will see: 28 × 28 pixels.")));
    const label = make("label", "digits", _("Or choose a digit"));
    this.digits = label.appendChild(make("select"));
    this.digits.append(...["", ..."0123456789"].map((digit) => new Option(digit, digit)));
    this.digits.onchange = () => this.digits.value && this.pad.write(this.digits.value);
    this.button = make("button", "", _("Send"));
    this.root.append(this.pad.root, figure, label, this.button);
    this.root.querySelector(".pad-tools").onclick = (event) => event.preventDefault(); // these send nothing
    this.root.onsubmit = (event) => {
      event.preventDefault();
      send(this.pixels);
    };
    this.text = "";
    showDrawing(this.preview, "");
  }
}

// Shows a drawing, in base64, as a sum of atoms at the λ of a slider. What it needs comes from an address.
export const showSum = async (parent, text, address) => {
  const { html, css } = globalThis.sc2vizSum; // from join.py
  const { sum, lam, stops, B, parcels: texts } = await (await fetch(address)).json();
  await parcels.add(texts);
  const coder = new Coder(parcels.get(B.name), B.size, 1).look(pixelsOf(text));
  const atoms = `atoms ${B.name}`;
  parcels.kept.set(atoms, coder.all.get(OPTIMUM).atoms);
  sum.columns[1].atoms = { name: atoms };
  tellDrawn(coder);
  parent.replaceChildren();
  const root = parent.appendChild(make("div")).attachShadow({ mode: "open" });
  root.innerHTML = `<p class="sentence"></p><div class="sliders"></div>${html}`;
  root.adoptedStyleSheets = [await new CSSStyleSheet().replace(css)];
  sliderValues().lam = lam;
  const knob = { key: "lam", label: _("λ, the price of the code"), value: lam, stops };
  const { node } = slider(knob, (value) => {
    sliderValues().lam = value;
    tellMoved("lam");
  });
  root.querySelector(".sliders").append(node);
  onSentence(() => bold(root.querySelector(".sentence"), sentence()));
  await new Adder(root).show({ ...sum, parcels: {} }, { report: () => {} });
};
