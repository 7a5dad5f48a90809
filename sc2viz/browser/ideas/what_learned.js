// What did it learn?: the steps, thresholds, singular values and gates of a network, each over ISTA's on one axis, and
// F over the iterations. A switch puts each back to ISTA's.
import { component, make } from "../dom.js";
import { spaced } from "../measure.js";
import { drawing, onDrawn, sliderValues } from "../messages.js";
import { fourDigits } from "../readings.js";
import { _, localized } from "../words.js";
import { choice, Idea } from "./idea.js";

const LOW = 0.1; // the left end of the axis, in multiples of ISTA's; smaller numbers stand there
const LANE = 38; // px: a part's numbers, above ISTA's
const APART = 18; // px between two labels

class WhatLearned extends Idea {
  build() {
    this.back = new Set();
    this.bar = make("div", "sc-bar");
    this.lanes = make("div", "sc-lanes");
    this.plot = make("div", "sc-course");
    this.drawn = this.plot.appendChild(make("div"));
    this.says = make("p", "sc-says");
    this.absent = make("p", "sc-absent");
    this.root.append(this.bar, this.says, this.lanes, this.plot, this.absent);
    this.root.classList.add("sc-learned");
  }

  show(data, given) {
    onDrawn(() => this.wait(), given.signal);
    super.show(data, given);
  }

  arrived() {
    const { networks } = this.data;
    this.label = networks.some(({ label }) => label === this.label) ? this.label : networks[0].label;
    const labels = networks.map(({ label }) => label);
    const of =
      networks.length > 1 ? choice(_("Network"), labels, (k) => this.take(labels[k])) : make("small", "", labels[0]);
    of.choose?.(labels.indexOf(this.label));
    this.bar.replaceChildren(make("h2", "", _("What did it learn?")), of);
    this.of = of;
    this.lay();
  }

  take(label) {
    this.label = label;
    this.of.choose(this.data.networks.findIndex((one) => one.label === label));
    this.lay();
    this.paint();
  }

  get network() {
    return this.data.networks.find(({ label }) => label === this.label);
  }

  // A row for each part: what it is, the switch, and the place of its numbers.
  lay() {
    const { parts, absent, colours } = this.network;
    for (const [k, name] of ["--own", "--plain"].entries())
      this.root.style.setProperty(name, `light-dark(${colours[k].join(", ")})`);
    this.rows = parts.map(({ name, title, told }) => {
      const words = make("div");
      words.append(make("b", "", title), make("small", "", told));
      const held = choice(title, [_("learned"), _("ISTA’s")], (k) => this.put_back(name, k));
      const lane = make("div", "sc-lane");
      return { name, held, lane, words };
    });
    this.lanes.replaceChildren(...this.rows.flatMap(({ words, held, lane }) => [words, held, lane]));
    this.absent.textContent = absent;
    this.absent.hidden = !absent;
  }

  put_back(name, k) {
    if (k) this.back.add(name);
    else this.back.delete(name);
    this.paint();
  }

  // Grey while the sliders stand elsewhere than where the numbers were computed, or the reader draws.
  wait() {
    const { lam, T } = { ...this.data, ...sliderValues() };
    this.root.toggleAttribute("data-stale", lam !== this.data.lam || T !== this.data.T || Boolean(drawing()));
  }

  paint() {
    if (!this.data || !this.size(this.plot)[0]) return;
    this.wait();
    const { parts, F, plain, says } = this.network;
    const back = parts.map(({ name }) => name).filter((name) => this.back.has(name));
    const high = Math.max(10, ...parts.flatMap(({ values }) => values)) * 1.15;
    for (const [k, row] of this.rows.entries()) {
      row.held.choose(Number(this.back.has(row.name)));
      this.strip(row, parts[k], high, k === parts.length - 1);
    }
    this.course(F[""], plain, F[back.join(",")], back);
    this.root.dataset.at = [F[back.join(",")].at(-1), F[""].at(-1), plain.at(-1)].join(" ");
    this.tell(this.says, says[back.join(",")]);
  }

  // The numbers of a part, one line each, above those of ISTA.
  strip({ lane, name }, { title, told, values, plain }, high, last) {
    const [wide] = this.size(lane);
    const x = (v) => 2 + (Math.log(Math.max(LOW, Math.min(high, v)) / LOW) / Math.log(high / LOW)) * (wide - 4);
    const lines = (all, from, to) => all.map((v) => `M${x(v).toFixed(1)} ${from}V${to}`).join("");
    const ticks = [0.1, 1, 10, 100].filter((v) => v <= high);
    const marks = ticks.map(
      (v) =>
        `<text x="${x(v)}" y="${LANE + 16}" text-anchor="${v === LOW ? "start" : "middle"}"
           >${v === LOW ? "≤ " : ""}${localized(String(v))}${v === 1 ? " = ISTA" : " ×"}</text>`,
    );
    const aside = this.back.has(name) ? " aside" : "";
    this.put(
      lane,
      [wide, LANE + (last ? 22 : 0)],
      _("What did it learn? {title}: {told}", { title, told }),
      `${ticks.map((v) => `<path class="axis" d="M${x(v)} 0V${LANE}"/>`).join("")}
       <path class="own${aside}" d="${lines(values, 5, LANE / 2)}"/>
       <path class="plain${aside}" d="${lines(plain, LANE / 2 + 3, LANE - 5)}"/>${last ? marks.join("") : ""}`,
    );
  }

  // F over the iterations: the network's, ISTA's, and that of the network with parts put back.
  course(own, plain, now, back) {
    const [wide, tall, em] = this.size(this.plot);
    const [left, right, floor] = [6, wide - em * Math.max(9, 0.55 * (this.label.length + 7)), tall - 24];
    const T = own.length - 1;
    const low = Math.min(...own, ...plain) * 0.94;
    const high = Math.max(own[0], plain[0]) * 1.5;
    const x = (t) => left + (t / T) * (right - left);
    const y = (F) => floor - (Math.log(Math.max(low, F) / low) / Math.log(high / low)) * (floor - 6);
    const line = (all, name) => {
      const points = all.map((F, t) => `${x(t).toFixed(1)} ${Math.max(-60, y(F)).toFixed(1)}`);
      return `<path class="${name}" d="M${points.join("L")}"/>`;
    };
    const ends = [
      ["plain", "ISTA", plain.at(-1)],
      ["own", this.label, own.at(-1)],
      ...(back.length ? [["now", _("as set here"), now.at(-1)]] : []),
    ];
    const heights = ends.map(([, , F]) => y(F));
    const places = spaced(heights, Math.max(APART, 1.15 * em), 14, floor - 4);
    const labels = ends.map(
      ([name, label, F], k) =>
        `<text class="${name}" x="${right + 8}" y="${places[k] + 4}">${F > high ? "↑ " : ""}${label} ` +
        `<tspan class="is">${fourDigits(F)}</tspan></text>`,
    );
    this.put(
      this.drawn,
      [wide, tall],
      _("What did it learn? F after each iteration: {ends} after {T}", {
        ends: ends.map(([, label, F]) => `${label} ${fourDigits(F)}`).join(", "),
        T,
      }),
      `<path class="axis" d="M0 ${floor}H${wide}"/>${line(plain, "plain")}${line(own, "own")}
       ${back.length ? line(now, "now") : ""}${labels.join("")}
       <text x="${left}" y="${tall - 6}">t = 0</text>
       <text x="${right}" y="${tall - 6}" text-anchor="end">t = ${T}</text>
       <text x="${(left + right) / 2}" y="${tall - 6}" text-anchor="middle">F, ${this.data.start}</text>`,
    );
  }
}

export default component(WhatLearned);
