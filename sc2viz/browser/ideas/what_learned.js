// What did it learn?: steps, thresholds, singular values and gates of a network over ISTA's, and F. Switches undo each.
import { component, make } from "../dom.js";
import { spaced } from "../measure.js";
import { drawing } from "../messages.js";
import { fourDigits } from "../readings.js";
import { _, localized } from "../words.js";
import { choice, Idea } from "./idea.js";
import { path, strong, through, write } from "./svg.js";

const LOW = 0.1; // the left end of the axis, in multiples of ISTA's; smaller numbers stand there
const LANE = 38; // px: a part's numbers, above ISTA's
const APART = 18; // px between two labels

class WhatLearned extends Idea {
  build() {
    this.back = new Set();
    const [bar, lanes, plot] = ["sc-bar", "sc-lanes", "sc-course"].map((name) => make("div", name));
    const [says, absent] = ["sc-says", "sc-absent"].map((name) => make("p", name));
    Object.assign(this, { bar, lanes, plot, says, absent, drawn: plot.appendChild(make("div")) });
    this.root.append(bar, says, lanes, plot, absent);
    this.root.classList.add("sc-learned");
  }

  arrived() {
    const labels = this.data.networks.map(({ label }) => label);
    const k = Math.max(0, labels.indexOf(this.label));
    const isOne = labels.length === 1;
    const networks = isOne ? make("small", "", labels[0]) : choice(_("Network"), labels, (k) => this.take(k));
    networks.choose?.(k);
    this.bar.replaceChildren(make("h2", "", _("What did it learn?")), networks);
    this.take(k);
  }

  // Takes a network: a row for each part, with what it is, the switch, and the place of its numbers.
  take(k) {
    this.network = this.data.networks[k];
    const { label, parts, absent, colours } = this.network;
    for (const [k, name] of ["--own", "--plain"].entries())
      this.root.style.setProperty(name, `light-dark(${colours[k].join(", ")})`);
    this.rows = parts.map(({ name, title, told }) => {
      const words = make("div");
      words.append(make("b", "", title), make("small", "", told));
      const toggle = choice(title, [_("learned"), _("ISTA’s")], (k) => {
        this.back[k ? "add" : "delete"](name);
        this.paint();
      });
      return { words, toggle, lane: make("div", "sc-lane") };
    });
    this.lanes.replaceChildren(...this.rows.flatMap(Object.values));
    this.absent.textContent = absent;
    this.absent.hidden = !absent;
    this.change({ label });
  }

  draw({ lam, T }) {
    // Grey while the sliders stand elsewhere than where the numbers were computed, or the reader draws
    const isStale = lam !== this.data.lam || T !== this.data.T || Boolean(drawing());
    this.root.toggleAttribute("data-stale", isStale);
    const { parts, F, plain, says } = this.network;
    const back = parts.map(({ name }) => name).filter((name) => this.back.has(name));
    const key = back.join(",");
    const high = Math.max(10, ...parts.flatMap(({ values }) => values)) * 1.15;
    for (const [k, { toggle, lane }] of this.rows.entries()) {
      toggle.choose(Number(back.includes(parts[k].name)));
      this.drawPart(lane, parts[k], high, k === parts.length - 1);
    }
    this.drawCourse(F[""], plain, F[key], back.length);
    this.root.dataset.at = [F[key].at(-1), F[""].at(-1), plain.at(-1)].join(" ");
    this.tell(this.says, says[key]);
  }

  // The numbers of a part, one line each, above those of ISTA.
  drawPart(lane, { name, title, told, values, plain }, high, isLast) {
    const [wide] = this.size(lane);
    const x = (v) => 2 + (Math.log(Math.max(LOW, Math.min(high, v)) / LOW) / Math.log(high / LOW)) * (wide - 4);
    const lines = (numbers, from, to) => numbers.map((v) => `M${x(v).toFixed(1)} ${from}V${to}`).join("");
    const ticks = [0.1, 1, 10, 100].filter((v) => v <= high);
    const marks = ticks.map((v) => {
      const text = `${v === LOW ? "≤ " : ""}${localized(String(v))}${v === 1 ? " = ISTA" : " ×"}`;
      return write(text, x(v), LANE + 16, v === LOW ? "start" : "middle");
    });
    const aside = this.back.has(name) ? " aside" : "";
    const drawn = [
      ...ticks.map((v) => path("axis", `M${x(v)} 0V${LANE}`)),
      path(`own${aside}`, lines(values, 5, LANE / 2)),
      path(`plain${aside}`, lines(plain, LANE / 2 + 3, LANE - 5)),
      ...(isLast ? marks : []),
    ];
    const label = _("What did it learn? {title}: {values}", { title, values: told });
    this.put(lane, [wide, LANE + (isLast ? 22 : 0)], label, drawn.join(""));
  }

  // F over the iterations: the network's, ISTA's, and that of the network with parts put back, if any.
  drawCourse(learned, plain, changed, isChanged) {
    const [wide, tall, em] = this.size(this.plot);
    const { label, data } = this;
    const [left, right, floor] = [6, wide - em * Math.max(9, 0.55 * (label.length + 7)), tall - 24];
    const T = learned.length - 1;
    const low = Math.min(...learned, ...plain) * 0.94;
    const high = Math.max(learned[0], plain[0]) * 1.5;
    const x = (t) => left + (t / T) * (right - left);
    const y = (F) => floor - (Math.log(Math.max(low, F) / low) / Math.log(high / low)) * (floor - 6);
    const lines = [
      ["plain", "ISTA", plain],
      ["own", label, learned],
      ["now", _("as set here"), changed],
    ];
    const shown = lines.slice(0, isChanged ? 3 : 2).map(([kind, name, F]) => ({ kind, name, F, end: F.at(-1) }));
    const heights = shown.map(({ end }) => y(end));
    const places = spaced(heights, Math.max(APART, 1.15 * em), 14, floor - 4);
    const labels = shown.map(({ kind, name, end }, k) => {
      const text = `${end > high ? "↑ " : ""}${name} ${strong(fourDigits(end))}`;
      return write(text, right + 8, places[k] + 4, "", kind);
    });
    const ends = shown.map(({ name, end }) => `${name} ${fourDigits(end)}`).join(", ");
    const drawn = [
      path("axis", `M0 ${floor}H${wide}`),
      ...shown.map(({ kind, F }) => path(kind, through(F.map((value, t) => [x(t), Math.max(-60, y(value))])))),
      ...labels,
      write("t = 0", left, tall - 6),
      write(`t = ${T}`, right, tall - 6, "end"),
      write(`F, ${data.start}`, (left + right) / 2, tall - 6, "middle"),
    ];
    const name = _("What did it learn? F after each iteration: {values} after {T}", { values: ends, T });
    this.put(this.drawn, [wide, tall], name, drawn.join(""));
  }
}

export default component(WhatLearned);
