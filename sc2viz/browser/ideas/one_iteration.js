// One iteration: what is missing, how much each atom would help, the step, the gates of a solver that has some,
// shrinkage, and the new sum. The phases follow each other; two solvers stand side by side, and differences are lit.
import { LINE, line, mapped, natural } from "../colour.js";
import { colours, parcels } from "../decode.js";
import { bold, component, isDark, make } from "../dom.js";
import { atomOn, mosaic } from "../draw.js";
import { drawing, onDrawn, sliderValues } from "../messages.js";
import { errors } from "../objective.js";
import { short } from "../readings.js";
import { dial } from "../sliders.js";
import { announce, hush } from "../speech.js";
import { _, N_ } from "../words.js";
import { choice, Idea, two } from "./idea.js";
import { Course, PHASES, recordOf, strongest } from "./iteration.js";

const PAUSE = 2000; // ms that a phase stays
const [BESIDE, LABEL] = [620, 112]; // px from which the pictures stand beside the bars, and that their words take
const [EDGE, ROW, BETWEEN] = [8, 22, 20]; // px: around all; a line of text; between pictures
const [WIDEST, SHARE] = [52, 0.7]; // px of one of the strongest atoms, and the part of the room that they have at most
const LOWEST = 330; // px of a drawing, so that its bars have room
const LETTERS = 16; // px, of a page that is not enlarged
const STRIP = 0.7; // of its height that a phase has among all
const NUMBERED = 34; // px that an atom needs for its number
const DIFFERS = 0.05; // of the largest: two parts of a sum that differ by more are lit
const ALONG = { ArrowLeft: -1, ArrowRight: 1 };
const CODES = {
  beyond: N_("the point y, beyond the last code"),
  step: N_("the code, moved by the step"),
  gates: N_("the cell c: what stays, and what enters"),
  shrink: N_("the code after shrinkage"),
  sum: N_("the code s, a bar an atom"),
};

const tag = (name, attributes) => {
  const all = Object.entries(attributes).map(([key, v]) => `${key}="${Number.isFinite(v) ? +v.toFixed(1) : v}"`);
  return `<${name} ${all.join(" ")}/>`;
};
const box = (name, x, y, width, height, more) => tag("rect", { class: name, x, y, width, height, ...more });
const square = (href, x, y, side) =>
  tag("image", { href, x, y, width: side, height: side, preserveAspectRatio: "none" });
const note = (text, x, y, name = "", anchor = "start") =>
  `<text class="${name}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${text}</text>`;

// A gate as a dial: a turn is 1. What is below zero turns back.
const gauge = (name, x, y, r, value) => {
  const turn = `${2 * Math.PI * r * Math.min(Math.abs(value), 1)} 99`;
  const transform = `translate(${x} ${y}) rotate(-90) scale(1 ${value < 0 ? -1 : 1})`;
  return (
    tag("circle", { class: "rail", cx: x, cy: y, r }) +
    tag("circle", { class: name, r, transform, "stroke-dasharray": turn })
  );
};

// A lane of bars: where numbers up to the largest stand in `high` px from `top` on, and a bar between two of them.
const laneOf = (numbers, top, high, headroom) => {
  const [low, most] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const y = (value) => top + headroom + ((most - value) * (high - 2 * headroom)) / (most - low || 1);
  const bar = (name, x, wide, a, b) => box(name, x, y(Math.max(a, b)), wide, Math.abs(y(a) - y(b)));
  const trace = (x, wide, a, b) =>
    `M${x.toFixed(1)} ${y(a).toFixed(1)}V${y(b).toFixed(1)}h${wide.toFixed(1)}V${y(a).toFixed(1)}z`;
  return { top, foot: top + high, y, bar, trace };
};

// The arrays of a solver that the server has sent, iteration by iteration.
const unpacked = ({ rows, missing, atoms, F, share }) => {
  const split = ({ name, size }, from = 0, many = size[0]) => {
    const row = (k) => parcels.get(name).subarray(k * size.at(-1), (k + 1) * size.at(-1));
    return Array.from({ length: many }, (_row, k) => row(from + k));
  };
  const shown = split(atoms);
  const record = { F, share, missing: split(missing), atomOf: (_j, k) => shown[k] };
  let from = 0;
  for (const [name, many] of Object.entries(rows.parts)) {
    record[name] = split(rows, from, many);
    from += many;
  }
  return record;
};

// Numbers as a picture, grey or in colour; with a sign in the colours of codes.
const pictureOf = (values, signed, { shape: [high, wide, channels], base, line: scale, diverging }, dark) => {
  const canvas = make("canvas");
  const show = scale ? mosaic(canvas, 1, LINE.high, LINE.wide, 1) : mosaic(canvas, 1, high, wide, 1);
  const tile = new Float32Array(scale ? LINE.high * LINE.wide : high * wide);
  if (scale) show(natural(line(values, 0, scale, tile), 1));
  else if (!signed) show(natural(values, channels, base));
  else {
    const wrong = errors(values, new Float32Array(values.length), channels, tile, (value) => value);
    show(mapped(wrong, colours(diverging[dark ? "dark" : "light"]), -1, 1));
  }
  return canvas.toDataURL();
};

class OneIteration extends Idea {
  build() {
    Object.assign(this, { t: 1, phase: "missing", atom: null, fields: [] });
    this.root.classList.add("sc-iteration");
    this.root.setAttribute("role", "figure");
    this.root.ariaLabel = _("One iteration");
    const bar = make("div", "sc-bar");
    this.plays = make("button", "sc-play");
    Object.assign(this.plays, { type: "button", onclick: () => (this.timer ? this.pause() : this.play()) });
    const at = { min: 1, max: 1, step: 1, value: 1, says: (t) => _("{t} of {T}", { t, T: this.T ?? 1 }) };
    this.iteration = dial(_("iteration"), at, (t) => this.go(t, this.phase, { held: true }));
    this.steps = make("div");
    bar.append(make("h2", "", _("One iteration")), this.plays, this.steps, this.iteration);
    this.plot = make("div", "sc-fields");
    this.ruler = make("i", "sc-ruler"); // as high as a drawing
    this.root.append(bar, this.plot, this.ruler);
    this.root.onkeydown = (event) => this.key(event);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.pause();
  }

  async show(data, given) {
    const { signal, report } = given;
    const labels = data.shown.flatMap(({ rows, missing, atoms }) => (rows ? [rows, missing, atoms] : []));
    if (!(await parcels.take(data.parcels ?? {}, labels, report)) || signal.aborted) return;
    onDrawn(() => this.paint(this.arrived()), signal);
    for (const event of ["beforeprint", "afterprint"])
      addEventListener(event, () => this.paint(Object.assign(this, { prints: event === "beforeprint" })), { signal });
    super.show(data, given);
  }

  leave() {
    this.pause();
  }

  // Takes over the iterations of the solvers that are shown: the server's, or what the browser computes of a drawing.
  arrived() {
    const coder = drawing();
    const { shown, lam, T } = { ...this.data, ...sliderValues() };
    this.coded = shown.every(({ label }) => coder?.has(label)) && `${lam} ${T}`;
    this.courses = shown.map((one) => {
      const { label, colour, learned } = one;
      const record = this.coded ? recordOf(coder, label, lam, T) : unpacked(one);
      return new Course({ ...record, label, colour, learned, images: new Map() });
    });
    this.order = (!this.coded && this.data.strongest) || strongest(this.courses);
    this.T = Math.max(...this.courses.map((course) => course.T));
    this.iteration.querySelector("input").max = this.T;
    this.phases = Object.keys(PHASES).filter((phase) => this.courses.some(({ phases }) => phases.includes(phase)));
    const names = this.phases.map((phase) => _(PHASES[phase]));
    if (this.steps.textContent !== names.join("")) {
      this.chosen = choice(_("Phase"), names, (k) => this.go(this.t, this.phases[k]));
      this.steps.replaceChildren(this.chosen);
    }
    while (this.fields.length > this.courses.length) this.fields.pop().node.remove();
    while (this.fields.length < this.courses.length) this.fields.push(this.field());
    for (const [k, { label }] of this.courses.entries()) this.fields[k].name.textContent = label;
    this.root.toggleAttribute("data-pair", this.courses.length > 1);
    Object.assign(this, { t: Math.min(this.t, this.T), phase: this.waits(this) });
    this.iteration.set(this.t);
  }

  // A solver's name, its drawing, what it says, and the arithmetic of an atom.
  field() {
    const node = this.plot.appendChild(make("div"));
    const [name, drawn] = [node.appendChild(make("h3")), node.appendChild(make("div", "sc-plot"))];
    const [says, sum] = ["sc-says", "sc-sum"].map((kind) => node.appendChild(make("p", kind)));
    drawn.onclick = ({ target, clientX }) => {
      const { atom, others } = target.dataset;
      const { left, width } = target.getBoundingClientRect();
      const all = others?.split(",") ?? [atom];
      const k = Math.min(all.length - 1, Math.floor((all.length * (clientX - left)) / width));
      if (all[k] !== undefined) this.paint(Object.assign(this, { atom: Number(all[k]) }));
    };
    return { node, name, drawn, says, sum };
  }

  // The phase at hand, or the one before it at which a solver waits that does not have it.
  waits({ phases }) {
    const all = Object.keys(PHASES);
    return phases.findLast((phase) => all.indexOf(phase) <= all.indexOf(this.phase)) ?? phases[0];
  }

  // Steps and playing ----------------------------------------------------------------------------------------------

  key(event) {
    const step = event.target.type === "range" ? 0 : ALONG[event.key];
    if (step) this.step(step);
    else if (event.key === " " && event.target.tagName !== "BUTTON") this.timer ? this.pause() : this.play();
    else return;
    event.preventDefault();
  }

  // A phase on or back, into the next iteration or the one before; whether there is one.
  step(by, how) {
    const k = this.phases.indexOf(this.phase) + by;
    const t = this.t + (k < 0 ? -1 : k < this.phases.length ? 0 : 1);
    if (t < 1 || t > this.T) return false;
    this.go(t, this.phases.at(k % this.phases.length), how);
    return true;
  }

  go(t, phase, { held = false, plays = false } = {}) {
    if (!plays) this.pause();
    Object.assign(this, { t, phase, held });
    if (!held) this.iteration.set(t);
    this.paint();
  }

  play() {
    hush();
    const on = () => this.step(1, { plays: true }) || this.pause();
    if (this.t === this.T && this.phase === this.phases.at(-1)) this.go(1, this.phases[0]);
    else on();
    this.timer = setInterval(on, PAUSE);
    this.plays.textContent = _("Pause");
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.plays.textContent = _("Play");
  }

  // Drawing --------------------------------------------------------------------------------------------------------

  paint() {
    if (!this.courses) return;
    const { lam, T } = { ...this.data, ...sliderValues() };
    if (this.coded && this.coded !== `${lam} ${T}`) this.arrived();
    const strip = this.prints || this.still.matches;
    const states = { stale: !this.coded && (lam !== this.data.lam || drawing()), held: this.held, strip };
    for (const [name, holds] of Object.entries(states)) this.root.toggleAttribute(`data-${name}`, Boolean(holds));
    this.chosen.choose(this.phases.indexOf(this.phase));
    const dark = this.held ? this.dark : isDark(this.root); // whose answer between two drawings computes styles anew
    if (dark !== this.dark) for (const { images } of this.courses) images.clear();
    this.dark = dark;
    const said = this.courses.map((course, k) => {
      const { drawn, says, sum } = this.fields[k];
      const phase = this.waits(course);
      this.draw(drawn, course, strip ? course.phases : [phase]);
      const sentence = course.says(this.t, phase);
      bold(says, sentence);
      bold(sum, course.arithmetic(this.t, this.atom ?? this.order[0]));
      return this.courses.length > 1 ? `${course.label}: ${sentence}` : sentence;
    });
    const aloud = said.join(" ").replaceAll("**", "");
    if (this.aloud && this.aloud !== aloud) announce(aloud);
    this.aloud = aloud;
    this.root.dataset.at = [this.t, this.phase].join(" ");
  }

  // Draws phases of a solver, one below the other, in units that grow with the page's letters.
  draw(node, course, phases) {
    const [across, , letters] = this.size(node);
    const unit = letters / LETTERS;
    const tall = Math.max(LOWEST, this.size(this.ruler)[1] / unit);
    const [wide, high] = [across / unit, tall * (phases.length > 1 ? STRIP : 1)];
    if (!wide) return;
    node.style.setProperty("--line", course.colour); // a policy may forbid it in the drawing (site.py)
    const given = { solver: course.label, t: this.t, phase: phases.map((phase) => _(PHASES[phase])).join(", ") };
    const head = phases.length > 1 ? ROW : 0;
    const all = phases.map((phase, k) => {
      const name = head ? note(_(PHASES[phase]), EDGE, -8, "is") : "";
      const inside = this.phaseOf(course, phase, wide, high);
      return `<g transform="translate(0 ${k * (high + head) + head})">${name}${inside}</g>`;
    });
    const name = _("{solver}, iteration {t}: {phase}", given);
    this.put(node, [wide, (high + head) * all.length], name, all.join(""));
  }

  phaseOf(course, phase, wide, high) {
    const [t, beside, after] = [this.t, wide >= BESIDE, phase === "sum"];
    const s = course.at(t).momentum && !after ? "y" : "s";
    const rest = course.rest(t, after);
    const side = beside
      ? Math.min(168, high / 3 - ROW - 2)
      : Math.min(76, 0.17 * high, (wide - 2 * EDGE - 2 * BETWEEN) / 3);
    const pictures = [
      ["x", [], () => course.missing[0]],
      [_("− sum B{s}", { s }), ["sum"], () => course.missing[0].map((value, k) => value - rest[k])],
      [_("= missing, x − B{s}", { s }), ["missing", "help", "sum"], () => rest],
    ].map(([name, lights, values], k) => {
      const [x, y] = beside ? [EDGE, ROW + k * (side + ROW)] : [EDGE + k * (side + BETWEEN), ROW];
      const made = () => pictureOf(values(), k === 2, this.data.drawn, this.dark);
      const href = this.image(course, k ? `${k} ${t + after} ${s}` : "x", made);
      const lit = lights.includes(phase) ? " lit" : "";
      return square(href, x, y, side) + box(`frame${lit}`, x, y, side, side) + note(name, x, y - 6);
    });
    const [left, top] = beside ? [Math.max(side, LABEL) + 2 * EDGE + BETWEEN, 0] : [EDGE, side + ROW + 8];
    return pictures.join("") + this.lanes(course, phase, { left, top, wide: wide - EDGE - left, high: high - top });
  }

  // The bars of what would help, the strongest atoms with their dials, and the bars of the code.
  lanes(course, phase, { left, top, wide, high }) {
    const [now, { value, from, shadow }, { order }] = [course.at(this.t), course.bars(this.t, phase), this];
    const { before, point, candidate, old, into, code, push, tau, momentum, i, f } = now;
    const early = ["beyond", "missing"].includes(phase);
    const bound = tau && now.theta ? now.theta / tau : 0;
    // Where things stand
    const column = Math.min(WIDEST, (SHARE * wide) / order.length);
    const edge = left + column * order.length + 6;
    const thin = (left + wide - edge) / Math.max(1, code.length - order.length);
    const [tile, r] = [Math.min(column - 6, 40), Math.min(9, column / 2 - 4)];
    const dials = course.gated ? 4 * r + 14 : 0;
    const headroom = column < NUMBERED ? 4 : 14;
    const room = high - 2 * ROW - tile - dials - 12;
    const helps = laneOf([...push, bound, -bound], top + ROW, 0.42 * room, headroom);
    const under = helps.foot + 4;
    const numbers = [before, point, candidate, old, into, code].flatMap((all) => [...(all ?? [])]);
    const codes = laneOf(numbers, under + tile + dials + ROW + 4, 0.58 * room, headroom);
    // The bars
    const [empty, differs] = [new Set(phase === "shrink" ? now.zeros : []), this.differs(phase)];
    const drawn = { hit: "", ghost: "", bar: "", shadow: "", push: "", tile: "", number: "" };
    const moves = (j) => (phase === "help" ? [helps, 0, push[j]] : [codes, from[j], value[j]]);
    const bars = (j) => ({
      ghost: [helps, 0, push[j]],
      bar: [codes, 0, from[j]],
      shadow: [codes, 0, (shadow ?? value)[j]],
      push: phase === "missing" ? [helps, 0, 0] : moves(j),
    });
    const nameOf = (name, j) => (name !== "shadow" ? name : empty.has(j) ? "empty" : shadow ? name : "none");
    for (const [k, j] of order.entries()) {
      const [x, middle] = [left + k * column, left + (k + 0.5) * column];
      const marks = `${differs.has(j) ? " differs" : ""}${this.atom === j ? " picked" : ""}`;
      drawn.hit += box(`hit${marks}`, x, helps.top, column, codes.foot - helps.top, { "data-atom": j });
      for (const [name, [lane, ...ends]] of Object.entries(bars(j)))
        drawn[name] += lane.bar(nameOf(name, j), x + 0.2 * column, 0.6 * column, ...ends);
      const picture = this.image(course, j, () => this.atomImage(course.atomOf(j, k)));
      drawn.tile += square(picture, middle - tile / 2, under, tile);
      if (dials) drawn.tile += gauge("keeps", middle, under + tile + 6 + r, r, f[j]);
      if (dials) drawn.tile += gauge("enters", middle, under + tile + 12 + 3 * r, r, i[j]);
      const [lane, number] = phase === "help" ? [helps, push[j]] : [codes, value[j]];
      const said = early || column < NUMBERED ? "" : number ? two(number) : "0";
      drawn.number += note(said, middle, lane.y(number) + (number < 0 ? 14 : -4), "number", "middle");
    }
    // The bars of all others are one path of each kind, which is drawn sooner than as many bars.
    const others = [...code.keys()].filter((j) => !order.includes(j));
    const paths = { ghost: "", bar: "", shadow: "", push: "", none: "", empty: "" };
    for (const [k, j] of others.entries())
      for (const [name, [lane, ...ends]] of Object.entries(bars(j)))
        paths[nameOf(name, j)] += lane.trace(edge + (k + 0.1) * thin, 0.8 * thin, ...ends);
    for (const [name, d] of Object.entries(paths))
      drawn[name in drawn ? name : "shadow"] += tag("path", { class: name, d });
    const picked = others.indexOf(this.atom);
    drawn.hit += box("hit", edge, helps.top, others.length * thin, codes.foot - helps.top, { "data-others": others });
    if (picked >= 0) drawn.hit += box("picked", edge + picked * thin, helps.top, thin, codes.foot - helps.top);
    if (dials) drawn.tile += note(_("f: old that stays"), edge + 4, under + tile + 11 + r, "keeps");
    if (dials) drawn.tile += note(_("i: new that enters"), edge + 4, under + tile + 17 + 3 * r, "enters");
    // The lanes, each with the band of what is too small
    const lane = ({ top: at, y }, lit, name, most, sign, inside) => {
      const zone = most ? box("zone", left, y(most), wide, y(-most) - y(most)) : "";
      const about = most ? note(`${sign} = ${short(most)}`, left + wide, at - 6, "", "end") : "";
      const axis = tag("path", { class: "axis", d: `M${left} ${y(0)}h${wide}` });
      return `<g class="lane${lit ? " lit" : ""}">${zone}${axis}${inside}${note(name, left, at - 6)}${about}</g>`;
    };
    const help = tau === null ? _("what this solver adds to each weight") : _("how much each atom would help");
    const product = tau === null ? help : `${help}: Bᵀ(x − B${momentum ? "y" : "s"})`;
    const theta = ["step", "gates", "shrink"].includes(phase) ? now.theta : 0;
    const named = _(CODES[phase] ?? CODES.sum);
    const asks = ["missing", "help"].includes(phase);
    return `<g>${drawn.hit}
      ${lane(helps, phase === "help", product, early ? 0 : bound, "± λ", drawn.ghost)}
      <g class="tiles">${drawn.tile}</g>
      ${lane(codes, !asks, named, theta, "± θ", drawn.bar + drawn.shadow)}${drawn.push}${drawn.number}</g>`;
  }

  // The strongest atoms whose parts of the sum, by their lengths, are not alike after the iteration, once it is there.
  differs(phase) {
    const parts = this.courses.map(({ codes, norms }) => codes[this.t]?.map((s, j) => s * norms[0][j]));
    if (parts.length < 2 || !["shrink", "sum"].includes(phase)) return new Set();
    const most = Math.max(...parts.flatMap((part) => [...part].map(Math.abs)));
    return new Set(this.order.filter((j) => Math.abs(parts[0][j] - parts[1][j]) > DIFFERS * most));
  }

  // A picture as an address, which is drawn once.
  image({ images }, key, made) {
    if (!images.has(key)) images.set(key, made());
    return images.get(key);
  }

  atomImage(atom) {
    const canvas = make("canvas");
    atomOn(canvas, atom, this.data.drawn, this.dark);
    return canvas.toDataURL();
  }
}

export default component(OneIteration);
