// A picture as a sum of atoms, at the λ at which the slider stands; and a code that the reader makes by hand to beat
// the optimum's F.
import { component, isDark, make } from "./dom.js";
import { atomOn, drawer } from "./draw.js";
import { Follower } from "./follow.js";
import { IN_USE } from "./measure.js";
import { onDrawn, onMoved, tellSentence } from "./messages.js";
import { objective, reconstruct } from "./objective.js";
import { counted, decibels, FARTHER, fourDigits, percent, shareMissing, short } from "./readings.js";
import { announce, hush } from "./speech.js";
import { _, localized, ngettext } from "./words.js";

const PLAY = 4000; // ms of the animation from no atoms to all atoms
const [SLOW, PLAY_STILL] = [1000, 10_000]; // ms between its steps, and of all, where the reader asks for reduced motion
const REST = 400; // ms after the last move until the position is sent to the server
const TERMS = 20; // terms of the sum that are written out

// What is said of a sum that is farther off than the mean of a row, or the mean grey of a picture.
const nearerMean = (n, given) =>
  ngettext(
    "{this} is nearer to its mean than to the sum of **{n} atom** out of {all}.",
    "{this} is nearer to its mean than to the sum of **{n} atoms** out of {all}.",
    n,
    given,
  );
const nearerGrey = (n, given) =>
  ngettext(
    "{this} is nearer to its mean grey than to the sum of **{n} atom** out of {all}.",
    "{this} is nearer to its mean grey than to the sum of **{n} atoms** out of {all}.",
    n,
    given,
  );

export class Adder extends Follower {
  constructor(parent) {
    super();
    this.root = parent.querySelector(".adder");
    this.find = (what) => this.root.querySelector(what);
    this.k = null; // how many atoms are in the sum
    this.count = this.find(".count");
    this.weight = this.find(".weight");
    this.count.oninput = () => this.go(+this.count.value);
    this.find(".play").onclick = () => (this.timer ? this.go(this.k) : this.play(() => this.tell()));
    this.find(".course svg").share = (k) => k / Math.max(1, this.order?.length ?? 1);
    this.find(".theme").ontransitionend = () => this.data && this.drawAnew();
    this.find(".hand").onclick = () => this.byHand(this.hand ? null : Float32Array.from(this.weights));
    this.weight.oninput = () => this.weigh(+this.weight.value);
    this.find(".remove").onclick = () => this.weigh(0);
    this.sizes = new ResizeObserver(() => this.data && this.to(this.k));
  }

  async show(given, { report, signal }) {
    onMoved(() => this.data && this.refresh(), signal);
    onDrawn(() => this.data && this.follow(), signal);
    const before = this.data;
    if (!(await this.take(given, report, signal))) return;
    const { x, columns, start, turns } = this.data;
    this.report = report;
    this.find(".by-hand").hidden = !this.data.hand;
    this.stop();
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
    this.drawn = [
      drawer(this, this.find(".sum"), 1, "picture"),
      drawer(this, this.find(".rest"), 1, line ? "error" : "rest"),
    ];
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
  refresh() {
    this.best = this.optimum();
    const { contrast } = this.best;
    this.weights = this.hand ?? this.best.weights;
    const atEnd = this.k !== null && this.k >= this.order?.length;
    const size = (j) => Math.abs(this.weights[j]) * this.norms[j];
    this.order = [...this.weights.keys()]
      .filter((j) => Math.abs(this.weights[j]) > IN_USE)
      .sort((i, j) => size(j) - size(i));
    const rest = Float32Array.from(this.x);
    const energy = () => rest.reduce((sum, value) => sum + value * value, 0) / (contrast || 1);
    this.missing = [energy()];
    for (const j of this.order) {
      const atom = this.atom(j);
      for (let k = 0; k < this.d_x; k++) rest[k] -= this.weights[j] * atom[k];
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
    if (this.k !== null) this.to(Math.min(count, atEnd ? count : this.k));
  }

  // What a picture, or a row of numbers, is compared with.
  get mean() {
    return this.data.line ? _("mean") : _("mean grey");
  }

  // The exact code at the λ at hand and what is said of it: of a drawing, or of the page's picture, of which the core has
  // computed the numbers.
  optimum() {
    const { codes, by } = this.columns[1];
    const { lam } = this.now;
    if (this.pen) {
      const { contrast, named } = this.pen;
      const { F, psnr, loss } = this.pen.numbers(by, lam);
      const weights = Float32Array.from(this.pen.codes(by, lam));
      return this.describe({ weights, lam, contrast, F, psnr, part: (2 * loss) / (contrast || 1), named }, weights);
    }
    const { stops, at, numbers, contrast, named } = this.data;
    const k = this.position?.k ?? stops.lam.indexOf(at.lam);
    const { values } = codes.lam;
    const weights = values.subarray(k * this.d_s, (k + 1) * this.d_s);
    const [F, psnr, part] = [numbers.F[k], numbers.psnr[k], numbers.missing[k]];
    return this.describe({ weights, lam: stops.lam[k], contrast, F, psnr, part, named }, values);
  }

  // An optimum with its words. all: the weights among which those by hand may be chosen.
  describe(optimum, all) {
    const { weights, lam, F, psnr, part, named } = optimum;
    const active = weights.filter((weight) => Math.abs(weight) > IN_USE).length;
    const left = shareMissing(part, "{share}");
    const numbers = { lam, atoms: counted(active, "atom"), F: fourDigits(F), psnr: decibels(psnr) };
    const given = { lam, picture: named.every, ...named, all: weights.length, share: left };
    const sentence = !active
      ? _("At λ = {lam:g} every weight of {picture} is zero.", given)
      : left === FARTHER
        ? (this.data.line ? nearerMean : nearerGrey)(active, given)
        : ngettext(
            "{this} is approximately the sum of **{n} atom** out of {all}; {share} of it is missing.",
            "{this} is approximately the sum of **{n} atoms** out of {all}; {share} of it is missing.",
            active,
            given,
          );
    const says = _("λ = {lam:g}: {atoms}, F = {F}, PSNR {psnr}, {missing}", {
      ...numbers,
      missing: shareMissing(part),
    });
    const most = all.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    return { ...optimum, most, left, says, sentence };
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

  // After a change of theme, atoms are drawn in its colours.
  drawAnew() {
    this.terms.clear();
    this.refresh();
  }

  // The button of an atom, with its picture, which is drawn once.
  term(j) {
    if (this.terms.has(j)) return this.terms.get(j);
    const term = make("button", "term");
    term.type = "button";
    term.append(make("span"), make("canvas"));
    term.lastChild.ariaHidden = true; // the button says which atom it is
    atomOn(term.lastChild, this.atom(j), this.data, isDark(this.root));
    this.terms.set(j, term);
    return term;
  }

  drawTerms() {
    const size = (value) => Math.abs(value).toPrecision(2);
    const said = (value) => localized(size(value).replace(/^(\d\d\d+)\.?.*/, "$1"));
    this.shown = this.order.slice(0, TERMS).map((j, place) => {
      const term = this.term(j);
      const sign = this.weights[j] < 0;
      term.firstChild.textContent = `${sign ? "− " : place ? "+ " : ""}${said(this.weights[j])} ·`;
      term.title = _("Atom {j}, weight {weight}", { j, weight: `${sign ? "−" : ""}${said(this.weights[j])}` });
      const { textContent: weight } = term.firstChild;
      term.ariaLabel = _("{weight} atom {j}", { j, weight }); // it begins with what is seen
      term.tabIndex = this.hand ? 0 : -1; // without a code by hand, the slider does for the keyboard what terms do
      term.onclick = () => (this.hand ? this.pick(j) : this.go(place + 1));
      return term;
    });
    const more = this.order.length - this.shown.length;
    const rest = make("button", "smaller", _("+ {more} smaller", { more }));
    rest.onclick = () => this.go(this.order.length);
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
    const atoms = counted(k, "atom");
    const whole = k >= this.order.length && !this.hand; // by the core's number: a last digit of float32's may differ
    const missing = k ? (whole ? this.best.left : shareMissing(this.missing[k], "{share}")) : _("everything");
    const far = missing === FARTHER;
    const given = { share: missing, missing };
    const told = far ? missing : _("{share} missing", given);
    this.say(k, missing, told, made);
    this.find(".sum-says").innerHTML = ngettext("<b>{n}</b> atom", "the sum of <b>{n}</b> atoms", k);
    this.find(".rest-says").innerHTML = far ? `<b>${missing}</b>` : _("missing: <b>{share}</b>", given);
    this.find(".sum").ariaLabel = ngettext("The sum of {n} atom", "The sum of {n} atoms", k);
    const part = this.data.line
      ? _("What is missing: {share} of the contrast of the row", given)
      : _("What is missing: {share} of the contrast of the picture", given);
    this.find(".rest").ariaLabel = far ? _("What is missing: the sum is {missing}", given) : part;
    this.find("output").textContent = _("{some} of {all}", { some: k, all: this.order.length });
    Object.assign(this.count, { value: k, ariaValueText: `${atoms}, ${told}` });
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
  say(k, missing, told, made) {
    const { named } = this.best;
    const [count, { lam, says, sentence }] = [this.order.length, this.best];
    const all = k >= count && !this.hand;
    const F = () => localized(objective(this.x, made, this.code, lam).toPrecision(4));
    const given = { lam, k, count, told, this: named.this, mean: this.mean, share: missing };
    const some = () =>
      _("λ = {lam:g}: {k} of {atoms}, F = {F}, {told}", { ...given, atoms: counted(count, "atom"), F: F() });
    this.find(".says").textContent = all ? says : some();
    given.total = this.hand
      ? ngettext("a sum of **{n} atom** by hand", "a sum of **{n} atoms** by hand", k)
      : ngettext("the sum of **{k}** of its {n} atom", "the sum of **{k}** of its {n} atoms", count, given);
    if (all) tellSentence(sentence);
    else if (missing === FARTHER) tellSentence(_("{this} is nearer to its {mean} than to {total}.", given));
    else if (k) tellSentence(_("{this} is here {total}; **{share}** of it is missing.", given));
    else tellSentence(_("{this} is here {total}; all of it is missing.", given));
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
    const { most } = this.best;
    Object.assign(this.weight, { min: -most, max: most, step: most / 200 });
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
    const above = best ? (100 * (F - best)) / best : 0;
    const [yours, least] = [F, best].map((each) => localized(each.toPrecision(4)));
    const given = { F: yours, percent: percent(above), best: least };
    this.find(".verdict").textContent = _("Your F is {F}, {percent} above the optimum, {best}.", given);
    announce(this.find(".verdict").textContent);
    const gain = (j) => Math.abs(this.atom(j).reduce((sum, value, k) => sum + value * (this.x[k] - made[k]), 0));
    const unused = [...this.hand.keys()].filter((j) => !this.hand[j]).map((j) => [gain(j), j]);
    const offered = unused
      .sort((a, b) => b[0] - a[0])
      .slice(0, 6)
      .map(([, j]) => {
        const term = this.term(j);
        term.firstChild.textContent = "+";
        term.title = term.ariaLabel = _("Add atom {j}", { j });
        term.onclick = () => this.pick(j);
        return Object.assign(term, { className: "term in", tabIndex: 0 });
      });
    this.find(".offered").replaceChildren(...offered);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.find(".play").textContent = _("Play");
  }

  play(atEnd) {
    if (!this.order.length) return;
    if (this.k >= this.order.length) this.to(0);
    this.find(".play").textContent = _("Pause");
    hush();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = still ? Math.ceil((SLOW * this.order.length) / PLAY_STILL) : 1;
    const next = () => {
      if (this.k < this.order.length) return this.to(Math.min(this.order.length, this.k + step));
      this.stop();
      this.sayAloud();
      atEnd?.();
    };
    this.timer = setInterval(next, still ? SLOW : Math.max(40, Math.min(250, PLAY / this.order.length)));
  }

  // The reader asks for k atoms.
  go(k) {
    this.stop();
    this.to(k);
    this.sayAloud();
    this.tell();
  }

  sayAloud() {
    announce(this.find(".says").textContent);
  }

  tell() {
    clearTimeout(this.rest);
    this.rest = setTimeout(
      () => !this.timer && !this.hand && this.report("at", { atoms: this.k, now: Date.now() }),
      REST,
    );
  }

  leave() {
    tellSentence("");
    this.sizes.disconnect();
    clearTimeout(this.rest);
    clearInterval(this.timer);
    this.timer = null;
  }
}

export default component(Adder);
