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

// Words as they stand in HTML, also between quotes.
const text = (value) => make("i", "", value).innerHTML.replaceAll('"', "&quot;");

// A note: what follows its colon is left out where there is little room (chips.css).
const brief = (said) => text(said).replace(/(: .*)$/, "<i>$1</i>");

// To Train live, as soon as its link is there.
const goToTrain = (frames) => {
  const own = document.querySelector(".st-key-to-train a");
  if (own) own.click();
  else if (frames) requestAnimationFrame(() => goToTrain(frames - 1));
};

class Chips {
  kept = new Set(); // names of solvers that were chosen since the page opened: their chips stay

  constructor(parent) {
    this.root = parent.appendChild(make("div", "chips"));
    this.root.setAttribute("role", "group");
    this.root.onclick = ({ target, detail }) => {
      this.click(target.closest("button"));
      const byKey = !detail && this.open && target.closest("[data-menu]");
      if (byKey) this.root.querySelector(".menu button")?.focus();
    };
    this.root.onkeydown = (event) => this.key(event);
    this.root.onfocusin = ({ target }) => {
      if (this.open && !target.closest(".menu") && target.dataset.menu !== this.open) this.openMenu(null);
    };
    this.sizes = new ResizeObserver(() => this.resize());
  }

  async show({ packed }, { report, trigger, signal }) {
    const outside = (event) => this.open && !event.composedPath().includes(this.root) && this.openMenu(null);
    document.addEventListener("pointerdown", outside, { signal });
    document.addEventListener("scroll", () => this.placeMenu(), { signal, capture: true });
    const data = packed === this.packed ? this.data : JSON.parse(await words(packed));
    if (signal.aborted) return; // other data have arrived meanwhile, or the page has gone
    Object.assign(this, { data, report, trigger });
    this.root.setAttribute("aria-label", data.title);
    tellHints(data.hints);
    if (this.packed !== packed) {
      this.packed = packed;
      this.chosen = [...data.chosen];
      this.draw();
      if (data.train) goToTrain(60);
    }
    this.wide = this.root.clientWidth;
    this.sizes.observe(this.root);
  }

  // The chips of the next page may have told their hints already: those stay.
  leave() {
    if (this.data && sliderHints() === this.data.hints) tellHints({});
    this.sizes.disconnect();
  }

  resize() {
    if (this.root.clientWidth === this.wide) return;
    this.wide = this.root.clientWidth;
    this.fit();
    if (this.open) this.openMenu(this.open);
  }

  draw() {
    const { root, open } = this;
    const scrolled = root.querySelector(".menu")?.scrollTop;
    const focused = root.querySelector(":focus")?.dataset.focus;
    for (const solver of this.all()) if (this.inUse(solver)) this.kept.add(solver.name);
    const stands = (solver) => solver.first || this.kept.has(solver.name);
    const chips = (solvers) => solvers.filter(stands).map((solver) => this.chip(solver));
    root.innerHTML = this.data.rows.map((solvers) => `<div class="row">${chips(solvers).join("")}</div>`).join("");
    this.fit();
    if (open) this.openMenu(open);
    if (scrolled) root.querySelector(".menu")?.scrollTo(0, scrolled);
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  chip(solver) {
    const chosen = solver.models.filter((model) => this.chosen.includes(model.label)).length;
    const shown = solver.models.some((model) => this.data.shown.includes(model.label));
    const state = shown ? "on" : chosen ? "on hollow" : "";
    const said = solver.problem ? _("disabled here") : solver.note;
    const dashed = chosen && !shown ? `${_("Dashed: chosen, but not shown here.")} ${text(this.data.title)} ` : "";
    const [name, label] = [text(solver.name), text(solver.label)];
    const more = `<button class="more" data-focus="menu-${name}" data-menu="${name}" aria-haspopup="menu"
        aria-expanded="${this.open === solver.name}" aria-label="${_("Variants of {label}", { label })}">▾</button>`;
    return `<span class="chip ${state}" style="--light:${solver.light}; --dark:${solver.dark}">
      <button class="name" data-focus="${name}" data-solver="${name}" aria-pressed="${chosen > 0}"
        aria-description="${dashed}${text(solver.problem || said)}"
        title="${dashed}${text(solver.problem || said || solver.about)}"
        ${solver.problem ? 'aria-disabled="true"' : ""}>
        ${sample(solver.dash, solver.mark)}
        <span class="words"><span data-label="${label}">${label}</span>
          ${said ? `<small>${brief(said)}</small>` : ""}</span>
        ${chosen > 1 ? `<b aria-hidden="true">${chosen}</b>` : ""}</button>
      ${this.menu(solver).length ? more : ""}</span>`;
  }

  // What stands behind a chip: its variants where there are several, and the way to Train live.
  menu(solver) {
    const variant = (model) => `<button role="menuitemcheckbox" data-focus="${text(model.label)}"
        data-model="${text(model.label)}" ${model.problem ? "disabled" : ""}
        aria-checked="${this.chosen.includes(model.label)}">
        ${sample(model.dash, solver.mark)}<span>${text(model.short)}</span>
        <small>${text(model.note)}</small></button>`;
    const live = _("Train it live →");
    const train = `<button role="menuitem" data-focus="train" data-train="${text(solver.label)}"
        >${live}</button>`;
    const several = solver.models.length > 1 && !solver.problem;
    return [...(several ? solver.models.map(variant) : []), ...(solver.train ? [train] : [])];
  }

  all() {
    return this.data.rows.flat();
  }

  inUse(solver) {
    const labels = solver.models.map((model) => model.label);
    return labels.some((label) => this.chosen.includes(label) || this.data.shown.includes(label));
  }

  // Two rows at most: the chips move together where they have more than `most` rows, then those that are not chosen
  // join the others behind the button at the end; where that is not enough, the chips lose their notes.
  fit() {
    const { root } = this;
    const rows = () => new Set([...root.querySelectorAll(".chip:not([hidden])")].map((chip) => chip.offsetTop)).size;
    root.querySelector(".rest")?.remove();
    for (const each of root.querySelectorAll("[hidden]")) each.hidden = false;
    root.classList.remove("close", "closest");
    const rest = make("span", "chip rest");
    rest.innerHTML = `<button class="name" data-focus="rest" data-rest data-menu="${OTHERS}" aria-haspopup="dialog"
        aria-expanded="${this.open === OTHERS}"></button>`;
    const settle = () => {
      const lines = [...root.querySelectorAll(".row")];
      for (const line of lines) line.hidden = !line.querySelector(".chip:not([hidden], .rest)");
      (lines.filter((line) => !line.hidden).at(-1) ?? root).append(rest);
      rest.firstChild.textContent = ngettext("{n} more", "{n} more", this.others().length);
      rest.hidden = !this.others().length;
    };
    settle();
    root.classList.toggle("close", rows() > this.data.most);
    for (const chip of [...root.querySelectorAll(".chip:not(.on, .rest)")].reverse()) {
      if (rows() <= 2) break;
      chip.hidden = true;
      settle();
    }
    root.classList.toggle("closest", rows() > 2);
  }

  // The solvers without a chip in the rows.
  others() {
    const chips = [...this.root.querySelectorAll(".row > .chip:not([hidden]) > [data-solver]")];
    const there = new Set(chips.map((button) => button.dataset.solver));
    return this.all().filter((solver) => !there.has(solver.name));
  }

  // The list of the others, in groups, each solver with its year and a line. It stays as it was opened.
  list() {
    const item = (solver) => {
      const [name, label, said] = [solver.name, solver.label, solver.problem || solver.note].map((each) => text(each));
      const about = solver.problem ? said : text(solver.about);
      const chosen = solver.models.some((model) => this.chosen.includes(model.label));
      return `<button class="other" data-focus="other-${name}" data-solver="${name}" aria-pressed="${chosen}"
        title="${said}" ${solver.problem ? 'aria-disabled="true"' : ""}
        style="--light:${solver.light}; --dark:${solver.dark}">
        ${sample(solver.dash, solver.mark)}
        <span><b>${label}</b> <i>${solver.year ?? ""}</i><small>${about}</small></span>
      </button>`;
    };
    const group = ([family, title]) => {
      const members = this.listed.filter((solver) => solver.family === family).map((solver) => solver.name);
      const solvers = this.all().filter((solver) => members.includes(solver.name));
      solvers.sort((one, other) => (one.year ?? Infinity) - (other.year ?? Infinity));
      return solvers.length
        ? `<section aria-label="${title}"><p aria-hidden="true">${title}</p>${solvers.map(item).join("")}</section>`
        : "";
    };
    const groups = Object.entries(this.data.families).map(group).filter(Boolean);
    return `<div class="groups ${groups.length === 1 ? "single" : ""}">${groups.join("")}</div>`;
  }

  find(name) {
    return this.all().find((solver) => solver.name === name);
  }

  opener(name) {
    return this.root.querySelector(`[data-menu="${CSS.escape(name ?? "")}"]`);
  }

  // Opens the menu behind the chip of a solver, or the list of the others, and closes all others; null closes all.
  openMenu(name) {
    this.root.querySelector(".menu")?.remove();
    const [solver, opener, before] = [this.find(name), this.opener(name), this.open];
    this.open = opener && (solver || name === OTHERS) ? name : null;
    for (const each of this.root.querySelectorAll("[data-menu]"))
      each.setAttribute("aria-expanded", Boolean(this.open) && each === opener);
    if (!this.open) return;
    const list = make("div", solver ? "menu" : "menu others");
    list.setAttribute("role", solver ? "menu" : "dialog");
    list.setAttribute("aria-label", solver ? _("Variants of {label}", solver) : _("More solvers"));
    list.popover = "manual"; // above everything, so that no edge of a container cuts it off
    if (solver) list.style.cssText = `--light:${solver.light}; --dark:${solver.dark}`;
    else if (before !== OTHERS) {
      this.listed = this.others();
      if (!this.data.seen) this.trigger("seen", true);
    }
    list.innerHTML = solver ? this.menu(solver).join("") : this.list();
    opener.parentElement.append(list);
    list.showPopover();
    this.placeMenu();
  }

  // The open menu stands under its chip, else above it, and inside the window.
  placeMenu() {
    const list = this.root.querySelector(".menu");
    if (!list) return;
    const chip = list.parentElement.getBoundingClientRect();
    const { width, height } = list.getBoundingClientRect();
    const below = chip.bottom + 4 + height <= innerHeight - 8 || chip.top < height + 12;
    list.style.left = `${Math.max(8, Math.min(chip.left, document.documentElement.clientWidth - 8 - width))}px`;
    const top = below ? chip.bottom + 4 : chip.top - 4 - height;
    list.style.top = `${Math.max(8, Math.min(top, innerHeight - 8 - height))}px`;
  }

  choose(chosen) {
    this.chosen = chosen;
    this.report("chosen", chosen);
    this.draw();
  }

  click(button) {
    if (!button || button.ariaDisabled === "true") return;
    const { solver, menu, model, train } = button.dataset;
    const without = (labels) => this.chosen.filter((label) => !labels.includes(label));
    if (train) this.trigger("train", train);
    else if (menu) this.openMenu(this.open === menu ? null : menu);
    else if (model) this.choose(this.chosen.includes(model) ? without([model]) : [...this.chosen, model]);
    else {
      const all = this.find(solver).models.map((each) => each.label);
      const on = this.chosen.filter((label) => all.includes(label));
      const hidden = on.length && !on.some((label) => this.data.shown.includes(label));
      this.choose(!on.length ? [...this.chosen, all[0]] : hidden ? [...without(on), ...on] : without(on));
    }
  }

  key(event) {
    const { root } = this;
    const list = root.querySelector(".menu");
    if (event.key === "Escape" && list) {
      const opener = this.opener(this.open);
      this.openMenu(null);
      opener?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const opener = event.target.closest(".chip")?.querySelector("[data-menu]");
    if (!step || !(list || opener)) return;
    event.preventDefault();
    if (!list) this.openMenu(opener.dataset.menu);
    const items = [...root.querySelectorAll(".menu button")];
    const at = items.indexOf(root.getRootNode().activeElement);
    items[(Math.max(at, step < 0 ? 0 : -1) + step + items.length) % items.length]?.focus();
  }
}

export default component(Chips);
