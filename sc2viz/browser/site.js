// The site (site.py): the parts of a page, each with an address of its own, whose components are the app's. What the
// reader sees is coded here: pictures of the data set are to the components what a drawing is in the app.

import "./site_words.js";
import { Coder, OPTIMUM } from "./coder.js";
import { parcels } from "./decode.js";
import { distances, tradeOff } from "./distances.js";
import { isDark, make } from "./dom.js";
import { atomOn } from "./draw.js";
import { sliderValues, tellDrawn, tellMoved } from "./messages.js";
import { Pad } from "./pen.js";
import { AMONG, PARTS } from "./site_parts.js";
import { thumbnails, uploaded } from "./site_pictures.js";
import { Tour } from "./site_tour.js";
import { about, inLanguage, json, TAGS } from "./site_words.js";
import { slider } from "./sliders.js";
import { _, language } from "./words.js";

const CALM = 250; // ms after the last move until the curves along λ follow, and the address
const EVERY = 3; // of the stops of λ, so many are left out but one
const AT_ONCE = 4; // solvers side by side, those chosen last
const BEFORE = 48; // px that are seen of the part before the one at hand, where the bar of parts scrolls
const QUIET = 5000; // ms after which the rest of the site is kept for times without a network

const SYMBOLS = _(
  "F(s) = ½‖x − Bs‖² + λ‖s‖₁ says how wrong the sum Bs of the atoms is, plus the price of its weights s. " +
    "The exact optimum is the code with the least F, which is F*. A solver’s number is how far its F is " +
    "above F*, in % of F*. PSNR is how faithful the sum is: more dB are better.",
);
const DRAWING = { title: _("Your drawing"), this: _("Your drawing"), every: _("your drawing"), current: true };
const UPLOADED = { title: _("Your picture"), this: _("Your picture"), every: _("your picture"), current: true };
// The words of an HTML document, as words.in_html finds them.
const WORDS = /(?:>|(?:aria-label|title|data-says)=")\s*([^<>"]*[^\W\d_]{2}[^<>"]*?)\s*(?=[<"])/g;

class Site {
  async start() {
    document.querySelector(".before").remove();
    this.about = about;
    [document.title, document.querySelector("header b").textContent] = [about.title, about.title];
    const asked = this.asked();
    const name = this.about.sets.find((each) => each === asked.get("data")) ?? this.about.sets[0];
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

  // Address --------------------------------------------------------------------------------------------------------

  // What the address says: #part&key=value…
  asked() {
    const [part, ...rest] = location.hash.slice(1).split("&");
    this.part = PARTS.some(({ id }) => id === part) ? part : PARTS[0].id;
    return new URLSearchParams(rest.join("&"));
  }

  // The values of the address, mended where they are wrong.
  read() {
    const asked = this.asked();
    const { knobs, solvers, pictures } = this.data;
    for (const { key, value, whole, stops } of knobs) {
      const number = Number(asked.get(key) ?? value);
      const found = Number.isFinite(number) ? Math.max(stops[0], Math.min(stops.at(-1), number)) : value;
      this.at[key] = whole ? Math.round(found) : Number(found.toPrecision(6));
    }
    const row = Number(asked.get("picture") ?? 0);
    const picture = Number.isInteger(row) && row >= 0 && row < pictures.size[0] ? row : 0;
    if (picture !== this.row) [this.mine, this.row] = [null, picture];
    const names = asked.get("solvers")?.split(",");
    const known = solvers.filter(({ name, label }) => names?.includes(name) || names?.includes(label));
    this.chosen = (names ? known : solvers.filter(({ opens }) => opens)).map(({ label }) => label);
    if (names) this.chosen.sort((a, b) => names.indexOf(this.nameOf(a)) - names.indexOf(this.nameOf(b)));
    this.alone = asked.get("alone") === "1";
    this.t = Number.parseInt(asked.get("t") ?? "0", 10) || 0;
    this.tour?.read(asked);
  }

  nameOf(label) {
    return this.data.solvers.find((each) => each.label === label).name;
  }

  // The view as an address, of this part or of another one.
  address(part = this.part) {
    const { data, about, at } = this;
    const view = new URLSearchParams();
    if (data.name !== about.sets[0]) view.set("data", data.name);
    for (const { key, value } of data.knobs) if (at[key] !== value) view.set(key, at[key]);
    if (this.row) view.set("picture", this.row);
    const opens = data.solvers.filter(({ opens }) => opens).map(({ label }) => label);
    if (this.chosen.join() !== opens.join()) view.set("solvers", this.chosen.map((each) => this.nameOf(each)).join());
    if (part === "step" && part === this.part && this.t) view.set("t", this.t);
    if (this.alone) view.set("alone", "1");
    this.tour?.write(view);
    const said = decodeURIComponent(view.toString());
    return `#${part}${said && `&${said}`}`;
  }

  // The same view in the app.
  inApp() {
    const { page, query } = PARTS.find(({ id }) => id === this.part);
    const view = new URLSearchParams({ data: this.data.name, lam: this.at.lam, T: this.at.T, picture: this.row });
    for (const label of this.chosen) view.append("solvers", label);
    for (const [key, value] of Object.entries(query ?? {})) view.set(key, value);
    if (language !== "en") view.set("lang", language);
    return `${this.about.link.replace(/\/$/, "")}/${page}?${view}`;
  }

  // The address follows once nothing has moved for a moment.
  write() {
    clearTimeout(this.writes);
    this.writes = setTimeout(() => {
      const [part] = location.hash.slice(1).split("&");
      if (part && part !== this.part) return; // the reader has gone on, which `open` hears of in a moment
      history.replaceState(null, "", this.address());
      this.lead();
    }, CALM);
  }

  // Links lead to the same view in other parts, and in the app.
  lead() {
    for (const [link, part] of this.links) link.href = new URL(this.address(part), location);
    for (const link of this.tongues) link.href = `?lang=${link.lang}${this.address()}`;
    if (this.app) this.app.href = this.inApp();
  }

  // Page -----------------------------------------------------------------------------------------------------------

  build() {
    const { data, about, main } = this;
    const nav = Object.assign(document.querySelector("nav"), { ariaLabel: _("Parts") });
    this.parts = PARTS.filter(({ needs }) => !needs || data.solvers.some(needs));
    this.links = this.parts.map(({ id, title }) => {
      const link = nav.appendChild(make("a", "", title));
      return [link, id];
    });
    this.title = make("h1");
    this.lede = make("p", "lede");
    this.sentence = make("div", "st-key-caption");
    this.bar = make("div", "sliders");
    this.knobs = data.knobs.map((knob) => [knob.key, slider(knob, (value) => this.move(knob.key, value))]);
    this.bar.append(...this.knobs.map(([, { node }]) => node));
    this.chips = make("div", "chips");
    Object.assign(this.chips, { role: "group", ariaLabel: _("Solvers") });
    this.chips.append(...[...data.solvers, ...data.absent].map((one) => this.chip(one)));
    [this.who, this.off] = [make("ul", "who"), Object.assign(make("p", "lede"), { role: "status" })];
    this.choose = this.pick();
    this.shown = make("section", "part");
    this.words = make("p", "words", SYMBOLS);
    this.foot = make("footer");
    this.onward = make("a", "onward");
    if (about.link) this.app = this.foot.appendChild(make("a", "", _("Open this in the app")));
    if (about.sets.length > 1) this.foot.append(this.sets());
    for (const note of about.notes) this.foot.append(make("p", "", note));
    this.foot.append(
      make("p", "", _("All numbers are computed in this browser. It works without a network once opened.")),
    );
    const own = (tag) => new Intl.DisplayNames(tag, { type: "language" }).of(tag.split("-")[0]);
    this.tongues = TAGS.map((tag) => Object.assign(make("a", "", own(tag)), { lang: tag }));
    if (TAGS.length > 1) this.foot.appendChild(make("p", "tongues")).append(...this.tongues);
    this.tour = new Tour(data.tours, this);
    main.append(this.title, this.lede, this.bar, this.tour.asked, this.chips, this.off, this.sentence, this.shown);
    main.append(this.who, this.words, this.onward, this.tour.opener, this.choose, this.foot);
  }

  chip({ label, colour, mark, why }) {
    const chip = make("button", "chip");
    chip.innerHTML = `${mark}<span></span>`;
    chip.lastChild.textContent = label;
    chip.style.setProperty("--solver", colour);
    chip.dataset.label = label;
    chip.ariaDisabled = why ? "true" : null;
    chip.onclick = async () => {
      this.off.textContent = why ?? "";
      if (why) return;
      const there = this.chosen.includes(label);
      this.chosen = there ? this.chosen.filter((each) => each !== label) : [...this.chosen, label];
      await this.load();
      this.draw();
    };
    return chip;
  }

  // The pictures to choose from, the canvas to draw on, and a picture of the reader's own.
  pick() {
    const { data } = this;
    const box = make("section", "choose");
    if (data.pad) {
      this.pad = new Pad(data.pad, (x) => this.look(x));
      box.append(this.pad.root);
    }
    const side = box.appendChild(make("div"));
    side.append(
      make("h2", "", data.pad ? _("Or choose one") : data.board.line ? _("Choose a row") : _("Choose a picture")),
    );
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
    for (const name of this.about.sets) {
      const link = box.appendChild(make("a", "", name));
      if (name === this.data.name) link.ariaCurrent = "page";
      link.href = `#${this.part}&data=${name}`;
      link.onclick = () => setTimeout(() => location.reload());
    }
    return box;
  }

  // Shows what the address says.
  async open() {
    const before = this.shownPart;
    this.read();
    const part = PARTS.find(({ id }) => id === this.part);
    await this.load(part);
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
    const { d_x } = this.coder;
    const goes = x && this.own && this.coder.named === named; // on with the same drawing
    this.mine = x;
    const [title, begins] = this.data.names[this.row];
    const every = this.data.board.line ? _("this row") : _("this picture");
    this.coder.named = x ? named : { title, this: begins, every, current: true };
    const seen = x ?? this.pictures.slice(this.row * d_x, (this.row + 1) * d_x);
    if (x) this.coder.follow(seen, () => tellDrawn(this.coder));
    else if (this.seen !== this.row || !this.coder.x || this.own) this.coder.look(seen);
    [this.seen, this.own] = [this.row, Boolean(x)];
    tellDrawn(this.coder);
    if (goes && draws && this.failed === this.failures) return this.view.moved?.("picture");
    this.press(x ? -1 : this.row);
    if (draws) this.draw();
  }

  // Loads the graphs and weights of the solvers that are chosen, and of those that a part needs.
  async load(part = PARTS.find(({ id }) => id === this.part)) {
    const needed = this.data.solvers.filter(({ label }) => part.chips && this.chosen.includes(label));
    if (part.needs) needed.push(this.data.solvers.find(part.needs));
    await Promise.all(
      needed.map(async (one) => {
        one.coming ??= json(one.file).then(async ({ graph, parcels: texts }) => {
          await parcels.add(texts);
          const offset = one.offset && parcels.get(one.offset.name);
          this.coder.add(one.label, { ...one, graph, offset }, (name) => parcels.get(name));
          this.keepAtoms(one.label);
        });
        await one.coming;
      }),
    );
  }

  get arrays() {
    return parcels;
  }

  get dark() {
    return isDark(document.body);
  }

  // The components find the atoms of a solver under its name.
  keepAtoms(label) {
    parcels.kept.set(`atoms ${label}`, this.coder.all.get(label).atoms);
  }

  // The solvers that are shown, in the order of the chips.
  get there() {
    const last = this.chosen.slice(-AT_ONCE);
    return this.data.solvers.filter(({ label }) => last.includes(label) && this.failure(label) === undefined);
  }

  // The first iteration after which the codes of a solver are not finite, which costs it its card; undefined where all
  // are, and where none are shown.
  failure(label) {
    const { coder, at } = this;
    const shown = PARTS.find(({ id }) => id === this.part).chips && coder.has(label);
    return shown ? coder.failure(label, at.lam, at.T) : undefined;
  }

  // A sentence on each solver that has no card.
  get failures() {
    return this.chosen
      .slice(-AT_ONCE)
      .map((solver) => ({ solver, t: this.failure(solver) }))
      .filter(({ t }) => t !== undefined)
      .map((given) => _("{solver} is not shown: its codes are not finite from iteration {t} on.", given))
      .join(" ");
  }

  // Columns for the solvers that are shown. Those of the others are empty, and nothing draws them.
  columns(all) {
    const shown = [OPTIMUM, ...this.there.map(({ label }) => label)];
    return all.map((one) => {
      if (one.by && !shown.includes(one.by)) return { codes: {} };
      return { ...one, atoms: one.by && !one.best ? { name: `atoms ${one.by}` } : null };
    });
  }

  // The solvers that sentences compare, and what these know of them.
  get compared() {
    const shown = this.there.filter(({ ranked }) => ranked);
    const courses = shown.map(({ label, own, trained }) => [label, { own, learned: trained !== null }]);
    return { ranked: shown.map(({ label }) => label), courses: Object.fromEntries(courses) };
  }

  get ranked() {
    return this.there.filter(({ ranked }) => ranked).map(({ label }) => label);
  }

  // Puts a component of the app into a node. It returns `show(data)`.
  async mount(name, parent, on = {}) {
    const { default: draw, css, html } = await import(`./parts/${name}.js`);
    const host = parent.appendChild(make("div", `component ${name}`));
    const root = css ? host.attachShadow({ mode: "open" }) : host;
    if (css) {
      root.innerHTML = html.replace(WORDS, (all, said) => all.replace(said, _(said)));
      root.adoptedStyleSheets = [await new CSSStyleSheet().replace(css)];
    }
    const tell = (key, value) => on[key]?.(value);
    let stop = null;
    const end = () => stop?.();
    const before = this.close;
    this.close = () => {
      before?.();
      end();
      this.close = null;
    };
    return (data) => {
      end();
      stop = draw({
        parentElement: root,
        data: { parcels: {}, ...data },
        setStateValue: tell,
        setTriggerValue: tell,
      });
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

  // Lines along the iterations or along λ, in a figure. `frame` draws the axes for some solvers and returns what moves
  // the lines, which `paint` calls.
  curves(parent, frame, paint) {
    const figure = parent.appendChild(make("figure", frame === distances ? "distances" : "tradeoff"));
    let [moves, waits] = [null, null];
    const draw = () => {
      this.shown.toggleAttribute("data-late", false);
      if (moves) paint(moves);
    };
    return {
      again: (lines, ...more) => {
        figure.replaceChildren();
        moves = lines.length ? frame(figure, lines, ...more) : null;
        draw();
      },
      later: () => {
        this.shown.toggleAttribute("data-late", true);
        clearTimeout(waits);
        waits = setTimeout(draw, CALM);
      },
    };
  }

  line(label) {
    const { colour, dash } = this.data.solvers.find((each) => each.label === label);
    return { label, colour, dash };
  }

  // How far each solver is from the optimum, along the iterations, and why.
  distances(parent) {
    const stops = this.data.knobs.find(({ key }) => key === "T").stops;
    const drawn = this.curves(
      parent,
      (root, lines) => distances(root, { lines, low: 0.01, high: 1000 }, stops),
      (show) => {
        const { lam, T } = this.at;
        const far = (label, t) => this.coder.numbers(label, lam, t).far;
        show(
          lam,
          T,
          this.ranked.map((label) => stops.map((t) => far(label, t))),
          this.ranked.map((label) => far(label, T)),
        );
      },
    );
    return { draw: () => drawn.again(this.ranked.map((label) => this.line(label))), later: drawn.later };
  }

  // What each λ makes of the picture.
  tradeOff(parent) {
    const stops = this.data.knobs
      .find(({ key }) => key === "lam")
      .stops.filter((_, k) => k % EVERY === 0)
      .reverse();
    const shown = () => [OPTIMUM, ...this.ranked];
    const point = (label, lam) => {
      const { share, psnr } = this.coder.numbers(label, lam, this.at.T);
      return [share, psnr];
    };
    const drawn = this.curves(parent, tradeOff, (show) =>
      show(
        shown().map((label) => stops.map((lam) => point(label, lam))),
        shown().map((label) => point(label, this.at.lam)),
      ),
    );
    const optimum = { label: _(OPTIMUM), colour: "currentColor", dash: "6 4" };
    return { draw: () => drawn.again([optimum, ...this.ranked.map((label) => this.line(label))]), later: drawn.later };
  }

  // A picture of atom j, as an address of an image.
  atomPicture(j) {
    const { d_x } = this.coder;
    const canvas = make("canvas");
    const atom = this.coder.all.get(OPTIMUM).atoms.subarray(j * d_x, (j + 1) * d_x);
    atomOn(canvas, atom, this.data.board, this.dark);
    return canvas.toDataURL();
  }

  // Everything is kept for times without a network, once the reader has begun or the page is quiet.
  rest() {
    if (!navigator.serviceWorker || location.protocol === "file:") return;
    const keep = () => {
      clearTimeout(waits);
      for (const event of ["pointerup", "keyup"]) removeEventListener(event, keep, true);
      navigator.serviceWorker.register("worker.js").catch(() => {}); // a host may serve the page in another way
    };
    const waits = setTimeout(keep, QUIET);
    for (const event of ["pointerup", "keyup"]) addEventListener(event, keep, true);
    if (navigator.serviceWorker.controller)
      document.fonts.add(new FontFace("Source Serif", "url(fonts/serif.woff2)", { weight: "200 900" }));
  }
}

await new Site().start();
