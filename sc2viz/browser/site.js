// The site (site.py): the parts of a page, each with an address of its own, whose components are the app's. What the
// reader sees is coded here: pictures of the data set are to the components what a drawing is in the app.

import "./site_words.js";
import { Coder, OPTIMUM } from "./coder.js";
import { parcels } from "./decode.js";
import { make } from "./dom.js";
import { sliderValues, tellDrawn, tellMoved } from "./messages.js";
import { Pad } from "./pen.js";
import { appOf, viewOf } from "./site_address.js";
import { AMONG, PARTS } from "./site_parts.js";
import { thumbnails, uploaded } from "./site_pictures.js";
import { Tour } from "./site_tour.js";
import { about, addressOf, inLanguage, json, TAGS } from "./site_words.js";
import { slider } from "./sliders.js";
import { _ } from "./words.js";

const CALM = 250; // ms after the last move until the address follows
const AT_ONCE = 4; // solvers side by side, those chosen last, unless more are shown at first
const BEFORE = 48; // px that are seen of the part before the one at hand, where the bar of parts scrolls
const QUIET = 5000; // ms after which the rest of the site is kept for times without a network

const SYMBOLS = _(
  "F(s) = ½‖x − Bs‖² + λ‖s‖₁ says how wrong the sum Bs of the atoms is, plus the price of its weights s. " +
    "The exact optimum is the code with the least F, which is F*. A solver’s number is how far its F is " +
    "above F*, in % of F*. PSNR is how faithful the sum is: more dB are better.",
);
const DRAWING = { title: _("Your drawing"), subject: _("Your drawing"), every: _("your drawing"), current: true };
const UPLOADED = { title: _("Your picture"), subject: _("Your picture"), every: _("your picture"), current: true };
// The words of an HTML document, as words.in_html finds them.
const WORDS = /(?:>|(?:aria-label|title|data-says)=")\s*([^<>"]*[^\W\d_]{2}[^<>"]*?)\s*(?=[<"])/g;

class Site {
  async start() {
    document.querySelector(".before").remove();
    this.about = about;
    [document.title, document.querySelector("header b").textContent] = [about.title, about.title];
    const given = this.asked().get("data");
    const name = about.sets.includes(given) ? given : about.sets[0];
    this.data = Object.assign(...(await Promise.all([json(`data/${name}.json`), inLanguage(`data/${name}`)])));
    const { B, peak, pictures } = this.data;
    await parcels.add(this.data.parcels);
    this.pictures = parcels.get(pictures.name);
    this.coder = new Coder(parcels.get(B.name), B.size, peak);
    this.keepAtoms(OPTIMUM);
    this.at = sliderValues();
    this.main = document.querySelector("main");
    this.build();
    (await this.mount("sentence", this.sentence))({});
    this.close = null; // it stays, whichever part is shown
    window.onhashchange = () => this.open();
    await this.open();
    await new Promise((done) => setTimeout(done)); // the components have drawn, so that nothing moves any more
    this.main.removeAttribute("aria-busy");
    this.rest();
  }

  // What the address says: #part&key=value…
  asked() {
    const [part, ...rest] = location.hash.slice(1).split("&");
    this.part = PARTS.some(({ id }) => id === part) ? part : this.about.part;
    return new URLSearchParams(rest.join("&"));
  }

  // The values of the address, mended where they are wrong.
  read() {
    const asked = this.asked();
    const { knobs, solvers, pictures } = this.data;
    for (const { key, value, whole, stops } of knobs) {
      const number = Math.max(stops[0], Math.min(stops.at(-1), Number(asked.get(key) ?? value) || value));
      this.at[key] = whole ? Math.round(number) : Number(number.toPrecision(6));
    }
    const row = Number(asked.get("picture"));
    const picture = Number.isInteger(row) && row >= 0 && row < pictures.size[0] ? row : 0;
    if (picture !== this.row) [this.mine, this.row] = [null, picture];
    const names = asked.get("solvers")?.split(",");
    const isChosen = ({ name, label, opens }) => (names ? names.includes(name) || names.includes(label) : opens);
    this.chosen = solvers.filter(isChosen).map(({ label }) => label);
    if (names) this.chosen.sort((a, b) => names.indexOf(this.nameOf(a)) - names.indexOf(this.nameOf(b)));
    this.alone = asked.get("alone") === "1";
    this.t = Number.parseInt(asked.get("t") ?? "0", 10) || 0;
    this.tour?.read(asked);
  }

  nameOf(label) {
    return this.data.solvers.find((each) => each.label === label).name;
  }

  // The address follows once nothing has moved for a moment.
  write() {
    clearTimeout(this.writes);
    this.writes = setTimeout(() => {
      const [part] = location.hash.slice(1).split("&");
      if (part && part !== this.part) return; // the reader has gone on, which `open` hears of in a moment
      history.replaceState(null, "", new URL(viewOf(this), location)); // a frame of a notebook has no address of its own
      this.lead();
    }, CALM);
  }

  // Links lead to the same view in other parts, and in the app.
  lead() {
    for (const [link, part] of this.links) link.href = new URL(viewOf(this, part), location);
    for (const link of this.tongues) link.href = `?lang=${link.lang}${viewOf(this)}`;
    if (this.app) this.app.href = appOf(this);
  }

  build() {
    const { data, about, main } = this;
    const nav = Object.assign(document.querySelector("nav"), { ariaLabel: _("Parts") });
    this.parts = PARTS.filter(({ needs }) => !needs || data.solvers.some(needs));
    this.links = this.parts.map(({ id, title }) => [nav.appendChild(make("a", "", title)), id]);
    [this.title, this.lede] = [make("h1"), make("p", "lede")];
    [this.sentence, this.bar] = ["st-key-caption", "sliders"].map((name) => make("div", name));
    this.knobs = data.knobs.map((knob) => [knob.key, slider(knob, (value) => this.move(knob.key, value))]);
    this.bar.append(...this.knobs.map(([, { node }]) => node));
    this.chips = make("div", "chips", "", { role: "group", ariaLabel: _("Solvers") });
    this.chips.append(...[...data.solvers, ...data.absent].map((solver) => this.chip(solver)));
    [this.who, this.off] = [make("ul", "who"), make("p", "lede", "", { role: "status" })];
    this.choose = this.pick();
    [this.shown, this.foot, this.onward] = [make("section", "part"), make("footer"), make("a", "onward")];
    if (about.link) this.app = this.foot.appendChild(make("a", "", _("Open this in the app")));
    if (about.sets.length > 1) this.foot.append(this.sets());
    for (const note of about.notes) this.foot.append(make("p", "", note));
    const offline = _("All numbers are computed in this browser. It works without a network once opened.");
    this.foot.append(make("p", "", offline));
    const nameOf = (tag) => new Intl.DisplayNames(tag, { type: "language" }).of(tag.split("-")[0]);
    this.tongues = TAGS.map((tag) => make("a", "", nameOf(tag), { lang: tag }));
    if (TAGS.length > 1) this.foot.appendChild(make("p", "tongues")).append(...this.tongues);
    this.tour = new Tour(data.tours, this);
    main.append(this.title, this.lede, this.bar, this.tour.asked, this.chips, this.off, this.sentence, this.shown);
    main.append(this.who, make("p", "words", SYMBOLS), this.onward, this.tour.opener, this.choose, this.foot);
  }

  chip({ label, colour, mark, why }) {
    const chip = make("button", "chip", "", { innerHTML: mark, ariaDisabled: why ? "true" : null });
    chip.append(make("span", "", label));
    chip.style.setProperty("--solver", colour);
    chip.dataset.label = label;
    chip.onclick = async () => {
      this.off.textContent = why ?? "";
      if (why) return;
      const others = this.chosen.filter((chosen) => chosen !== label);
      this.chosen = others.length < this.chosen.length ? others : [...others, label];
      await this.load();
      this.draw();
    };
    return chip;
  }

  // The pictures to choose from, the canvas to draw on, and a picture of the reader's own.
  pick() {
    const { data } = this;
    const box = make("section", "choose");
    if (data.pad) this.pad = new Pad(data.pad, (x) => this.look(x));
    const side = box.appendChild(make("div"));
    const title = data.board.line ? _("Choose a row") : _("Choose a picture");
    side.append(make("h2", "", data.pad ? _("Or choose one") : title));
    this.press = thumbnails(side.appendChild(make("div", "strip")), this, (k) => {
      [this.mine, this.row] = [null, k];
      this.pad?.forget();
      this.look(null);
    });
    if (!data.board.line) side.append(uploaded(data.board, Boolean(data.pad), (x) => this.look(x, UPLOADED)));
    return box;
  }

  // A picture, small; by default the one at hand.
  thumbnail(row = this.row) {
    const picture = this.choose.querySelectorAll(".strip i")[row].cloneNode();
    return Object.assign(picture, { role: "img", ariaLabel: this.data.names[row][0] });
  }

  // The other data sets, whose pages begin anew.
  sets() {
    const box = make("p", "", `${_("Data:")} `);
    const onclick = () => setTimeout(() => location.reload());
    for (const name of this.about.sets) {
      const ariaCurrent = name === this.data.name ? "page" : null;
      box.append(make("a", "", name, { ariaCurrent, href: `#${this.part}&data=${name}`, onclick }));
    }
    return box;
  }

  // Shows what the address says.
  async open() {
    const before = this.shownPart;
    this.read();
    const part = this.partAtHand;
    await this.load();
    for (const [key, { show }] of this.knobs) show(this.at[key]);
    this.look(this.mine ?? null, this.coder.named, false);
    document.body.toggleAttribute("data-alone", this.alone);
    if (before !== part.id) {
      this.close?.();
      this.shown.replaceChildren();
      [this.shownPart, this.title.textContent, this.lede.textContent] = [part.id, part.title, part.lede];
      for (const [key, { node }] of this.knobs) node.hidden = !part.knobs.includes(key);
      this.chips.hidden = this.who.hidden = !part.chips;
      this.sentence.hidden = !part.says;
      this.choose.hidden = !part.pictures;
      this.view = await part.open(this);
      const aside = this.shown.querySelector(".aside"); // beside what follows the pen, if the part has it
      if (this.pad) aside ? aside.append(this.pad.root) : this.choose.prepend(this.pad.root);
      const next = this.parts[this.parts.findIndex(({ id }) => id === part.id) + 1];
      Object.assign(this.onward, { textContent: next ? `${next.title} →` : "", hidden: !next });
      this.links = this.links.filter(([link]) => link !== this.onward);
      if (next) this.links.push([this.onward, next.id]);
      if (before) window.scrollTo(0, 0);
    }
    this.draw();
    for (const [link, id] of this.links) link.ariaCurrent = id === part.id ? "page" : null;
    const [link] = this.links.find(([, id]) => id === part.id);
    link.parentNode.scrollLeft = link.offsetLeft - link.parentNode.offsetLeft - BEFORE;
  }

  // Shows the view anew, with other solvers or another picture.
  draw() {
    for (const chip of this.chips.children) chip.ariaPressed = this.chosen.includes(chip.dataset.label);
    this.off.textContent = this.failed = this.failures;
    this.who.replaceChildren(...this.there.map(({ label, summary }) => make("li", "", `${label}: ${summary}`)));
    this.view?.draw?.();
    this.tour.paint();
    this.lead();
    this.write();
  }

  move(key, value) {
    if (this.at[key] === value) return; // a key changes a slider and is let go at once
    this.at[key] = value;
    tellMoved(key);
    if (this.failed !== this.failures) this.draw();
    else this.view?.moved?.(key);
    this.write();
  }

  // Looks at a picture x (d_x,) of the reader's own, or at that of the row at hand.
  look(x, named = DRAWING, draws = true) {
    const { coder, row, data } = this;
    const goesOn = x && this.own && coder.named === named; // with the same drawing
    this.mine = x;
    const [title, begins] = data.names[row];
    const every = data.board.line ? _("this row") : _("this picture");
    coder.named = x ? named : { title, subject: begins, every, current: true };
    if (x) coder.follow(x, () => tellDrawn(coder));
    else if (this.seen !== row || !coder.x || this.own)
      coder.look(this.pictures.slice(row * coder.d_x, (row + 1) * coder.d_x));
    [this.seen, this.own] = [row, Boolean(x)];
    tellDrawn(coder);
    if (goesOn && draws && this.failed === this.failures) return this.view.moved?.("picture");
    this.press(x ? -1 : this.row);
    if (draws) this.draw();
  }

  get partAtHand() {
    return PARTS.find(({ id }) => id === this.part);
  }

  // Loads the graphs and weights of the solvers that are chosen, and of those that the part needs.
  async load() {
    const part = this.partAtHand;
    const needed = this.data.solvers.filter(({ label }) => part.chips && this.chosen.includes(label));
    if (part.needs) needed.push(this.data.solvers.find(part.needs));
    await Promise.all(needed.map((solver) => (solver.coming ??= this.fetch(solver))));
  }

  async fetch(solver) {
    const { graph, parcels: texts } = await json(solver.file);
    await parcels.add(texts);
    const offset = solver.offset && parcels.get(solver.offset.name);
    this.coder.add(solver.label, { ...solver, graph, offset }, (name) => parcels.get(name));
    this.keepAtoms(solver.label);
  }

  // The components find the atoms of a solver under its name.
  keepAtoms(label) {
    parcels.kept.set(`atoms ${label}`, this.coder.all.get(label).atoms);
  }

  // The solvers that were chosen last, as many as stand side by side, in the order of the chips.
  get latest() {
    const { solvers } = this.data;
    const last = this.chosen.slice(-Math.max(AT_ONCE, solvers.filter(({ opens }) => opens).length));
    return solvers.filter(({ label }) => last.includes(label));
  }

  // Those of them that are shown.
  get there() {
    return this.latest.filter(({ label }) => this.failure(label) === undefined);
  }

  // The first iteration after which the codes of a solver that is shown are not finite, which costs it its card.
  failure(label) {
    const { coder, at } = this;
    return this.partAtHand.chips && coder.has(label) ? coder.failure(label, at.lam, at.T) : undefined;
  }

  // A sentence on each solver that has no card.
  get failures() {
    return this.latest
      .map(({ label, stored }) => ({ solver: label, stored, t: this.failure(label) }))
      .filter(({ t }) => t !== undefined)
      .map((values) =>
        values.stored
          ? _("{solver} is not shown: it has codes of the pictures below alone, at the stops of λ.", values)
          : _("{solver} is not shown: its codes are not finite from iteration {t} on.", values),
      )
      .join(" ");
  }

  // Columns for the solvers that are shown. Those of the others are empty, and nothing draws them.
  columns(all) {
    const shown = [OPTIMUM, ...this.there.map(({ label }) => label)];
    const isShown = ({ by }) => !by || shown.includes(by);
    const atomsOf = ({ by, best }) => (by && !best ? { name: `atoms ${by}` } : null);
    return all.map((column) => (isShown(column) ? { ...column, atoms: atomsOf(column) } : { codes: {} }));
  }

  // The solvers that sentences compare, and what these know of them.
  get compared() {
    const solvers = this.there.filter(({ ranked }) => ranked);
    const courses = solvers.map(({ label, own, trained }) => [label, { own, learned: trained !== null }]);
    return { ranked: solvers.map(({ label }) => label), courses: Object.fromEntries(courses) };
  }

  get ranked() {
    return this.compared.ranked;
  }

  // Puts a component of the app into a node. It returns `show(data)`.
  async mount(name, parent, on = {}) {
    const { default: draw, css, html } = await import(addressOf(`parts/${name}.js`));
    const host = parent.appendChild(make("div", `component ${name}`));
    const root = css ? host.attachShadow({ mode: "open" }) : host;
    if (css) {
      root.innerHTML = html.replace(WORDS, (all, said) => all.replace(said, _(said)));
      root.adoptedStyleSheets = [await new CSSStyleSheet().replace(css)];
    }
    const tell = (key, value) => on[key]?.(value);
    const options = { parentElement: root, setStateValue: tell, setTriggerValue: tell };
    let stop = null;
    const before = this.close;
    this.close = () => {
      before?.();
      stop?.();
      this.close = null;
    };
    return (data) => {
      stop?.();
      stop = draw({ ...options, data: { parcels: {}, ...data } });
    };
  }

  // The board of the solvers that are shown, in `parent`.
  async board(parent) {
    const show = await this.mount("board", parent);
    return () => {
      const { board, solvers } = this.data;
      const cards = board.cards.filter((_, k) => k < 2 || this.there.includes(solvers[k - 2]));
      const most = Math.ceil(cards.length / Math.ceil(cards.length / AMONG));
      const across = `--narrowest:88px; --most:${most}; --half:${Math.ceil(most / 2)}`;
      const html = `<div class="sc-cards sc-close" data-style="${across}">${cards.join("")}</div>`;
      const sentence = { kind: "lowest", ...this.compared, average: "" };
      show({ ...board, columns: this.columns(board.columns), html, sentence, at: { ...this.at } });
    };
  }

  // Everything is kept for times without a network, once the reader has begun or the page is quiet.
  rest() {
    if (!navigator.serviceWorker || location.protocol === "file:") return;
    const begun = new AbortController();
    const keep = () => {
      clearTimeout(timer);
      begun.abort();
      navigator.serviceWorker.register("worker.js").catch(() => {}); // a host may serve the page in another way
    };
    const timer = setTimeout(keep, QUIET);
    for (const event of ["pointerup", "keyup"]) addEventListener(event, keep, { capture: true, signal: begun.signal });
    if (navigator.serviceWorker.controller)
      document.fonts.add(new FontFace("Source Serif", "url(fonts/serif.woff2)", { weight: "200 900" }));
  }
}

await new Site().start();
