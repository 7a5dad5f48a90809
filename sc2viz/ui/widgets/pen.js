// The canvas of a page: what the reader draws is coded while the pen moves, which other parts of the page follow
// (messages.js), and the server hears of the picture when the pen is lifted.
import { Coder, OPTIMUM } from "../../browser/coder.js";
import { parcels } from "../../browser/decode.js";
import { component, make } from "../../browser/dom.js";
import { drawing, onMoved, sliderValues, tellDrawn } from "../../browser/messages.js";
import { Pad } from "../../browser/pen.js";
import { keep, kept } from "../../browser/store.js";
import { _ } from "../../browser/words.js";
import { whenAnswered } from "./answered.js";

const ASK = 250; // ms until the server is asked again for what it is preparing, or its answer is looked for again
const LATE = 3000; // ms after which the server is asked once more
const PATIENCE = 20_000; // ms that the server's answer to a drawing is waited for
const GONE = 500; // ms after which a canvas that has left the page ends its drawing

// The canvas and what codes it, which go along from page to page: each page's component is a module of its own.
// `lifted` says when the pen was lifted last, and `isDrawing` whether the server has not been told of the picture.
globalThis.sc2vizPen ??= { pads: {}, coders: {}, lifted: 0 };
const pen = globalThis.sc2vizPen;

const encode = (x) => btoa(String.fromCharCode(...x.map((value) => Math.round(255 * value))));

class Pen {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "pen"));
    this.list = make("ul", "pen-list");
  }

  async show(data, { trigger, signal }) {
    Object.assign(this, { data, trigger });
    const key = Object.values(data.pad).join(" ");
    pen.pads[key] ??= new Pad(data.pad);
    this.pad = pen.pads[key];
    Object.assign(this.pad, { drawn: (x) => this.follow(x), lifted: (x) => this.lift(x) });
    if (this.pad.root.parentElement !== this.root) this.root.replaceChildren(this.pad.root, this.list);
    onMoved(() => this.write(), signal);
    this.layOut();
    keep(data.parcels);
    await parcels.add(data.parcels);
    await parcels.add(await kept(this.missing));
    if (signal.aborted) return;
    this.makeCoder();
    if (this.isAnswered && !data.isDrawn && drawing()) tellDrawn(null);
    this.ask(signal);
  }

  // The names of the arrays that belong to the data and have not arrived.
  get missing() {
    const { B, solvers } = this.data;
    const names = solvers.flatMap(({ graph, arrays }) => (graph ? [graph, ...arrays] : []));
    return [B.name, ...names].filter((name) => !parcels.get(name));
  }

  // Asks the server for what is missing, and for what it is preparing, until all has arrived.
  ask(signal, delay = this.missing.length ? 0 : ASK) {
    this.timer = setTimeout(() => {
      const names = this.missing;
      if (signal.aborted || !(names.length || this.data.solvers.some(({ pending }) => pending))) return;
      // A question would interrupt a run of the page, which on a busy server would begin anew each time.
      if (document.querySelector(".stApp").dataset.testScriptState === "running") return this.ask(signal, ASK);
      if (names.length) this.trigger("wants", { names });
      else this.trigger("asks", Date.now());
      this.ask(signal, LATE);
    }, delay);
  }

  // Makes what codes the pictures, of what has arrived.
  makeCoder() {
    const { B, peak } = this.data;
    const solvers = this.data.solvers.filter(({ graph }) => graph);
    if (!parcels.get(B.name)) return;
    const key = `${B.name} ${peak}`;
    if (!pen.coders[key]) pen.coders = { [key]: new Coder(parcels.get(B.name), B.size, peak) };
    this.coder = Object.assign(pen.coders[key], { without: { side: _("follows when you lift the pen") } });
    for (const solver of solvers) {
      const { label, graph, arrays, guard, offset } = solver;
      const stamp = JSON.stringify([graph, guard, offset]);
      if (this.coder.all.get(label)?.stamp === stamp || [graph, ...arrays].some((name) => !parcels.get(name))) continue;
      const options = { ...solver, graph: parcels.get(graph), offset: offset && parcels.get(offset) };
      this.coder.add(label, options, (name) => parcels.get(name)).stamp = stamp;
      this.coder.known?.clear();
    }
    for (const [label, { solver }] of this.coder.all)
      if (solver && !solvers.some((chosen) => chosen.label === label)) this.coder.all.delete(label);
    if (pen.isDrawing) this.follow(this.pad.picture);
    else if (this.pad.picture) this.coder.look(this.pad.picture);
    this.write();
  }

  // The picture (d_x,) has changed; null where the canvas is empty.
  follow(x) {
    pen.isDrawing = true;
    this.hold(true);
    if (!this.coder) return;
    const tellPage = () => {
      tellDrawn(x ? this.coder : null);
      this.write();
    };
    if (x) this.coder.follow(x, () => x === this.pad.picture && drawing() && tellPage());
    tellPage();
  }

  // The pen is lifted, or what moves the drawing is let go.
  lift(x) {
    Object.assign(pen, { isDrawing: false, lifted: Date.now() });
    this.trigger("lifted", { pixels: x && encode(x), time: pen.lifted });
    this.hold(true); // the sliders end theirs when a pointer is lifted
    this.waitForAnswer();
  }

  // Whether the server has the picture as it is.
  get isAnswered() {
    return !pen.isDrawing && this.data.taken >= pen.lifted;
  }

  waitForAnswer(countsRunning = false) {
    const { lifted } = pen;
    whenAnswered(() => {
      if (lifted !== pen.lifted || pen.isDrawing) return;
      if (this.isAnswered || Date.now() > lifted + PATIENCE) this.hold(false);
      else setTimeout(() => this.waitForAnswer(true), ASK); // the run is over, and what it has sent is not drawn yet
    }, countsRunning);
  }

  // Until the server's answer is drawn, what it has said of the picture before is grey (style.css).
  hold(isHeld) {
    document.body.classList.toggle("sc2viz-held", isHeld);
    document.body.dataset.held = isHeld ? "pen" : "";
  }

  // A row for the optimum and for each solver.
  layOut() {
    const solvers = [{ label: OPTIMUM, mark: "", colour: "currentColor" }, ...this.data.solvers];
    this.rows = solvers.map(({ label, mark, colour, reason, psnr }) => {
      const [node, number, name] = [make("li", reason ? "without" : ""), make("b"), make("small")];
      node.style.setProperty("--solver", colour);
      node.innerHTML = mark;
      node.append(make("span", "", _(label)), ...(reason ? [] : [number]), name);
      return { node, number, name, label, reason, reading: psnr ? "psnr" : label === OPTIMUM ? "F" : "above" };
    });
    this.list.replaceChildren(...this.rows.map(({ node }) => node));
    this.write();
  }

  // Writes the numbers of the drawing, where the sliders stand.
  write() {
    const { lam, T } = sliderValues();
    const { coder } = this;
    const x = this.pad.picture;
    for (const { number, name, label, reason, reading } of this.rows) {
      const isReady = coder?.has(label);
      const isCoded = isReady && x && coder.x === x;
      const side = isCoded ? coder.says("side", label, lam, T) : _("above the optimum");
      const measure = { F: _("F*, the minimum"), psnr: "PSNR" }[reading] ?? side;
      number.textContent = isCoded ? coder.says(reading, label, lam, T) : "–";
      name.textContent = reason ?? (isReady ? measure : _("is being prepared …"));
    }
  }

  leave() {
    clearTimeout(this.timer);
    setTimeout(() => {
      if (this.pad.root.isConnected) return;
      this.hold(false);
      if (drawing()) tellDrawn(null);
    }, GONE);
  }
}

export default component(Pen);
