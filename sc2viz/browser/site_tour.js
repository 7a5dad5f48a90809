// The app's tours on the site: a sentence, a thing to try and a view for each step, and a question before some, which
// the reader answers alone. A step whose page the site lacks says what to start.
import { make } from "./dom.js";

const START = "pip install . && sc2viz app"; // what shows the pages of the app

export class Tour {
  constructor(tours, site) {
    Object.assign(this, { tours, site, tour: null, step: 0 });
    this.opener = make("p");
    for (const [k, { title, minutes }] of tours.entries()) {
      const open = this.opener.appendChild(make("button", "quiet", `Tour: ${title}, ${minutes} minutes`));
      open.onclick = () => this.go(k, 0);
    }
    this.root = document.body.appendChild(make("aside", "tour"));
    Object.assign(this.root, { ariaLabel: "Tour", hidden: true });
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
    for (const [key, values] of Object.entries(query))
      if (["lam", "T", "picture", "t"].includes(key)) view.set(key, values[0]);
    if (query.solvers) view.set("solvers", query.solvers.join());
    if (site.data.name !== site.about.sets[0]) view.set("data", site.data.name);
    this.write(view);
    site.went = true;
    location.hash = `${part?.id ?? site.part}&${decodeURIComponent(view)}`;
  }

  partOf(page, query) {
    const there = this.site.parts.filter((part) => part.page === page);
    return there.find((part) => part.query && Object.keys(part.query).some((key) => key in query)) ?? there[0];
  }

  paint() {
    this.root.hidden = this.tour === null;
    if (this.root.hidden) return;
    const { title, steps } = this.tours[this.tour];
    const { say, attempt, page, query, ask, choices } = steps[this.step];
    const button = (text, then, off = false) => {
      const made = make("button", "", text);
      Object.assign(made, { onclick: then, disabled: off });
      return made;
    };
    const parts = [make("small", "", `${title}, step ${this.step + 1} of ${steps.length}`), make("p", "say", say)];
    if (ask)
      parts.push(make("p", "ask", `First answer alone: ${ask}${choices.length ? ` ${choices.join(" · ")}` : ""}`));
    if (attempt) parts.push(make("p", "", attempt));
    if (!this.partOf(page, query)) {
      const absent = make("p", "absent", "This page needs the app. Start it in a copy of the project: ");
      absent.append(make("code", "", START));
      parts.push(absent);
    }
    const bar = make("div");
    bar.append(
      button("Back", () => this.go(this.tour, this.step - 1), this.step === 0),
      button("Next", () => this.go(this.tour, this.step + 1), this.step === steps.length - 1),
      button("End", () => {
        this.tour = null;
        this.site.draw();
      }),
    );
    this.root.replaceChildren(...parts, bar);
  }
}
