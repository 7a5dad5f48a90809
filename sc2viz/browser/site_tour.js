// The app's tours on the site: a sentence, a thing to try and a view for each step, and a question before some, which
// the reader answers alone. A step whose page the site lacks says what to start.
import { make } from "./dom.js";
import { counted, short } from "./readings.js";
import { dial } from "./sliders.js";
import { _ } from "./words.js";

const START = "pip install . && sc2viz app"; // what shows the pages of the app

export class Tour {
  constructor(tours, site) {
    Object.assign(this, { tours, site, tour: null, step: 0, guesses: new Map() });
    this.opener = make("p", "opener");
    for (const [k, { title }] of tours.entries())
      this.opener.appendChild(make("button", "quiet", _("Tour: {title}", { title }))).onclick = () => this.go(k, 0);
    this.root = document.body.appendChild(make("aside", "tour"));
    Object.assign(this.root, { ariaLabel: _("Tour"), hidden: true });
  }

  // What the address says of the tour, and what it is told.
  read(asked) {
    const tour = asked.get("tour");
    const k = tour === null ? -1 : this.tours.findIndex(({ name }) => name === tour);
    this.tour = k < 0 ? null : k;
    const last = k < 0 ? 0 : this.tours[k].steps.length - 1;
    this.step = Math.max(0, Math.min(last, (Number.parseInt(asked.get("at") ?? "1", 10) || 1) - 1));
  }

  write(view) {
    if (this.tour === null) return;
    view.set("tour", this.tours[this.tour].name);
    view.set("at", this.step + 1);
  }

  // Opens a step: its view is an address, in which the tour is named.
  go(tour, step) {
    const { site } = this;
    Object.assign(this, { tour, step });
    const { page, query } = this.tours[tour].steps[step];
    const part = this.partOf(page, query);
    const view = new URLSearchParams();
    const [first] = site.about.sets;
    const data = part ? (query.data?.[0] ?? first) : site.data.name;
    if (data !== first) view.set("data", data);
    for (const [key, [value]] of Object.entries(query))
      if (["lam", "T", "picture", "t"].includes(key)) view.set(key, value);
    if (query.solvers) view.set("solvers", query.solvers.join());
    this.write(view);
    site.went = true;
    site.mine = null;
    location.hash = `${part?.id ?? site.part}&${decodeURIComponent(view)}`;
    if (data !== site.data.name) location.reload();
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

  // A question, which covers the part until the reader has answered or asks to be shown.
  question(asks, key) {
    const { words, choices, low, high, step, unit } = asks;
    const form = make("form", "ask");
    form.append(make("p", "say", words));
    for (const [value, choice] of choices.entries()) {
      const input = Object.assign(make("input"), { type: "radio", name: "guess", required: true, value });
      form.appendChild(make("label")).append(input, ` ${choice}`);
    }
    if (!choices.length) {
      const value = low + Math.round((high - low) / step / 2) * step;
      const says = (guess) => this.said({ unit }, guess);
      form.append(dial(_("Your guess"), { min: low, max: high, step, value, says }, () => {}));
      form.querySelector("input").name = "guess";
    }
    const bar = form.appendChild(make("div"));
    const answer = bar.appendChild(make("button", "", _("Answer")));
    const shows = bar.appendChild(make("button", "", _("Show me")));
    Object.assign(shows, { type: "button", onclick: () => this.answer(key, null) });
    answer.type = "submit";
    form.onsubmit = (event) => {
      event.preventDefault();
      this.answer(key, Number(new FormData(form).get("guess")));
    };
    return form;
  }

  answer(key, guess) {
    this.guesses.set(key, guess);
    this.paint();
  }

  // What became of a guess.
  told(asks, guess) {
    const { answer, why, margin, choices } = asks;
    const right = guess !== null && Math.abs(guess - answer) <= margin;
    const given = { said: this.said(asks, guess ?? 0), truth: this.said(asks, answer) };
    const number = choices.length ? "" : _("You said {said}, and it is {truth}.", given);
    const judged = right ? _("Right.") : choices.length ? _("Not quite.") : "";
    const verdict = guess === null ? "" : `${judged} ${number}`.trim();
    const box = make("p", "told");
    const truth = choices.length ? `${choices[answer]}. ` : "";
    box.append(make("b", "", verdict), ` ${truth}${why}`);
    return box;
  }

  paint() {
    const key = `${this.tour} ${this.step}`;
    this.root.hidden = this.tour === null;
    const { title, steps } = this.tours[this.tour] ?? { steps: [] };
    const { say, attempt, page, query, asks } = steps[this.step] ?? {};
    const there = !this.root.hidden && this.partOf(page, query);
    const covered = Boolean(there && asks) && !this.guesses.has(key);
    document.body.toggleAttribute("data-covered", covered);
    if (this.root.hidden || this.drawn === `${key} ${covered}`) return;
    this.drawn = `${key} ${covered}`;
    const button = (text, onclick, disabled = false) =>
      Object.assign(make("button", "", text), { type: "button", onclick, disabled });
    const parts = [
      make("small", "", _("{title}, step {step} of {all}", { title, step: this.step + 1, all: steps.length })),
    ];
    if (covered) parts.push(this.question(asks, key));
    else {
      parts.push(make("p", "say", say));
      if (there && asks) parts.push(this.told(asks, this.guesses.get(key)));
      if (attempt && there) parts.push(make("p", "", attempt));
    }
    if (!there) {
      const absent = make("p", "absent", `${_("This step needs the app. Start it in a copy of the project:")} `);
      absent.append(make("code", "", START));
      parts.push(absent);
    }
    const bar = make("div");
    bar.append(
      button(_("Back"), () => this.go(this.tour, this.step - 1), this.step === 0),
      button(_("Next"), () => this.go(this.tour, this.step + 1), this.step === steps.length - 1),
      button(_("End"), () => {
        this.tour = null;
        this.site.draw();
      }),
    );
    this.root.replaceChildren(...parts, bar);
  }
}
