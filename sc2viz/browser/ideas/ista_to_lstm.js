// From ISTA to an LSTM: a table with a row for each solver and a column for each term of a cell, the equation, and
// Figure 1. Each term has one colour in all three. A click on a term says what it is, and one on a row shows its
// arithmetic.
import { component, make } from "../dom.js";
import { dial } from "../sliders.js";
import { _, N_ } from "../words.js";
import { Idea, rewrite, two } from "./idea.js";

const TERMS = ["memory", "input", "forget", "candidate", "output", "activation"];
const [FORGET, CANDIDATE] = [_("forget gate f"), _("candidate c̃")];
const NAMES = [_("memory"), _("input gate i"), FORGET, CANDIDATE, _("output gate"), _("activation h")];
const ACTIVATIONS = { shrinkage: _("shrinkage"), "double tanh": _("double tanh") };
const [NONE, BY_HAND, LAST] = [_("absent"), _("set by hand"), _("last c")];
const LINEAR = "W<sub>e</sub> s + W<sub>d</sub> x";
const gate = (name) => `σ(W<sub>${name}s</sub> s + W<sub>${name}x</sub> x)`;
// What each solver has for each term; the words of a row that `rows` of the data names.
const FORMS = {
  plain: [NONE, "1", "0", LINEAR, NONE, ACTIVATIONS.shrinkage],
  momentum: [_("last candidate"), "1 + m<sub>t</sub>", "−m<sub>t</sub>", LINEAR, NONE, ACTIVATIONS.shrinkage],
  hand: [LAST, BY_HAND, BY_HAND, LINEAR, NONE, ACTIVATIONS.shrinkage],
  lstm: [LAST, gate("i"), gate("f"), "tanh(W<sub>s</sub> s + W<sub>x</sub> x)", gate("o"), "tanh"],
  learned: [LAST, gate("i"), gate("f"), LINEAR, NONE, ""],
};
const SAYS = {
  alt: N_(
    "From ISTA to an LSTM, Figure 1: one iteration as a cell. Two gates decide what enters and what stays in a " +
      "memory c.",
  ),
  memory: N_(
    "ISTA has **no memory**: it starts from the last code alone. FISTA remembers one step, an LSTM what " +
      "its gates kept.",
  ),
  input: N_(
    "ISTA takes the whole candidate, i = 1. FISTA takes **{momentum}** of it here; a sigmoid gives 1 at " +
      "most. SLSTM takes {learned}.",
  ),
  forget: N_(
    "FISTA’s momentum is f = **{momentum}** here, and below zero later. A sigmoid lies between 0 and 1, " +
      "so no gate of an LSTM can be that; SLSTM has f = {learned}.",
  ),
  below: N_(
    "FISTA’s momentum is f = **{momentum}** here, below zero: it goes on past the last point. A sigmoid " +
      "lies between 0 and 1, so no gate of an LSTM can be that; SLSTM has f = {learned}.",
  ),
  capped: N_("This network takes at most 1 − i for f, so that open gates add nothing up; the paper has no such cap."),
  free: N_("The paper has no cap on f, and neither has this network."),
  candidate: N_(
    "The candidate of all but the LSTM is **ISTA’s step before shrinkage**, linear in s and x. The LSTM " +
      "bends it by tanh.",
  ),
  output: N_("Only the LSTM has an **output gate**. In the others, h makes the code of what is in the memory."),
  activation: N_(
    "Shrinkage makes **exact zeros**; tanh makes none. This SLSTM has {activation}; the paper’s has double tanh.",
  ),
};
const LABELS = { plain: "ISTA", momentum: "FISTA", hand: "Adaptive ISTA, (7)", lstm: "LSTM", learned: "SLSTM, (8)" };

// The largest difference between c and f · memory + i · c̃ over all iterations, which should be none.
export const apart = ({ memory, input, forget, candidate, cell }) =>
  Math.max(...cell.map((c, t) => Math.abs(c - forget[t] * memory[t] - input[t] * candidate[t])));

const wire = (term, d, [x, y, turn] = []) =>
  `<path class="${term}" d="${d}"/>` +
  (x === undefined
    ? ""
    : `<path class="${term} head" transform="translate(${x} ${y}) rotate(${turn})" d="M1 0L-9 -5V5Z"/>`);
const box = (term, x, y, letter, words) =>
  `<rect class="${term}" x="${x - 64}" y="${y}" width="128" height="66" rx="10"/>` +
  `<text class="m ${term}" x="${x}" y="${y + 29}">${letter}</text>` +
  `<text class="${term}" x="${x}" y="${y + 56}">${words}</text>`;
const dot = (term, x, y) =>
  `<circle class="${term}" cx="${x}" cy="${y}" r="13"/><circle class="${term} full" cx="${x}" cy="${y}" r="3.5"/>`;
// Figure 1, term by term.
const UNIT = {
  memory:
    wire("memory", "M4 42H63") +
    wire("memory", "M89 42H264") +
    wire("memory", "M290 42H568", [568, 42, 0]) +
    `<circle class="memory" cx="277" cy="42" r="13"/><path class="memory" d="M270 42H284M277 35V49"/>` +
    `<text class="m memory" x="34" y="28">c⁽ᵗ⁻¹⁾</text><text class="m memory" x="546" y="28">c⁽ᵗ⁾</text>`,
  forget:
    wire("forget", "M76 140V56", [76, 56, -90]) + dot("forget", 76, 42) + box("forget", 76, 140, "f⁽ᵗ⁾", _("forget")),
  candidate: wire("candidate", "M210 140V102H263", [263, 102, 0]) + box("candidate", 210, 140, "c̃⁽ᵗ⁾", _("candidate")),
  input:
    wire("input", "M344 140V102H291", [291, 102, 180]) +
    dot("input", 277, 102) +
    wire("input", "M277 89V56", [277, 56, -90]) +
    box("input", 344, 140, "i⁽ᵗ⁾", _("input")),
  activation:
    wire("activation", "M450 42V66", [450, 66, 90]) +
    box("activation", 450, 66, "h", _("activation")) +
    wire("activation", "M450 132V262H568", [568, 262, 0]) +
    `<text class="m activation" x="546" y="250">s⁽ᵗ⁾</text>`,
};
const LETTERS = /<text class="m.*?<\/text>/g;
const INPUTS =
  wire("in", "M4 262H340") +
  [72, 206, 340].map((x) => wire("in", `M${x} 262V207`, [x, 207, -90])).join("") +
  wire("in", "M4 300H368") +
  [100, 234, 368].map((x) => wire("in", `M${x} 300V207`, [x, 207, -90])).join("") +
  `<text class="m" x="30" y="252">s⁽ᵗ⁻¹⁾</text><text class="m" x="16" y="290">x</text>`;

class Unfolded extends Idea {
  build() {
    this.root.classList.add("sc-unfolded");
    this.plot = make("div", "sc-unit");
    // Letters stand beside the buttons, whose names have the words that are seen in them.
    const known = Object.entries(UNIT).map(
      ([term, drawn]) =>
        `<g class="part" data-term="${term}" role="button" tabindex="0">${drawn.replaceAll(LETTERS, "")}</g>` +
        `<g class="letters">${drawn.match(LETTERS).join("")}</g>`,
    );
    this.plot.innerHTML = `<svg viewBox="0 0 572 312" role="group" aria-label="${_(SAYS.alt)}">
      ${INPUTS}${known.join("")}</svg>`;
    this.table = make("div", "sc-terms");
    this.sum = make("p", "sc-sum");
    this.says = make("p", "sc-says");
    const beside = make("div");
    const at = { min: 1, max: 1, step: 1, value: 1, says: (t) => `t = ${t}` };
    this.iteration = dial(_("iteration"), at, (t) => this.turn(t));
    beside.append(this.iteration, this.sum, this.says);
    this.root.append(make("h2", "", _("From ISTA to an LSTM")), this.table, this.plot, beside);
    this.root.onclick = ({ target }) => this.press(target.closest("[data-term], [data-row]"));
    this.root.onkeydown = (event) => {
      const part = event.target.closest("g.part");
      if (!part || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      this.press(part);
    };
  }

  arrived() {
    const { rows, folded } = this.data;
    this.row ??= Object.keys(rows).at(-1);
    this.term ??= folded ? null : "forget";
    this.t ??= this.data.t;
    this.iteration.querySelector("input").max = rows[this.row].cell.length;
    this.iteration.set(Math.min(this.t, rows[this.row].cell.length));
    const cells = (form) => form.map((each, k) => `<td class="${TERMS[k]}">${each || this.activation}</td>`).join("");
    const heads = NAMES.map(
      (name, k) =>
        `<th scope="col"><button type="button" class="${TERMS[k]}" data-term="${TERMS[k]}">${name}</button></th>`,
    );
    const body = Object.entries(FORMS).map(([name, form]) => {
      const head = rows[name] ? `<button type="button" data-row="${name}">${LABELS[name]}</button>` : LABELS[name];
      return `<tr data-of="${name}"><th scope="row">${head}</th>${cells(form)}</tr>`;
    });
    const head = `<thead><tr><td></td>${heads.join("")}</tr></thead>`;
    this.table.innerHTML = `<table>${head}<tbody>${body.join("")}</tbody></table>`;
    for (const part of this.plot.querySelectorAll("g.part"))
      part.ariaLabel = _("{part}: show its numbers", { part: NAMES[TERMS.indexOf(part.dataset.term)] });
  }

  get activation() {
    return ACTIVATIONS[this.data.activation] ?? this.data.activation;
  }

  turn(t) {
    this.t = t;
    this.paint();
  }

  press(part) {
    if (!part) return;
    this.term = part.dataset.term ?? this.term ?? "memory";
    this.row = part.dataset.row ?? this.row;
    this.paint();
  }

  paint() {
    if (!this.data) return;
    const { rows, atom } = this.data;
    const own = rows[this.row];
    const t = Math.max(1, Math.min(own.cell.length, this.t));
    const is = (name, value) => `<b class="${name}">${two(value)}</b>`;
    const k = t - 1;
    this.root.toggleAttribute("data-folded", !this.term);
    for (const each of this.root.querySelectorAll("[data-term]")) {
      const on = each.dataset.term === this.term;
      each.toggleAttribute("data-on", on);
      each.ariaPressed = String(on);
    }
    for (const each of this.table.querySelectorAll("tr[data-of]")) {
      each.toggleAttribute("data-on", each.dataset.of === this.row);
      each.querySelector("button")?.setAttribute("aria-pressed", String(each.dataset.of === this.row));
    }
    const name = (term, letter) => `<i class="${term}">${letter}</i>`;
    const [of, memory] = [(term) => is(term, own[term][k]), name("memory", _("memory"))];
    rewrite(
      this.sum,
      _("{solver}, atom {atom}, iteration {t}: {equation} = {sum} = <b>{cell}</b>, and {h} makes {code} of it.", {
        ...{ solver: LABELS[this.row], atom, t, cell: two(own.cell[k]), h: name("activation", "h") },
        code: is("activation", own.code[k]),
        equation: `<i>c</i> = ${name("forget", "f")} · ${memory} + ${name("input", "i")} · ${name("candidate", "c̃")}`,
        sum: `${of("forget")} · ${of("memory")} + ${of("input")} · ${of("candidate")}`,
      }),
    );
    const terms = ["memory", "input", "forget", "candidate", "cell", "code"];
    this.root.dataset.at = [t, ...terms.map((each) => own[each][k])].join(" ");
    if (this.term) this.tell(this.says, this.sentence(k));
  }

  // What a term is, in numbers of the iteration at hand.
  sentence(k) {
    const { rows, capped } = this.data;
    const at = (row) => two(row[this.term]?.[Math.min(k, row[this.term].length - 1)] ?? 0);
    const [momentum, learned] = [at(rows.momentum), at(rows.learned)];
    const below = this.term === "forget" && rows.momentum.forget[k] < 0;
    const what = below ? "below" : this.term;
    const said = _(SAYS[what], { momentum, learned, activation: this.activation });
    return this.term === "forget" ? `${said} ${_(capped ? SAYS.capped : SAYS.free)}` : said;
  }
}

export default component(Unfolded);
