// From ISTA to an LSTM: a table of solvers and the terms of a cell, the equation, and Figure 1, with one colour a term.
// A click on a term explains it, and one on a row shows its arithmetic.
import { component, make } from "../dom.js";
import { dial } from "../sliders.js";
import { _, N_ } from "../words.js";
import { Idea, rewrite, two } from "./idea.js";
import { circle, path, rect, write } from "./svg.js";

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
    "FISTA has f = −m = **{momentum}** here, and m grows from 0 towards 1 with t, whatever the picture. Below zero, f " +
      "goes on past the last point.",
  ),
  sigmoid: N_("A sigmoid lies between 0 and 1, so no gate of an LSTM can be that; SLSTM has f = {learned}."),
  longer: N_(
    "It goes another way: the steps that it learned are **{longer} times** as long as ISTA’s, to come far in few, and " +
      "its memory damps those that go too far and turn back.",
  ),
  capped: N_("f is at most 1 − i here, so c grows no larger than memory or candidate; the paper has no cap."),
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

const wire = (term, d, head) => path(term, d) + (head ? headOf(term, ...head) : "");
const headOf = (term, x, y, turn) =>
  path(`${term} head`, "M1 0L-9 -5V5Z", { transform: `translate(${x} ${y}) rotate(${turn})` });
const letter = (term, text, x, y) => write(text, x, y, "", `m ${term}`);
const box = (term, x, y, symbol, label) =>
  rect(term, x - 64, y, 128, 66, { rx: 10 }) + letter(term, symbol, x, y + 29) + write(label, x, y + 56, "", term);
const dot = (term, x, y) => circle(term, [x, y], 13) + circle(`${term} full`, [x, y], 3.5);
// Figure 1, term by term.
const UNIT = {
  memory:
    wire("memory", "M4 42H63M89 42H264M290 42H568", [568, 42, 0]) +
    circle("memory", [277, 42], 13) +
    path("memory", "M270 42H284M277 35V49") +
    letter("memory", "c⁽ᵗ⁻¹⁾", 34, 28) +
    letter("memory", "c⁽ᵗ⁾", 546, 28),
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
    letter("activation", "s⁽ᵗ⁾", 546, 250),
};
const LETTERS = /<text class="m.*?<\/text>/g;
const INPUTS =
  wire("in", "M4 262H340M4 300H368") +
  [72, 206, 340].map((x) => wire("in", `M${x} 262V207`, [x, 207, -90])).join("") +
  [100, 234, 368].map((x) => wire("in", `M${x} 300V207`, [x, 207, -90])).join("") +
  write("s⁽ᵗ⁻¹⁾", 30, 252, "", "m") +
  write("x", 16, 290, "", "m");

class Unfolded extends Idea {
  build() {
    this.root.classList.add("sc-unfolded");
    this.plot = make("div", "sc-unit");
    // Letters stand beside the buttons, whose names have the words that are seen in them.
    const parts = Object.entries(UNIT).map(
      ([term, drawn]) =>
        `<g class="part" data-term="${term}" role="button" tabindex="0">${drawn.replaceAll(LETTERS, "")}</g>` +
        `<g class="letters">${drawn.match(LETTERS).join("")}</g>`,
    );
    this.plot.innerHTML = `<svg viewBox="0 0 572 312" role="group" aria-label="${_(SAYS.alt)}">
      ${INPUTS}${parts.join("")}</svg>`;
    [this.table, this.sum, this.says] = ["sc-terms", "sc-sum", "sc-says"].map((name, k) => make(k ? "p" : "div", name));
    const options = { min: 1, max: 1, step: 1, value: 1, says: (t) => `t = ${t}` };
    this.iteration = dial(_("iteration"), options, (t) => this.change({ t }));
    const beside = make("div");
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
    const { rows, folded, activation } = this.data;
    this.activation = ACTIVATIONS[activation] ?? activation;
    // What a click on Figure 1 shows comes below it, so that it stays under the finger.
    if (folded && this.root.lastChild !== this.table) this.root.append(this.root.querySelector("h2"), this.table);
    this.row ??= Object.keys(rows).at(-1);
    this.term ??= folded ? null : "forget";
    this.t ??= this.data.t;
    this.iteration.querySelector("input").max = rows[this.row].cell.length;
    this.iteration.set(Math.min(this.t, rows[this.row].cell.length));
    const button = (given, text) => `<button type="button" ${given}>${text}</button>`;
    const heads = NAMES.map(
      (name, k) => `<th scope="col">${button(`class="${TERMS[k]}" data-term="${TERMS[k]}"`, name)}</th>`,
    );
    const body = Object.entries(FORMS).map(([name, form]) => {
      const head = rows[name] ? button(`data-row="${name}"`, LABELS[name]) : LABELS[name];
      const cells = form.map((text, k) => `<td class="${TERMS[k]}">${text || this.activation}</td>`);
      return `<tr data-of="${name}"><th scope="row">${head}</th>${cells.join("")}</tr>`;
    });
    const head = `<thead><tr><td></td>${heads.join("")}</tr></thead>`;
    this.table.innerHTML = `<table>${head}<tbody>${body.join("")}</tbody></table>`;
    for (const part of this.plot.querySelectorAll("g.part"))
      part.ariaLabel = _("{part}: show its numbers", { part: NAMES[TERMS.indexOf(part.dataset.term)] });
  }

  press(part) {
    if (!part) return;
    const { term = this.term ?? "memory", row = this.row } = part.dataset;
    this.change({ term, row });
  }

  draw({ rows, atom }) {
    const row = rows[this.row];
    const t = Math.max(1, Math.min(row.cell.length, this.t));
    const k = t - 1;
    this.root.toggleAttribute("data-folded", !this.term);
    for (const node of this.root.querySelectorAll("[data-term], [data-row]")) {
      const isOn = node.dataset.term ? node.dataset.term === this.term : node.dataset.row === this.row;
      (node.closest("tr[data-of]") ?? node).toggleAttribute("data-on", isOn);
      node.ariaPressed = String(isOn);
    }
    const name = (term, letter) => `<i class="${term}">${letter}</i>`;
    const [f, memory, i, candidate, code] = ["forget", "memory", "input", "candidate", "activation"].map(
      (term) => `<b class="${term}">${two((term === "activation" ? row.code : row[term])[k])}</b>`,
    );
    const letters = { forget: "f", memory: _("memory"), input: "i", candidate: "c̃" };
    const [F, M, I, C] = Object.entries(letters).map(([term, letter]) => name(term, letter));
    const equation = `<i>c</i> = ${F} · ${M} + ${I} · ${C}`;
    const values = { solver: LABELS[this.row], atom, t, cell: two(row.cell[k]), h: name("activation", "h"), code };
    Object.assign(values, { equation, sum: `${f} · ${memory} + ${i} · ${candidate}` });
    rewrite(
      this.sum,
      _(
        "{solver}, atom {atom}, iteration {t}: {equation} = {sum} = <b>{cell}</b>, and {h} makes {code} of it.",
        values,
      ),
    );
    const terms = ["memory", "input", "forget", "candidate", "cell", "code"];
    this.root.dataset.at = [t, ...terms.map((term) => row[term][k])].join(" ");
    if (this.term) this.tell(this.says, this.describe(k));
  }

  // What a term is, in numbers of the iteration at hand.
  describe(k) {
    const { rows, capped, longer } = this.data;
    const at = (row) => two(row[this.term]?.[Math.min(k, row[this.term].length - 1)] ?? 0);
    const [momentum, learned] = [at(rows.momentum), at(rows.learned)];
    const more = ["sigmoid", ...(longer > 1.05 ? ["longer"] : []), capped ? "capped" : "free"];
    const values = { momentum, learned, activation: this.activation, longer: two(longer) };
    return [this.term, ...(this.term === "forget" ? more : [])].map((key) => _(SAYS[key], values)).join(" ");
  }
}

export default component(Unfolded);
