// The app's tours on the site: a sentence, a thing to try and a view for each step, and a question before some, which
// the reader answers alone. A step whose page the site lacks says what to start.
import { isRight } from "./answers.js";
import { make } from "./dom.js";
import { questionField } from "./question.js";
import { counted, short } from "./readings.js";
import { _ } from "./words.js";

const START = "pip install . && sc2viz app"; // what shows the pages of the app

export class Tour {
  constructor(tours, site) {
    Object.assign(this, { tours, site, tour: null, step: 0, guesses: new Map() });
    this.opener = make("p", "opener");
    for (const [k, { title }] of tours.entries())
      this.opener.appendChild(make("button", "quiet", _("Tour: {title}", { title }))).onclick = () => this.go(k, 0);
    this.asked = make("section", "asked", "", { ariaLabel: _("Question"), ariaLive: "polite" });
    this.root = document.body.appendChild(make("aside", "tour", "", { ariaLabel: _("Tour"), hidden: true }));
  }

  // What the address says of the tour: its name, the step at hand, and the data set of the steps that name none.
  read(address) {
    const k = this.tours.findIndex(({ name }) => name === address.get("tour"));
    this.tour = k < 0 ? null : k;
    const last = k < 0 ? 0 : this.tours[k].steps.length - 1;
    this.step = Math.max(0, Math.min(last, (Number.parseInt(address.get("at") ?? "1", 10) || 1) - 1));
    const { about, data } = this.site;
    this.home = about.sets.find((name) => name === address.get("home")) ?? data.name;
  }

  write(view, data = this.site.data.name) {
    if (this.tour === null) return;
    view.set("tour", this.tours[this.tour].name);
    view.set("at", this.step + 1);
    if (this.home !== data) view.set("home", this.home);
  }

  // Opens a step: its view is an address, in which the tour is named.
  go(tour, step) {
    const { site, home } = this;
    Object.assign(this, { tour, step });
    const { page, query: asked, answered } = this.tours[tour].steps[step];
    const query = this.guesses.has(this.key) ? answered : asked;
    const part = this.partOf(page, query);
    const view = new URLSearchParams();
    const data = (part && query.data?.[0]) || home;
    if (data !== site.about.sets[0]) view.set("data", data);
    for (const [key, [value]] of Object.entries(query))
      if (["lam", "T", "picture", "t"].includes(key)) view.set(key, value);
    if (query.solvers) view.set("solvers", query.solvers.join());
    this.write(view, data);
    site.went = true;
    site.mine = null;
    if (data !== site.data.name) window.onhashchange = () => location.reload();
    location.hash = `${part?.id ?? site.part}&${decodeURIComponent(view)}`;
    scrollTo(0, 0);
  }

  // The part that shows a step, if the site has it and its data.
  partOf(page, query) {
    const { parts, about } = this.site;
    if (query.data && !about.sets.includes(query.data[0])) return undefined;
    const ofPage = parts.filter((part) => part.page === page);
    const isAsked = ([key, value]) => query[key]?.[0] === value;
    return ofPage.find((part) => part.query && Object.entries(part.query).every(isAsked)) ?? ofPage[0];
  }

  // What a guess is, in words.
  format(value, unit) {
    if (unit.endsWith("s") && Number.isInteger(value)) return counted(value, unit.slice(0, -1), unit);
    return short(value) + (unit && `\u00a0${_(unit)}`);
  }

  // A question, which stands in the place of the part until the reader has answered or asks to be shown.
  question({ asks, answered }, hasPicture) {
    const form = make("form", "ask");
    let guess = null;
    const answer = make("button", "", _("Answer"), { disabled: true });
    const { field } = questionField({ ...asks, unit: asks.unit && _(asks.unit) }, (value) => {
      guess = value;
      answer.disabled = false;
    });
    const onclick = () => this.answer(null);
    const reveal = make("button", "", _("Show me"), { type: "button", onclick });
    const bar = make("div");
    bar.append(answer, reveal);
    form.append(...(hasPicture ? [this.site.thumbnail(answered.picture?.[0])] : []), field, bar);
    form.onsubmit = (event) => {
      event.preventDefault();
      this.answer(guess);
    };
    return form;
  }

  // Shows the view that answers the question, however the sliders stand by now.
  answer(guess) {
    this.guesses.set(this.key, guess);
    this.go(this.tour, this.step);
    this.paint();
  }

  // What became of a guess.
  verdict({ truth, why, choices, unit }, guess) {
    const values = { guess: this.format(guess ?? 0, unit), truth: this.format(truth[0], unit) };
    const number = choices.length ? "" : _("You said {guess}, and it is {truth}.", values);
    const judgement = isRight(guess, truth) ? _("Right.") : choices.length ? _("Not quite.") : "";
    const right = choices.filter((_words, k) => isRight(k, truth)).join(" / ");
    const box = make("p", "told");
    box.append(make("b", "", guess === null ? "" : `${judgement} ${number}`.trim()), ` ${right && `${right}. `}${why}`);
    return box;
  }

  // Whether a question leaves the part to be seen, and the view at hand does not answer it already.
  leavesPart({ query, answered, asks }) {
    const at = { ...this.site.at, picture: this.site.row };
    const changes = Object.entries(answered).filter(([key, [value]]) => query[key]?.[0] !== value);
    return asks.shows && !changes.some(([key, [value]]) => String(at[key]) === value);
  }

  get key() {
    return `${this.tour} ${this.step}`;
  }

  paint() {
    this.root.hidden = this.tour === null;
    const { title, steps } = this.tours[this.tour] ?? { steps: [] };
    const current = steps[this.step] ?? {};
    const { say, attempt, page, query, asks } = current;
    const part = this.root.hidden ? null : this.partOf(page, query);
    const isOpen = Boolean(part && asks) && !this.guesses.has(this.key);
    document.body.toggleAttribute("data-asks", isOpen);
    document.body.toggleAttribute("data-covered", isOpen && !this.leavesPart(current));
    if (this.drawn === `${this.key} ${isOpen}`) return;
    this.drawn = `${this.key} ${isOpen}`;
    const answered = part && asks ? [this.verdict(asks, this.guesses.get(this.key))] : [];
    this.asked.replaceChildren(...(isOpen ? [this.question(current, part.pictures)] : answered));
    if (this.root.hidden) return;
    const place = _("{title}, step {step} of {total}", { title, step: this.step + 1, total: steps.length });
    const absent = make("p", "absent", `${_("This step needs the app. Start it in a copy of the project:")} `);
    absent.append(make("code", "", START));
    const bar = make("div");
    const addButton = (text, onclick, disabled = false) =>
      bar.append(make("button", "", text, { type: "button", onclick, disabled }));
    const goOn = () => (isOpen ? this.answer(null) : this.go(this.tour, this.step + 1)); // first shows what is covered
    addButton(_("Back"), () => this.go(this.tour, this.step - 1), this.step === 0);
    addButton(_("Next"), goOn, !isOpen && this.step === steps.length - 1);
    addButton(_("End"), () => {
      this.tour = null;
      this.site.draw();
    });
    this.root.replaceChildren(
      make("small", "", place),
      ...(!isOpen || asks.shows ? [make("p", "say", say)] : []),
      ...(!isOpen && attempt && part ? [make("p", "", attempt)] : []),
      ...(part ? [] : [absent]),
      bar,
    );
  }
}
