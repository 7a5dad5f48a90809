// A picture as a sum of atoms at the λ of the slider, and a code that the reader makes by hand to beat its F.
import { component, isDark, make } from "./dom.js";
import { drawer, paintOn } from "./draw.js";
import { Follower } from "./follow.js";
import { excess, IN_USE } from "./measure.js";
import { onDrawn, onMoved, tellSentence } from "./messages.js";
import { objective, reconstruct } from "./objective.js";
import { counted, decibels, FARTHER, fourDigits, percent, shareMissing, short } from "./readings.js";
import { announce, hush } from "./speech.js";
import { _, localized, ngettext } from "./words.js";

const PLAY = 4000; // ms of the animation from no atoms to all atoms
const [SLOW, PLAY_STILL] = [1000, 10_000]; // ms between its steps, and of all, where the reader asks for reduced motion
const REST = 400; // ms after the last move until the position is sent to the server
const TERMS = 20; // terms of the sum that are written out
const OFFERED = 6; // atoms that are offered to a code by hand

export class Adder extends Follower {
  constructor(parent) {
    super();
    this.root = parent.querySelector(".adder");
    this.find = (what) => this.root.querySelector(what);
    this.k = null; // how many atoms are in the sum
    this.count = this.find(".count");
    this.weight = this.find(".weight");
    this.count.oninput = () => this.go(+this.count.value);
    this.find(".play").onclick = () => (this.timer ? this.go(this.k) : this.play(true));
    this.find(".course svg").share = (k) => k / Math.max(1, this.order?.length ?? 1);
    this.find(".theme").ontransitionend = () => this.data && this.refresh(true);
    this.find(".hand").onclick = () => this.byHand(this.hand ? null : Float32Array.from(this.weights));
    this.weight.oninput = () => this.weigh(+this.weight.value);
    this.find(".remove").onclick = () => this.weigh(0);
    this.sizes = new ResizeObserver(() => this.data && this.to(this.k));
  }

  async show(packed, { report, signal }) {
    onMoved(() => this.data && this.refresh(), signal);
    onDrawn(() => this.data && this.follow(), signal);
    const before = this.data;
    if (!(await this.take(packed, report, signal))) return;
    const { x, columns, start, turns } = this.data;
    this.report = report;
    this.find(".by-hand").hidden = !this.data.hand;
    this.put(this.pen?.x);
    if (before?.x.name !== x.name || before.columns[1].atoms.name !== columns[1].atoms.name) this.set();
    this.refresh();
    const back = before && before.turns !== turns; // after Back or Forward the URL says how many
    if (!before || back) {
      const still = back || matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.to(Math.min(this.order.length, start ?? (still ? Infinity : 0)));
      if (start === null && !still) this.play();
    }
    this.sizes.observe(this.find(".course"));
  }

  // Takes over another picture or dictionary.
  set() {
    const [{ x, line }, [, { atoms, codes }]] = [this.data, this.columns];
    Object.assign(this, { terms: new Map(), hand: null, atoms, d_x: x.size[1], d_s: codes.lam.size[2] });
    this.norms = Array.from({ length: this.d_s }, (_, j) => Math.hypot(...this.atom(j)));
    this.picture = drawer(this, this.find(".picture"), 0, "picture");
    this.picture();
    const kinds = { ".sum": "picture", ".rest": line ? "error" : "rest" };
    this.drawn = Object.entries(kinds).map(([place, kind]) => drawer(this, this.find(place), 1, kind));
    this.find(".picture").ariaLabel = (this.pen ?? this.data).named.title;
    this.find(".noun").textContent = line ? _("the row") : _("the picture");
  }

  // Shows all atoms of another picture, where the reader draws one, or of the page's own again.
  follow() {
    const { pen } = this;
    const x = pen?.x ?? this.given.x;
    if (x !== this.x) {
      this.stop();
      if (this.hand) this.byHand(null);
      this.put(pen && x);
      this.drawn ? this.picture() : this.set();
      this.find(".picture").ariaLabel = (pen ?? this.data).named.title;
      this.k = Number.POSITIVE_INFINITY;
    }
    this.refresh();
    if (this.k === null) this.to(this.order.length);
  }

  atom(j) {
    return this.atoms.subarray(j * this.d_x, (j + 1) * this.d_x);
  }

  // Goes to the stop of λ at hand: its weights, the order of its terms, and the share that is missing after each term.
  // After a change of theme, atoms are drawn in its colours.
  refresh(isOtherTheme = false) {
    if (isOtherTheme) this.terms.clear();
    if (this.timer) {
      this.stop(); // playing ends with the whole sum
      this.k = Number.POSITIVE_INFINITY;
    }
    this.best = this.optimum();
    const weights = this.hand ?? this.best.weights;
    this.weights = weights;
    const isAtEnd = this.k !== null && this.k >= this.order?.length;
    const size = (j) => Math.abs(weights[j]) * this.norms[j];
    const used = [...weights.keys()].filter((j) => Math.abs(weights[j]) > IN_USE);
    this.order = used.sort((i, j) => size(j) - size(i));
    const rest = Float32Array.from(this.x);
    const energy = () => rest.reduce((sum, value) => sum + value * value, 0) / (this.best.contrast || 1);
    this.missing = [energy()];
    for (const j of this.order) {
      const atom = this.atom(j);
      for (let k = 0; k < this.d_x; k++) rest[k] -= weights[j] * atom[k];
      this.missing.push(energy());
    }
    // The drawing ends at 100 %, or has room for all of a sum that is farther off than the mean, and a line at it.
    this.top = this.missing.at(-1) > 1 ? Math.max(...this.missing) : 1;
    const mean = this.find(".mean");
    mean.hidden = this.top === 1;
    mean.firstChild.style.bottom = `${100 * this.share(1)}%`;
    const count = this.order.length;
    this.count.max = count;
    this.count.disabled = this.find(".play").disabled = count === 0;
    this.drawTerms();
    this.find(".line").setAttribute("d", `M${this.missing.map((_, k) => this.place(k)).join("L")}`);
    this.find(".all").textContent = counted(count, "atom");
    if (this.k !== null) this.to(Math.min(count, isAtEnd ? count : this.k));
  }

  // The exact code at the λ at hand with its words: of a drawing, or of the page's picture by the core's numbers.
  optimum() {
    const [{ codes, by }, { pen, d_s }] = [this.columns[1], this];
    if (pen) {
      const { lam } = this.now;
      const weights = Float32Array.from(pen.codes(by, lam));
      const { contrast, named } = pen;
      return this.describe({ ...pen.numbers(by, lam), weights, lam, contrast, named }, weights);
    }
    const { stops, at, numbers, contrast, named } = this.data;
    const k = this.position?.k ?? stops.lam.indexOf(at.lam);
    const { values } = codes.lam;
    const weights = values.subarray(k * d_s, (k + 1) * d_s);
    const [F, psnr, missing] = [numbers.F[k], numbers.psnr[k], numbers.missing[k]];
    return this.describe({ weights, lam: stops.lam[k], contrast, F, psnr, missing, named }, values);
  }

  // An optimum with its words. all: the weights among which those by hand may be chosen.
  describe(optimum, all) {
    const { weights, lam, F, psnr, missing, named } = optimum;
    const active = weights.filter((weight) => Math.abs(weight) > IN_USE).length;
    const share = shareMissing(missing, "{share}");
    const values = { lam, picture: named.every, ...named, total: weights.length, share };
    const sum = ngettext(
      "{subject} is approximately the sum of **{n} atom** out of {total}; {share} of it is missing.",
      "{subject} is approximately the sum of **{n} atoms** out of {total}; {share} of it is missing.",
      active,
      values,
    );
    const sentence = active ? sum : _("At λ = {lam:g} every weight of {picture} is zero.", values);
    const numbers = { lam, atoms: counted(active, "atom"), F: fourDigits(F), psnr: decibels(psnr) };
    Object.assign(numbers, { missing: shareMissing(missing) });
    const says = _("λ = {lam:g}: {atoms}, F = {F}, PSNR {psnr}, {missing}", numbers);
    const largest = all.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 1);
    return { ...optimum, largest, share, says, sentence };
  }

  // The height of the curve at a part that is missing, as a share of its drawing's.
  share(part) {
    return (2 + 146 * Math.min(1, part / this.top)) / 150;
  }

  // Where the curve of what is missing stands after k terms, in the units of its drawing.
  place(k) {
    const count = this.order.length;
    return [count ? (300 * k) / count : 300, 150 * (1 - this.share(this.missing[k]))];
  }

  // The button of an atom, with its picture, which is drawn once.
  term(j) {
    if (this.terms.has(j)) return this.terms.get(j);
    const term = make("button", "term", "", { type: "button" });
    const canvas = make("canvas", "", "", { ariaHidden: true }); // the button says which atom it is
    term.append(make("span"), canvas);
    paintOn(canvas, this.atom(j), "atom", this.data, isDark(this.root));
    this.terms.set(j, term);
    return term;
  }

  drawTerms() {
    this.shown = this.order.slice(0, TERMS).map((j, place) => {
      const term = this.term(j);
      const isNegative = this.weights[j] < 0;
      const digits = Math.abs(this.weights[j]).toPrecision(2);
      const size = localized(digits.replace(/^(\d\d\d+)\.?.*/, "$1"));
      const weight = `${isNegative ? "− " : place ? "+ " : ""}${size} ·`;
      term.firstChild.textContent = weight;
      term.title = _("Atom {j}, weight {weight}", { j, weight: `${isNegative ? "−" : ""}${size}` });
      term.ariaLabel = _("{weight} atom {j}", { j, weight }); // it begins with what is seen
      term.tabIndex = this.hand ? 0 : -1; // without a code by hand, the slider does for the keyboard what terms do
      term.onclick = () => (this.hand ? this.pick(j) : this.go(place + 1));
      return term;
    });
    const more = this.order.length - this.shown.length;
    const onclick = () => this.go(this.order.length);
    const rest = make("button", "smaller", _("+ {count} smaller", { count: more }), { onclick });
    const lead = make("span", "lead", this.shown.length ? "≈" : "≈ 0");
    this.find(".equation").replaceChildren(lead, ...this.shown, ...(more ? [rest] : []));
  }

  // Shows the sum of the first k terms.
  to(k) {
    this.k = k;
    const code = new Float32Array(this.d_s);
    for (const j of this.order.slice(0, k)) code[j] = this.weights[j];
    this.code = code;
    const { made } = this.columns[1];
    reconstruct(code, 0, 1, this.d_s, this.atoms, this.d_x, made);
    for (const draw of this.drawn) draw("lam", 0);
    const isWhole = k >= this.order.length && !this.hand; // by the core's number: a last digit of float32's may differ
    const part = isWhole ? this.best.share : shareMissing(this.missing[k], "{share}");
    const share = k ? part : _("everything");
    const isFar = share === FARTHER;
    const values = { share, missing: share };
    const missing = isFar ? share : _("{share} missing", values);
    this.describeSum(k, share, missing, isWhole, made);
    this.find(".sum-says").innerHTML = ngettext("<b>{n}</b> atom", "the sum of <b>{n}</b> atoms", k);
    this.find(".rest-says").innerHTML = isFar ? `<b>${share}</b>` : _("missing: <b>{share}</b>", values);
    this.find(".sum").ariaLabel = ngettext("The sum of {n} atom", "The sum of {n} atoms", k);
    const contrast = this.data.line
      ? _("What is missing: {share} of the contrast of the row", values)
      : _("What is missing: {share} of the contrast of the picture", values);
    this.find(".rest").ariaLabel = isFar ? _("What is missing: the sum is {missing}", values) : contrast;
    this.find("output").textContent = _("{count} of {total}", { count: k, total: this.order.length });
    Object.assign(this.count, { value: k, ariaValueText: `${counted(k, "atom")}, ${missing}` });
    const past = this.missing.slice(0, k + 1).map((_, place) => this.place(place));
    const [x, y] = past.at(-1);
    this.find(".now").setAttribute("d", `M${past.join("L")}`);
    this.find(".area").setAttribute("d", `M0 150L${past.join("L")}L${x} 150Z`);
    const box = this.find(".course svg");
    const { style } = this.find(".point");
    style.left = `${box.parentElement.clientWidth - box.clientWidth + (x / 300) * box.clientWidth}px`;
    style.top = `${(y / 150) * box.clientHeight}px`;
    this.shown.forEach((term, place) => {
      term.classList.toggle("in", place < k);
      term.classList.toggle("last", this.hand ? this.order[place] === this.picked : place === k - 1);
    });
    if (this.hand) this.judge(made);
  }

  // The sentence of the page and the numbers of the sum of k terms, which are those of the optimum where all are in it.
  describeSum(k, share, missing, isWhole, made) {
    const [count, { lam, says, sentence, named }] = [this.order.length, this.best];
    const F = localized(objective(this.x, made, this.code, lam).toPrecision(4));
    const mean = this.data.line ? _("mean") : _("mean grey");
    const values = { lam, k, count, missing, subject: named.subject, mean, share, atoms: counted(count, "atom"), F };
    this.find(".says").textContent = isWhole ? says : _("λ = {lam:g}: {k} of {atoms}, F = {F}, {missing}", values);
    values.total = this.hand
      ? ngettext("a sum of **{n} atom** by hand", "a sum of **{n} atoms** by hand", k)
      : ngettext("the sum of **{k}** of its {n} atom", "the sum of **{k}** of its {n} atoms", count, values);
    // A sum may be farther off than the mean of a row, or the mean grey of a picture.
    if (share === FARTHER) tellSentence(_("{subject} is nearer to its {mean} than to {total}.", values));
    else if (isWhole) tellSentence(sentence);
    else if (k) tellSentence(_("{subject} is here {total}; **{share}** of it is missing.", values));
    else tellSentence(_("{subject} is here {total}; all of it is missing.", values));
  }

  // Starts from these weights by hand; null goes back to the optimum.
  byHand(weights) {
    this.stop();
    this.hand = weights;
    this.find(".hand").textContent = weights ? _("The optimum again") : _("By hand");
    this.find(".tools").hidden = !weights;
    this.k = Infinity;
    this.refresh();
    if (weights) this.pick(this.order[0] ?? 0);
  }

  // Puts atom j under the slider of weights.
  pick(j) {
    this.picked = j;
    const { largest } = this.best;
    Object.assign(this.weight, { min: -largest, max: largest, step: largest / 200 });
    this.weigh(this.hand[j]);
  }

  // Gives the atom under the slider a weight.
  weigh(value) {
    this.hand[this.picked] = Math.abs(value) > IN_USE ? value : 0;
    this.weight.value = value;
    this.find(".weight-says").textContent = _("atom {j}: {weight}", { j: this.picked, weight: short(value) });
    this.k = Infinity;
    this.refresh();
  }

  // Says F of the code by hand, and offers the atoms that would explain most of what is missing.
  judge(made) {
    const { lam, F: best } = this.best;
    const F = objective(this.x, made, this.hand, lam);
    const [yours, optimum] = [F, best].map((value) => localized(value.toPrecision(4)));
    const values = { F: yours, percent: percent(excess(F, best)), best: optimum };
    this.find(".verdict").textContent = _("Your F is {F}, {percent} above the optimum, {best}.", values);
    announce(this.find(".verdict").textContent);
    const gain = (j) => Math.abs(this.atom(j).reduce((sum, value, k) => sum + value * (this.x[k] - made[k]), 0));
    const unused = [...this.hand.keys()].filter((j) => !this.hand[j]).map((j) => [gain(j), j]);
    const strongest = unused.sort((a, b) => b[0] - a[0]).slice(0, OFFERED);
    const offered = strongest.map(([, j]) => {
      const term = this.term(j);
      term.firstChild.textContent = "+";
      const title = _("Add atom {j}", { j });
      const onclick = () => this.pick(j);
      return Object.assign(term, { title, ariaLabel: title, className: "term in", tabIndex: 0, onclick });
    });
    this.find(".offered").replaceChildren(...offered);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.find(".play").textContent = _("Play");
  }

  play(tells = false) {
    if (!this.order.length) return;
    if (this.k >= this.order.length) this.to(0);
    this.find(".play").textContent = _("Pause");
    hush();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = still ? Math.ceil((SLOW * this.order.length) / PLAY_STILL) : 1;
    const next = () => {
      if (this.k < this.order.length) return this.to(Math.min(this.order.length, this.k + step));
      this.stop();
      announce(this.find(".says").textContent);
      if (tells) this.tell();
    };
    this.timer = setInterval(next, still ? SLOW : Math.max(40, Math.min(250, PLAY / this.order.length)));
  }

  // The reader asks for k atoms.
  go(k) {
    this.stop();
    this.to(k);
    announce(this.find(".says").textContent);
    this.tell();
  }

  tell() {
    clearTimeout(this.rest);
    const report = () => !this.timer && !this.hand && this.report("at", { atoms: this.k, now: Date.now() });
    this.rest = setTimeout(report, REST);
  }

  leave() {
    tellSentence("");
    this.sizes.disconnect();
    clearTimeout(this.rest);
    this.stop();
  }
}

export default component(Adder);
