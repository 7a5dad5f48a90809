// One iteration: what is missing, how much each atom would help, the step, the gates of a solver that has some,
// shrinkage, and the new sum. The phases follow each other; two solvers stand side by side, and differences are lit.
import { parcels } from "../decode.js";
import { bold, component, isDark, make } from "../dom.js";
import { pictureOf } from "../draw.js";
import { drawing, onDrawn } from "../messages.js";
import { counted, short } from "../readings.js";
import { dial } from "../sliders.js";
import { announce, hush } from "../speech.js";
import { _, andList, localized, N_ } from "../words.js";
import { choice, framed, Idea, two } from "./idea.js";
import { Course, PHASES, planeOf, recordOf, strongest } from "./iteration.js";
import { circle, image, path, rect, tag, write } from "./svg.js";
import { ellipse } from "./two_weights.js";
import { valley } from "./valley.js";

const PAUSE = 2000; // ms that a phase stays
const [EDGE, ROW, BETWEEN] = [8, 22, 20]; // px: around all; a line of text; between pictures
const [WIDEST, SHARE] = [52, 0.7]; // px of one of the strongest atoms, and the part of the room that they have at most
const STRIP = 360; // px of a phase among all
const LETTERS = 16; // px, of a page that is not enlarged
const NUMBERED = 28; // px that an atom needs for its number
const [ABOVE, BELOW] = [14, 4]; // px above and below the bars of a lane
const DIFFERS = 0.05; // of the largest: two parts of a sum that differ by more are lit
const CODES = {
  beyond: N_("the point y, beyond the last code"),
  step: N_("the code, moved by the step"),
  gates: N_("the cell c = f · old + i · new"),
  shrink: N_("the code after shrinkage"),
  sum: N_("the code s, a bar an atom"),
};

// A gate as a dial: a turn is 1, and a second turn stands inside the first. What is below zero turns back around a minus.
const gauge = (name, x, y, r, value) => {
  const transform = `translate(${x} ${y}) rotate(-90) scale(1 ${value < 0 ? -1 : 1})`;
  const ring = (kind, r, turns) => {
    const turn = `${2 * Math.PI * r * Math.min(turns, 1)} 99`;
    return tag("circle", { class: `${name} ${kind}`, r, transform, "stroke-dasharray": turn });
  };
  const size = Math.abs(value);
  const minus = value < 0 ? path(`${name} inner`, `M${x - 3} ${y}h6`) : "";
  return circle("rail", [x, y], r) + ring("", r, size) + (size > 1 ? ring("inner", r - 5, size - 1) : minus);
};

// A lane of bars: where numbers of these spans stand in `high` px from `top` on, and a bar between two of them.
const laneOf = (spans, top, high) => {
  const [low, maximum] = [Math.min(...spans), Math.max(...spans)];
  const y = (value) => top + ABOVE + ((maximum - value) * (high - ABOVE - BELOW)) / (maximum - low || 1);
  const bar = (x, wide, a, b) =>
    `M${x.toFixed(1)} ${y(a).toFixed(1)}V${y(b).toFixed(1)}h${wide.toFixed(1)}V${y(a).toFixed(1)}z`;
  return { top, foot: top + high, y, bar };
};

// The arrays of a solver that the server has sent, iteration by iteration.
const unpacked = ({ rows, missing, atoms, F, share }) => {
  const split = ({ name, size }) => {
    const wide = size.at(-1);
    return Array.from({ length: size[0] }, (_row, k) => parcels.get(name).subarray(k * wide, (k + 1) * wide));
  };
  const [arrays, pictures] = [split(rows), split(atoms)];
  const parts = Object.entries(rows.parts).map(([name, count]) => [name, arrays.splice(0, count)]);
  return { F, share, missing: split(missing), atomOf: (_j, k) => pictures[k], ...Object.fromEntries(parts) };
};

class OneIteration extends Idea {
  build() {
    Object.assign(this, { t: 1, phase: "missing", atom: null, fields: [] });
    this.root.classList.add("sc-iteration");
    Object.assign(this.root, { role: "figure", ariaLabel: _("One iteration") });
    this.play = make("button", "sc-play", "", { type: "button", onclick: () => this.toggle() });
    const options = { min: 1, max: 1, step: 1, value: 1, says: (t) => _("{t} of {T}", { t, T: this.T ?? 1 }) };
    this.iteration = dial(_("iteration"), options, (t) => this.go(t, this.phase, { held: true }));
    const [bar, beside] = [make("div", "sc-bar"), make("div", "sc-beside")];
    this.steps = make("div");
    bar.append(make("h2", "", _("One iteration")), this.play, this.steps, this.iteration);
    this.plot = make("div", "sc-fields");
    this.plane = beside.appendChild(make("div", "sc-plane"));
    this.caption = beside.appendChild(make("p"));
    this.ruler = make("i", "sc-ruler"); // as high as a drawing
    this.root.append(bar, this.plot, beside, this.ruler);
    this.root.onkeydown = (event) => this.press(event);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.pause();
  }

  async show(data, page) {
    const { signal, report } = page;
    const labels = data.shown.flatMap(({ rows, missing, atoms }) => (rows ? [rows, missing, atoms] : []));
    if (!(await parcels.take(data.parcels ?? {}, labels, report)) || signal.aborted) return;
    onDrawn(() => this.arrived(), signal);
    for (const event of ["beforeprint", "afterprint"])
      addEventListener(event, () => this.change({ prints: event === "beforeprint" }), { signal });
    super.show(data, page);
  }

  leave() {
    this.pause();
  }

  // Takes over the iterations of the solvers that are shown: the server's, or what the browser computes of a drawing.
  arrived() {
    const coder = drawing();
    const { shown, lam, T, plane } = this.current;
    this.coded = shown.every(({ label }) => coder?.has(label)) && `${lam} ${T}`;
    this.courses = shown.map((solver) => {
      const { label, colour, learned } = solver;
      const record = this.coded ? recordOf(coder, label, lam, T) : unpacked(solver);
      return new Course({ ...record, label, colour, learned, images: new Map() });
    });
    this.order = (!this.coded && this.data.strongest) || strongest(this.courses);
    this.valley = this.coded && plane ? planeOf(coder, plane.ways, this.order, lam, T) : plane;
    for (const [k, { colour }] of (plane?.ways ?? []).entries()) this.root.style.setProperty(`--solver-${k}`, colour);
    this.T = Math.max(...this.courses.map((course) => course.T));
    this.iteration.querySelector("input").max = this.T;
    this.phases = Object.keys(PHASES).filter((phase) => this.courses.some(({ phases }) => phases.includes(phase)));
    const names = this.phases.map((phase) => _(PHASES[phase]));
    if (this.steps.textContent !== names.join("")) {
      this.choice = choice(_("Phase"), names, (k) => this.go(this.t, this.phases[k]));
      this.steps.replaceChildren(this.choice);
    }
    if (this.fields.length !== this.courses.length) {
      this.plot.replaceChildren();
      this.fields = this.courses.map(() => this.addField());
    }
    for (const [k, { label }] of this.courses.entries()) this.fields[k].name.textContent = label;
    this.root.toggleAttribute("data-pair", this.courses.length > 1);
    Object.assign(this, { t: Math.min(this.t, this.T), phase: this.phaseIn(this) });
    this.iteration.set(this.t);
  }

  // A solver's name, its drawing, the sentence on it, and the arithmetic of an atom.
  addField() {
    const [name, drawn] = [make("h3"), make("div", "sc-plot")];
    const [says, sum] = ["sc-says", "sc-sum"].map((kind) => make("p", kind));
    this.plot.appendChild(make("div")).append(name, drawn, says, sum);
    drawn.onclick = ({ target, clientX }) => {
      const { left, width } = target.getBoundingClientRect();
      const atoms = target.dataset.atoms?.split(",") ?? [];
      const k = Math.min(atoms.length - 1, Math.floor((atoms.length * (clientX - left)) / width));
      if (atoms.length) this.change({ atom: Number(atoms[k]) });
    };
    return { name, drawn, says, sum };
  }

  // The phase at hand, or the one before it at which a solver waits that does not have it.
  phaseIn({ phases }) {
    const all = Object.keys(PHASES);
    return phases.findLast((phase) => all.indexOf(phase) <= all.indexOf(this.phase)) ?? phases[0];
  }

  press(event) {
    const step = event.target.type === "range" ? 0 : { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) this.step(step);
    else if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
    else return;
    event.preventDefault();
  }

  // A phase on or back, into the next iteration or the one before; whether there is one.
  step(by, how) {
    const k = this.phases.indexOf(this.phase) + by;
    const t = this.t + Math.floor(k / this.phases.length);
    if (t < 1 || t > this.T) return false;
    this.go(t, this.phases.at(k % this.phases.length), how);
    return true;
  }

  go(t, phase, { held = false, plays = false } = {}) {
    if (!plays) this.pause();
    if (!held) this.iteration.set(t);
    this.change({ t, phase, held });
  }

  toggle() {
    if (this.timer) return this.pause();
    hush();
    const next = () => this.step(1, { plays: true }) || this.pause();
    if (this.t === this.T && this.phase === this.phases.at(-1)) this.go(1, this.phases[0]);
    else next();
    this.timer = setInterval(next, PAUSE);
    this.play.textContent = _("Pause");
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = _("Play");
  }

  draw({ lam, T }) {
    if (this.coded && this.coded !== `${lam} ${T}`) this.arrived();
    const strip = this.prints || this.still.matches;
    const states = { stale: !this.coded && (lam !== this.data.lam || drawing()), held: this.held, strip };
    for (const [name, holds] of Object.entries(states)) this.root.toggleAttribute(`data-${name}`, Boolean(holds));
    this.choice.choose(this.phases.indexOf(this.phase));
    const dark = this.held ? this.dark : isDark(this.root); // whose answer between two drawings computes styles anew
    if (dark !== this.dark) for (const { images } of this.courses) images.clear();
    this.dark = dark;
    const sentences = this.courses.map((course, k) => {
      const { drawn, says, sum } = this.fields[k];
      const phase = this.phaseIn(course);
      this.drawPhases(drawn, course, strip ? course.phases : [phase]);
      const sentence = course.describe(this.t, phase);
      bold(says, sentence);
      bold(sum, course.arithmetic(this.t, this.atom ?? this.order[0]));
      return this.courses.length > 1 ? `${course.label}: ${sentence}` : sentence;
    });
    if (this.valley) this.drawPlane(lam);
    const aloud = sentences.join(" ").replaceAll("**", "");
    if (this.aloud && this.aloud !== aloud) announce(aloud);
    this.aloud = aloud;
    this.root.dataset.at = [this.t, this.phase].join(" ");
  }

  // The plane of the two atoms that look most alike, where each solver has come to by this phase.
  drawPlane(lam) {
    const { atoms, G, centre, best, ways } = this.valley;
    const [side, , em] = this.size(this.plane);
    if (!side) return;
    const t = this.t - !["shrink", "sum"].includes(this.phase);
    const frame = framed(side, [[0, 0], best, ...ways.flatMap(({ points }) => points)], 0.12);
    const on = G.map((row) => row[0] * centre[0] + row[1] * centre[1]);
    const [across, up] = atoms.map((atom) => _("Atom {atom}", { atom }));
    const [x0, y0] = frame.place([0, 0]);
    const [names, solvers] = [atoms.map(String), ways.map(({ label }) => label)].map(andList);
    const name = _("Weights of atoms {atoms}: contours of F, and the ways of {solvers}", { atoms: names, solvers });
    const drawn = valley({ G, on, lam, best }, { ...frame, side, em }, ways, { t });
    const axes = write(across, side - 6, Math.min(y0 + 1.2 * em, side - 4), "end") + write(up, x0 + 6, em);
    this.put(this.plane, [side, side], name, drawn + axes);
    const ends = ways.map(({ points }) => points[Math.min(t, points.length - 1)]);
    this.plane.dataset.at = ends.join(" ");
    const distances = ends.map(([p, q], k) => `${ways[k].label} **${two(Math.hypot(p - best[0], q - best[1]))}**`);
    const [narrow, long] = ellipse(G, 1).radii;
    const times = localized((long / narrow).toFixed(1));
    const values = { atoms: names, times, t: counted(t, "iteration"), distances: andList(distances) };
    const sentences = [
      _("Atoms {atoms} look most alike: the contours of F are **{times} times** as long as wide.", values),
      _("Along the longer side ISTA’s steps are short. Momentum adds them up, and may carry a code past the optimum."),
      _("Distances to the optimum, the dot, after {t}: {distances}. A thin line shows what follows.", values),
    ];
    bold(this.caption, sentences.join(" "));
  }

  // Draws phases of a solver, one below the other, in units that grow with the page's letters.
  drawPhases(node, course, phases) {
    const [across, , letters] = this.size(node);
    const unit = letters / LETTERS;
    const [wide, isStrip] = [across / unit, phases.length > 1];
    const [head, high] = isStrip ? [ROW, STRIP] : [0, this.size(this.ruler)[1] / unit];
    if (!wide) return;
    node.style.setProperty("--line", course.colour); // a policy may forbid it in the drawing (site.py)
    const names = phases.map((phase) => _(PHASES[phase]));
    const drawn = phases.map((phase, k) => {
      const title = isStrip ? write(names[k], EDGE, -8, "", "is") : "";
      const transform = `translate(0 ${k * (high + head) + head})`;
      return tag("g", { transform }, this.pictures(course, phase, wide, high) + title);
    });
    const name = _("{solver}, iteration {t}: {phase}", { solver: course.label, t: this.t, phase: names.join(", ") });
    this.put(node, [wide, (high + head) * phases.length], name, drawn.join(""));
  }

  // x, the sum and what is missing, above the lanes.
  pictures(course, phase, wide, high) {
    const [t, after] = [this.t, phase === "sum"];
    const s = course.at(t).momentum && !after ? "y" : "s";
    const rest = course.rest(t, after);
    const side = Math.min(76, 0.17 * high, (wide - 2 * EDGE - 2 * BETWEEN) / 3);
    const pictures = [
      ["x", [], () => course.missing[0]],
      [_("− sum B{s}", { s }), ["sum"], () => course.missing[0].map((value, k) => value - rest[k])],
      [_("= missing, x − B{s}", { s }), ["missing", "help", "sum"], () => rest],
    ].map(([name, lights, values], k) => {
      const x = EDGE + k * (side + BETWEEN);
      const key = k ? `${k} ${t + after} ${s}` : "x";
      const frame = rect(lights.includes(phase) ? "frame lit" : "frame", x, ROW, side, side);
      const href = this.pictureOf(course, key, values, k === 2 ? "rest" : "picture");
      return image(href, x, ROW, side) + frame + write(name, x, ROW - 6);
    });
    return pictures.join("") + this.lanes(course, phase, side + ROW + 8, wide - 2 * EDGE, high);
  }

  // The bars of what would help, the strongest atoms with their dials, and the bars of the code.
  lanes(course, phase, top, wide, high) {
    const [terms, [value, from, shadow], { order }] = [course.at(this.t), course.bars(this.t, phase), this];
    const { code, push, tau, momentum, i, f, bound } = terms;
    const early = ["beyond", "missing"].includes(phase);
    // Where things stand
    const column = Math.min(WIDEST, (SHARE * wide) / order.length);
    const edge = EDGE + column * order.length + 6;
    const thin = (EDGE + wide - edge) / Math.max(1, code.length - order.length);
    const [tile, r] = [Math.min(column - 6, 40), Math.min(9, column / 2 - 4)];
    const forgets = f?.[order[0]] < 0 ? _("f: old taken off") : _("f: old that stays");
    const gates = course.gated ? Object.entries({ keeps: [f, forgets], enters: [i, _("i: new that enters")] }) : [];
    const dials = this.courses.some(({ gated }) => gated) ? 2 * (2 * r + 7) : 0; // so that all lanes are equally high
    const room = high - top - 2 * ROW - tile - dials - 12;
    // One scale for all solvers, but for pushes that are no products with Bᵀ beside those that are
    const all = this.courses.map((each) => each.at(this.t));
    const pushSpans = all.flatMap((each) => ((each.tau === null) === (tau === null) ? each.pushSpan : []));
    const codeSpans = all.flatMap(({ codeSpan }) => codeSpan);
    const helps = laneOf(pushSpans, top + ROW, 0.42 * room);
    const under = helps.foot + 4;
    const codes = laneOf(codeSpans, under + tile + dials + ROW + 4, 0.58 * room);
    const tall = codes.foot - helps.top;
    // The bars, one path of each kind, which is drawn sooner than as many bars
    const [empty, differing] = [new Set(phase === "shrink" ? terms.zeros : []), this.differing(phase)];
    const paths = { ghost: "", bar: "", shadow: "", empty: "", push: "" };
    const named = [this.atom ?? order[0], ["help", "step", "gates"].includes(phase) && course.atomIn(this.t, phase)];
    const others = [...code.keys()].filter((j) => !order.includes(j));
    let [tiles, labels] = ["", ""];
    let hits = rect("hit", edge, helps.top, others.length * thin, tall, { "data-atoms": others });
    for (const [k, j] of [...order, ...others].entries()) {
      const isStrong = k < order.length;
      const [x, step] = isStrong ? [EDGE + k * column, column] : [edge + (k - order.length) * thin, thin];
      const [middle, wide] = [x + step / 2, (isStrong ? 0.6 : 0.8) * step];
      const bar = (lane, ...ends) => lane.bar(middle - wide / 2, wide, ...ends);
      paths.ghost += bar(helps, 0, push[j]);
      paths.bar += bar(codes, 0, from[j]);
      if (phase === "gates") paths.push += codes.bar(middle - wide / 4, wide / 2, from[j], value[j]);
      else paths.push += early || phase === "help" ? bar(helps, 0, early ? 0 : push[j]) : bar(codes, from[j], value[j]);
      if (empty.has(j)) paths.empty += `M${middle - 3} ${codes.y(0) - 10}l3 8l3 -8z`;
      else if (shadow) paths.shadow += bar(codes, 0, shadow[j]);
      if (this.atom === j) hits += rect("picked", x, helps.top, step, tall);
      const [lane, number] = phase === "help" ? [helps, push[j]] : [codes, value[j]];
      const foot = number < 0 ? Math.min(lane.y(number) + 14, lane.foot) : lane.y(number) - 4;
      if (named.includes(j)) labels += write(j, middle, under + tile + 3, "middle", "is");
      if (!early && (named.includes(j) || (isStrong && column >= NUMBERED)))
        labels += write(number ? two(number) : "0", middle, foot, "middle", "number");
      if (!isStrong) continue;
      hits += rect(differing.has(j) ? "hit differs" : "hit", x, helps.top, column, tall, { "data-atoms": j });
      const picture = this.pictureOf(course, j, () => course.atomOf(j, k), "atom");
      tiles += image(picture, middle - tile / 2, under, tile);
      for (const [n, [name, [gate]]] of gates.entries())
        tiles += gauge(name, middle, under + tile + 6 + r + n * (2 * r + 6), r, gate[j]);
    }
    if (differing.size) {
      tiles += rect("differs", edge + 4, under + tile / 2 - 6, 12, 12);
      tiles += write(_("they differ"), edge + 20, under + tile / 2 + 5);
    }
    for (const [n, [name, [, label]]] of gates.entries())
      tiles += write(label, edge + 4, under + tile + 11 + r + n * (2 * r + 6), "", name);
    // The lanes, each with the band of what is too small
    const drawn = (...kinds) => kinds.map((kind) => path(kind, paths[kind])).join("");
    const lane = ({ top: above, y }, lit, name, bound, sign, bars) => {
      const zone = bound ? rect("zone", EDGE, y(bound), wide, y(-bound) - y(bound)) : "";
      const limit = _("grey: ± {bound}", { bound: `${sign} = ${short(bound)}` });
      const grey = bound ? write(limit, EDGE + wide, above - 6, "end") : "";
      const axis = path("axis", `M${EDGE} ${y(0)}h${wide}`);
      return tag("g", { class: lit ? "lane lit" : "lane" }, zone + axis + bars + write(name, EDGE, above - 6) + grey);
    };
    const help = tau === null ? _("what this solver adds to each weight") : _("help of each atom");
    const product = tau === null ? help : `${help}: Bᵀ(x − B${momentum ? "y" : "s"})`;
    const theta = ["step", "gates", "shrink"].includes(phase) ? terms.theta : 0;
    const asks = ["missing", "help"].includes(phase);
    const title = _(CODES[phase] ?? CODES.sum);
    return `<g data-phase="${phase}">${hits}
      ${lane(helps, phase === "help", product, early ? 0 : bound, "λ", drawn("ghost"))}<g class="tiles">${tiles}</g>
      ${lane(codes, !asks, title, theta, bound ? "θ = τλ" : "θ", drawn("bar", "shadow", "empty"))}${drawn("push")}${labels}</g>`;
  }

  // The strongest atoms whose parts of the sum, by their lengths, are not alike after the iteration, if it is over.
  differing(phase) {
    const parts = this.courses.map(({ codes, norms }) => codes[this.t]?.map((s, j) => s * norms[0][j]));
    if (parts.length < 2 || !["shrink", "sum"].includes(phase)) return new Set();
    const largest = Math.max(...parts.flatMap((part) => [...part].map(Math.abs)));
    return new Set(this.order.filter((j) => Math.abs(parts[0][j] - parts[1][j]) > DIFFERS * largest));
  }

  // A picture as an address, which is drawn once.
  pictureOf({ images }, key, values, kind) {
    if (!images.has(key)) images.set(key, pictureOf(values(), kind, this.data.drawn, this.dark));
    return images.get(key);
  }
}

export default component(OneIteration);
