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

const ASK = 250; // ms until the server is asked again for what it is preparing
const LATE = 3000; // ms after which the server is asked once more
const PATIENCE = 20_000; // ms that the server's answer to a drawing is waited for
const GONE = 500; // ms after which a canvas that has left the page ends its drawing

// The canvas and what codes it, which go along from page to page: each page's component is a module of its own.
globalThis.sc2vizPen ??= { pads: {}, coders: {}, told: 0 };
const mine = globalThis.sc2vizPen;

const packed = (x) => btoa(String.fromCharCode(...x.map((value) => Math.round(255 * value))));

class Pen {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "pen"));
    this.list = make("ul", "pen-list");
  }

  async show(data, { trigger, signal }) {
    Object.assign(this, { data, trigger });
    const { high, wide, noun } = data.pad;
    const key = `${high} ${wide} ${noun}`;
    mine.pads[key] ??= new Pad(data.pad);
    this.pad = mine.pads[key];
    Object.assign(this.pad, { drawn: (x) => this.drawn(x), lifted: (x) => this.lifted(x) });
    if (this.pad.root.parentElement !== this.root) this.root.replaceChildren(this.pad.root, this.list);
    onMoved(() => this.write(), signal);
    this.layOut();
    keep(data.parcels);
    await parcels.add(data.parcels);
    await parcels.add(await kept(this.missing));
    if (signal.aborted) return;
    this.take();
    if (this.answered && !data.mine && drawing()) tellDrawn(null);
    this.ask(signal);
  }

  // The names of the arrays that belong to the data and are not here.
  get missing() {
    const { B, solvers } = this.data;
    const names = solvers.flatMap(({ graph, arrays }) => (graph ? [graph, ...arrays] : []));
    return [B.name, ...names].filter((name) => !parcels.get(name));
  }

  // Asks the server for what is missing, and for what it is preparing, until all is here.
  ask(signal, waits = 0) {
    const pending = this.data.solvers.some(({ pending }) => pending);
    this.later = setTimeout(
      () => {
        const names = this.missing;
        if (signal.aborted || !(names.length || pending)) return;
        // A question would interrupt a run of the page, which on a busy server would begin anew each time.
        if (document.querySelector(".stApp").dataset.testScriptState === "running") return this.ask(signal, ASK);
        if (names.length) this.trigger("wants", { names });
        else this.trigger("asks", Date.now());
        this.ask(signal, LATE);
      },
      waits || (this.missing.length ? 0 : ASK),
    );
  }

  // Makes what codes the pictures, of what is here.
  take() {
    const { B, peak, solvers } = this.data;
    const there = solvers.filter(({ graph }) => graph);
    if (!parcels.get(B.name)) return;
    const key = `${B.name} ${peak}`;
    if (!mine.coders[key]) mine.coders = { [key]: new Coder(parcels.get(B.name), B.size, peak) };
    this.coder = Object.assign(mine.coders[key], { without: { side: _("follows when you lift the pen") } });
    for (const one of there) {
      const { label, graph, arrays } = one;
      const stamp = JSON.stringify([graph, one.guard, one.offset]);
      if (this.coder.all.get(label)?.stamp === stamp || [graph, ...arrays].some((name) => !parcels.get(name))) continue;
      const offset = one.offset && parcels.get(one.offset);
      const all = { ...one, graph: parcels.get(graph), offset };
      this.coder.add(label, all, (name) => parcels.get(name)).stamp = stamp;
      this.coder.known?.clear();
    }
    for (const [label, { solver }] of this.coder.all)
      if (solver && !there.some((one) => one.label === label)) this.coder.all.delete(label);
    if (mine.waits) this.drawn(this.pad.picture);
    else if (this.pad.picture) this.coder.look(this.pad.picture);
    this.write();
  }

  // The picture (d_x,) has changed; null where the canvas is empty.
  drawn(x) {
    mine.waits = true;
    this.hold(true);
    if (!this.coder) return;
    const tell = () => {
      tellDrawn(x ? this.coder : null);
      this.write();
    };
    if (x) this.coder.follow(x, () => x === this.pad.picture && drawing() && tell());
    tell();
  }

  // The pen is lifted, or what moves the drawing is let go.
  lifted(x) {
    mine.waits = false;
    mine.told = Date.now();
    this.trigger("lifted", { pixels: x && packed(x), at: mine.told });
    this.hold(true); // the sliders end theirs when a pointer is lifted
    this.waitForAnswer();
  }

  // Whether the server has the picture as it is.
  get answered() {
    return !mine.waits && this.data.taken >= mine.told;
  }

  waitForAnswer(already = false) {
    const { told } = mine;
    whenAnswered(() => {
      if (told !== mine.told || mine.waits) return;
      if (this.answered || Date.now() > told + PATIENCE) this.hold(false);
      else this.waitForAnswer(true);
    }, already);
  }

  // Until the server's answer is drawn, what it has said of the picture before is grey (style.css).
  hold(held) {
    document.body.classList.toggle("sc2viz-held", held);
    document.body.dataset.held = held ? "pen" : "";
  }

  // A row for the optimum and for each solver.
  layOut() {
    const rows = [{ label: OPTIMUM, mark: "", colour: "currentColor" }, ...this.data.solvers];
    this.rows = rows.map(({ label, mark, colour, reason, psnr }) => {
      const node = make("li");
      node.style.setProperty("--solver", colour);
      node.innerHTML = mark;
      const [number, says] = [make("b"), make("small")];
      node.append(make("span", "", _(label)), ...(reason ? [] : [number]), says);
      node.classList.toggle("without", Boolean(reason));
      const what = psnr ? "psnr" : label === OPTIMUM ? "F" : "above";
      return { node, number, says, label, reason, what };
    });
    this.list.replaceChildren(...this.rows.map(({ node }) => node));
    this.write();
  }

  // Writes the numbers of the drawing, where the sliders stand.
  write() {
    const { lam, T } = sliderValues();
    const { coder } = this;
    const x = this.pad.picture;
    for (const { number, says, label, reason, what } of this.rows) {
      const [known, there] = [coder?.has(label), x && coder?.x === x && coder.has(label)];
      number.textContent = there ? coder.says(what, label, lam, T) : "–";
      const name = { F: _("F*, the minimum"), psnr: "PSNR" }[what];
      const side = name ?? (there ? coder.says("side", label, lam, T) : _("above the optimum"));
      says.textContent = reason ?? (known ? side : _("is being prepared …"));
    }
  }

  leave() {
    clearTimeout(this.later);
    const { pad } = this;
    setTimeout(() => {
      if (pad.root.isConnected) return;
      this.hold(false);
      if (drawing()) tellDrawn(null);
    }, GONE);
  }
}

export default component(Pen);
