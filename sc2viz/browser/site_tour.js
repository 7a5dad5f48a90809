// The app's tours on the site: a sentence, a thing to try and a view for each step, and a question before some, which
// the reader answers alone. A step whose page the site lacks says what to start.
import { make } from "./dom.js";
import { counted, short } from "./readings.js";
import { dial } from "./sliders.js";
import { isRight } from "./truth.js";
import { _ } from "./words.js";

const START = "pip install . && sc2viz app"; // what shows the pages of the app

export class Tour {
  constructor(tours, site) {
    Object.assign(this, { tours, site, tour: null, step: 0, guesses: new Map() });
    this.opener = make("p", "opener");
    for (const [k, { title }] of tours.entries())
      this.opener.appendChild(make("button", "quiet", _("Tour: {title}", { title }))).onclick = () => this.go(k, 0);
    this.asked = Object.assign(make("section", "asked"), { ariaLabel: _("Question"), ariaLive: "polite" });
    this.root = document.body.appendChild(make("aside", "tour"));
    Object.assign(this.root, { ariaLabel: _("Tour"), hidden: true });
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
    const there = parts.filter((part) => part.page === page);
    const same = ([key, value]) => query[key]?.[0] === value;
    return there.find((part) => part.query && Object.entries(part.query).every(same)) ?? there[0];
  }

  // What a guess is, in words.
  said({ unit }, value) {
    if (unit.endsWith("s") && Number.isInteger(value)) return counted(value, unit.slice(0, -1), unit);
    return short(value) + (unit && `\u00a0${_(unit)}`);
  }

  // A question, which stands in the place of the part until the reader has answered or asks to be shown.
  question({ asks, answered }, hasPicture) {
    const { words, choices, low, high, step, unit } = asks;
    const form = make("form", "ask");
    if (hasPicture) form.append(this.site.thumbnail(answered.picture?.[0]));
    form.append(make("p", "say", words));
    const bar = make("div");
    const answer = bar.appendChild(make("button", "", _("Answer")));
    for (const [value, choice] of choices.entries()) {
      const input = Object.assign(make("input"), { type: "radio", name: "guess", required: true, value });
      form.appendChild(make("label")).append(input, ` ${choice}`);
    }
    if (!choices.length) {
      const value = low + Math.round((high - low) / step / 2) * step;
      const says = (guess) => (answer.disabled ? _("no guess yet") : this.said({ unit }, guess));
      answer.disabled = true;
      const guess = dial(_("Your guess"), { min: low, max: high, step, value, says }, () => {});
      const range = Object.assign(guess.querySelector("input"), { name: "guess" });
      guess.oninput = guess.onclick = () => {
        answer.disabled = false;
        guess.set(Number(range.value));
      };
      form.append(guess);
    }
    const reveal = bar.appendChild(make("button", "", _("Show me")));
    Object.assign(reveal, { type: "button", onclick: () => this.answer(null) });
    form.append(bar);
    form.onsubmit = (event) => {
      event.preventDefault();
      this.answer(Number(new FormData(form).get("guess")));
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
  told(asks, guess) {
    const { answer, why, margin, ties, choices } = asks;
    const holds = (each) => isRight(each, [answer, margin, ties]);
    const right = guess !== null && holds(guess);
    const given = { said: this.said(asks, guess ?? 0), truth: this.said(asks, answer) };
    const number = choices.length ? "" : _("You said {said}, and it is {truth}.", given);
    const judged = right ? _("Right.") : choices.length ? _("Not quite.") : "";
    const verdict = guess === null ? "" : `${judged} ${number}`.trim();
    const box = make("p", "told");
    const truth = choices.flatMap((words, k) => (holds(k) ? [words] : [])).join(" / ");
    box.append(make("b", "", verdict), ` ${truth && `${truth}. `}${why}`);
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
    this.asked.replaceChildren();
    if (isOpen) this.asked.append(this.question(current, part.pictures));
    else if (part && asks) this.asked.append(this.told(asks, this.guesses.get(this.key)));
    if (this.root.hidden) return;
    const parts = [
      make("small", "", _("{title}, step {step} of {all}", { title, step: this.step + 1, all: steps.length })),
    ];
    if (!isOpen || asks.shows) parts.push(make("p", "say", say));
    if (!isOpen && attempt && part) parts.push(make("p", "", attempt));
    if (!part) {
      const absent = make("p", "absent", `${_("This step needs the app. Start it in a copy of the project:")} `);
      absent.append(make("code", "", START));
      parts.push(absent);
    }
    const button = (text, onclick, disabled = false) =>
      Object.assign(make("button", "", text), { type: "button", onclick, disabled });
    const bar = make("div");
    bar.append(
      button(_("Back"), () => this.go(this.tour, this.step - 1), this.step === 0),
      button(
        _("Next"), // which first shows what is covered
        () => (isOpen ? this.answer(null) : this.go(this.tour, this.step + 1)),
        !isOpen && this.step === steps.length - 1,
      ),
      button(_("End"), () => {
        this.tour = null;
        this.site.draw();
      }),
    );
    this.root.replaceChildren(...parts, bar);
  }
}
