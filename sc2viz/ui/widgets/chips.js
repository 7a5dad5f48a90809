// One chip a solver, which is the legend as well: colour, dash and marker. The variants of a solver stand in a menu
// behind its chip. The solvers that are not the paper's and were not chosen stand in a list behind a button at the end.
// `chosen` is the reader's choice in the order of choosing; it is reported as a whole, so that quick clicks add up.
import { words } from "../../browser/decode.js";
import { component, make } from "../../browser/dom.js";
import { sliderHints, tellHints } from "../../browser/messages.js";
import { _, ngettext } from "../../browser/words.js";

const OTHERS = "*"; // stands for the list of the others where a solver's name stands for its menu
const DASHES = { solid: "", dot: "1.5 3", dash: "9 4" };

// The line and the marker of a solver, as in the charts.
const sample = (dash, mark) => {
  const pattern = DASHES[dash] ?? dash.replaceAll("px", "").replaceAll(",", " ");
  return `<svg aria-hidden="true" viewBox="-14 -7 28 14" width="28" height="14">
    <line x1="-14" x2="14" stroke="currentColor" stroke-width="2.5" stroke-dasharray="${pattern}"/>
    <g fill="currentColor">${mark}</g></svg>`;
};

// A text as it stands in HTML, also between quotes.
const escapeHtml = (text) => make("i", "", text).innerHTML.replaceAll('"', "&quot;");
const colourStyle = ({ light, dark }) => `--light:${light}; --dark:${dark}`;
const disabled = ({ problem }) => (problem ? 'aria-disabled="true"' : "");

// Opens Train live, as soon as the link to it is drawn.
const openTrainLive = (frames) => {
  const link = document.querySelector(".st-key-to-train a");
  if (link) link.click();
  else if (frames) requestAnimationFrame(() => openTrainLive(frames - 1));
};

class Chips {
  standing = new Set(); // names of solvers that were chosen since the page opened: their chips stay

  constructor(parent) {
    this.root = parent.appendChild(make("div", "chips", "", { role: "group" }));
    this.root.onclick = ({ target, detail }) => {
      this.click(target.closest("button"));
      const byKey = !detail && this.open && target.closest("[data-menu]");
      if (byKey) this.root.querySelector(".menu button")?.focus();
    };
    this.root.onkeydown = (event) => this.press(event);
    this.root.onfocusin = ({ target }) => {
      if (this.open && !target.closest(".menu") && target.dataset.menu !== this.open) this.openMenu(null);
    };
    this.sizes = new ResizeObserver(() => {
      if (this.root.clientWidth === this.width) return;
      this.width = this.root.clientWidth;
      this.fit();
      if (this.open) this.openMenu(this.open);
    });
  }

  async show({ packed }, { report, trigger, signal }) {
    const close = (event) => this.open && !event.composedPath().includes(this.root) && this.openMenu(null);
    document.addEventListener("pointerdown", close, { signal });
    document.addEventListener("scroll", () => this.placeMenu(), { signal, capture: true });
    const data = packed === this.packed ? this.data : JSON.parse(await words(packed));
    if (signal.aborted) return; // other data have arrived meanwhile, or the page has gone
    Object.assign(this, { data, report, trigger });
    this.root.ariaLabel = data.title;
    tellHints(data.hints);
    if (this.packed !== packed) {
      this.packed = packed;
      this.chosen = [...data.chosen];
      this.draw();
      if (data.train) openTrainLive(60);
    }
    this.width = this.root.clientWidth;
    this.sizes.observe(this.root);
  }

  // The chips of the next page may have told their hints already: those stay.
  leave() {
    if (this.data && sliderHints() === this.data.hints) tellHints({});
    this.sizes.disconnect();
  }

  get solvers() {
    return this.data.rows.flat();
  }

  isChosen({ label }) {
    return this.chosen.includes(label);
  }

  isShown({ models }) {
    return models.some(({ label }) => this.data.shown.includes(label));
  }

  draw() {
    const { root, open } = this;
    const scrolled = root.querySelector(".menu")?.scrollTop;
    const focused = root.querySelector(":focus")?.dataset.focus;
    for (const solver of this.solvers)
      if (this.isShown(solver) || solver.models.some((model) => this.isChosen(model))) this.standing.add(solver.name);
    const stands = ({ first, name }) => first || this.standing.has(name);
    const chips = (solvers) => solvers.filter(stands).map((solver) => this.chip(solver));
    root.innerHTML = this.data.rows.map((solvers) => `<div class="row">${chips(solvers).join("")}</div>`).join("");
    this.fit();
    if (open) this.openMenu(open);
    if (scrolled) root.querySelector(".menu")?.scrollTo(0, scrolled);
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  chip(solver) {
    const count = solver.models.filter((model) => this.isChosen(model)).length;
    const isShown = this.isShown(solver);
    const note = escapeHtml(solver.problem ? _("disabled here") : solver.note);
    const dashed =
      count && !isShown ? `${_("Dashed: chosen, but not shown here.")} ${escapeHtml(this.data.title)} ` : "";
    const [name, label] = [escapeHtml(solver.name), escapeHtml(solver.label)];
    const menuButton = `<button class="more" data-focus="menu-${name}" data-menu="${name}" aria-haspopup="menu"
        aria-expanded="${this.open === solver.name}" aria-label="${_("Variants of {label}", { label })}">▾</button>`;
    // What follows the colon of a note is left out where there is little room (chips.css).
    return `<span class="chip ${isShown ? "on" : count ? "on hollow" : ""}" style="${colourStyle(solver)}">
      <button class="name" data-focus="${name}" data-solver="${name}" aria-pressed="${count > 0}" ${disabled(solver)}
        aria-description="${dashed}${escapeHtml(solver.problem) || note}"
        title="${dashed}${escapeHtml(solver.problem || solver.note || solver.about)}">
        ${sample(solver.dash, solver.mark)}
        <span class="words"><span data-label="${label}">${label}</span>
          ${note && `<small>${note.replace(/(: .*)$/, "<i>$1</i>")}</small>`}</span>
        ${count > 1 ? `<b aria-hidden="true">${count}</b>` : ""}</button>
      ${this.menu(solver) && menuButton}</span>`;
  }

  // What stands behind a chip: its variants where there are several, and the way to Train live.
  menu(solver) {
    const variant = (model) => `<button role="menuitemcheckbox" data-focus="${escapeHtml(model.label)}"
        data-model="${escapeHtml(model.label)}" ${model.problem ? "disabled" : ""} aria-checked="${this.isChosen(model)}">
        ${sample(model.dash, solver.mark)}<span>${escapeHtml(model.short)}</span><small>${escapeHtml(model.note)}</small></button>`;
    const variants = solver.models.length > 1 && !solver.problem ? solver.models.map(variant).join("") : "";
    const train = `<button role="menuitem" data-focus="train" data-train="${escapeHtml(solver.label)}"
        >${_("Train it live →")}</button>`;
    return variants + (solver.train ? train : "");
  }

  // Two rows at most: the chips move together where they have more than `rowLimit` rows, then those that are not chosen
  // join the others behind the button at the end; where that is not enough, the chips lose their notes.
  fit() {
    const { root } = this;
    const chips = () => [...root.querySelectorAll(".chip:not([hidden])")];
    const countRows = () => new Set(chips().map((chip) => chip.offsetTop)).size;
    root.querySelector(".rest")?.remove();
    for (const node of root.querySelectorAll("[hidden]")) node.hidden = false;
    root.classList.remove("close", "closest");
    const rest = make("span", "chip rest");
    rest.innerHTML = `<button class="name" data-focus="rest" data-rest data-menu="${OTHERS}" aria-haspopup="dialog"
        aria-expanded="${this.open === OTHERS}"></button>`;
    const placeRest = () => {
      const rows = [...root.querySelectorAll(".row")];
      for (const row of rows) row.hidden = !row.querySelector(".chip:not([hidden], .rest)");
      (rows.filter((row) => !row.hidden).at(-1) ?? root).append(rest);
      const count = this.others().length;
      rest.firstChild.textContent = ngettext("{n} more", "{n} more", count);
      rest.hidden = !count;
    };
    placeRest();
    root.classList.toggle("close", countRows() > this.data.rowLimit);
    for (const chip of [...root.querySelectorAll(".chip:not(.on, .rest)")].reverse()) {
      if (countRows() <= 2) break;
      chip.hidden = true;
      placeRest();
    }
    root.classList.toggle("closest", countRows() > 2);
  }

  // The solvers without a chip in the rows.
  others() {
    const buttons = [...this.root.querySelectorAll(".row > .chip:not([hidden]) > [data-solver]")];
    return this.solvers.filter(({ name }) => !buttons.some(({ dataset }) => dataset.solver === name));
  }

  // The list of the others, in groups, each solver with its year and a line. It stays as it was opened.
  list() {
    const item = (solver) => {
      const [name, problem] = [escapeHtml(solver.name), escapeHtml(solver.problem)];
      const about = `<i>${solver.year ?? ""}</i><small>${problem || escapeHtml(solver.about)}</small>`;
      return `<button class="other" data-focus="other-${name}" data-solver="${name}" ${disabled(solver)}
        aria-pressed="${solver.models.some((model) => this.isChosen(model))}" style="${colourStyle(solver)}"
        title="${problem || escapeHtml(solver.note)}">${sample(solver.dash, solver.mark)}
        <span><b>${escapeHtml(solver.label)}</b> ${about}</span></button>`;
    };
    const group = ([family, title]) => {
      const solvers = this.solvers.filter((solver) => solver.family === family && this.listed.has(solver.name));
      solvers.sort((first, second) => (first.year ?? Infinity) - (second.year ?? Infinity));
      const items = solvers.map(item).join("");
      return items && `<section aria-label="${title}"><p aria-hidden="true">${title}</p>${items}</section>`;
    };
    const groups = Object.entries(this.data.families).map(group).filter(Boolean);
    return `<div class="groups ${groups.length === 1 ? "single" : ""}">${groups.join("")}</div>`;
  }

  opener(name) {
    return this.root.querySelector(`[data-menu="${CSS.escape(name ?? "")}"]`);
  }

  // Opens the menu behind the chip of a solver, or the list of the others, and closes all others; null closes all.
  openMenu(name) {
    this.root.querySelector(".menu")?.remove();
    const [opener, previous] = [this.opener(name), this.open];
    const solver = this.solvers.find((each) => each.name === name);
    this.open = opener && (solver || name === OTHERS) ? name : null;
    for (const button of this.root.querySelectorAll("[data-menu]"))
      button.ariaExpanded = Boolean(this.open) && button === opener;
    if (!this.open) return;
    const menu = make("div", solver ? "menu" : "menu others");
    menu.popover = "manual"; // above everything, so that no edge of a container cuts it off
    if (!solver && previous !== OTHERS) {
      this.listed = new Set(this.others().map((item) => item.name));
      if (!this.data.othersSeen) this.trigger("seen", true);
    }
    const ariaLabel = solver ? _("Variants of {label}", solver) : _("More solvers");
    const [role, innerHTML] = solver ? ["menu", this.menu(solver)] : ["dialog", this.list()];
    Object.assign(menu, { role, ariaLabel, innerHTML, style: solver ? colourStyle(solver) : "" });
    opener.parentElement.append(menu);
    menu.showPopover();
    this.placeMenu();
  }

  // The open menu stands under its chip, else above it, and inside the window.
  placeMenu() {
    const menu = this.root.querySelector(".menu");
    if (!menu) return;
    const chip = menu.parentElement.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const fitsBelow = chip.bottom + 4 + height <= innerHeight - 8 || chip.top < height + 12;
    const top = fitsBelow ? chip.bottom + 4 : chip.top - 4 - height;
    menu.style.left = `${Math.max(8, Math.min(chip.left, document.documentElement.clientWidth - 8 - width))}px`;
    menu.style.top = `${Math.max(8, Math.min(top, innerHeight - 8 - height))}px`;
  }

  choose(chosen) {
    this.chosen = chosen;
    this.report("chosen", chosen);
    this.draw();
  }

  click(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { solver, menu, model, train } = button.dataset;
    const excluding = (labels) => this.chosen.filter((label) => !labels.includes(label));
    if (train) return this.trigger("train", train);
    if (menu) return this.openMenu(this.open === menu ? null : menu);
    if (model) return this.choose(this.chosen.includes(model) ? excluding([model]) : [...this.chosen, model]);
    const { models } = this.solvers.find(({ name }) => name === solver);
    const chosen = this.chosen.filter((label) => models.some((variant) => variant.label === label));
    const isHidden = chosen.length && !chosen.some((label) => this.data.shown.includes(label));
    this.choose(
      !chosen.length ? [...this.chosen, models[0].label] : [...excluding(chosen), ...(isHidden ? chosen : [])],
    );
  }

  press(event) {
    const menu = this.root.querySelector(".menu");
    if (event.key === "Escape" && menu) {
      const opener = this.opener(this.open);
      this.openMenu(null);
      opener?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const opener = event.target.closest(".chip")?.querySelector("[data-menu]");
    if (!step || !(menu || opener)) return;
    event.preventDefault();
    if (!menu) this.openMenu(opener.dataset.menu);
    const items = [...this.root.querySelectorAll(".menu button")];
    const index = items.indexOf(this.root.getRootNode().activeElement);
    items[(Math.max(index, step < 0 ? 0 : -1) + step + items.length) % items.length]?.focus();
  }
}

export default component(Chips);
