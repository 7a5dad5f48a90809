// The answers of a class beside the truth, on phones and on the projector: bars of choices, or dots on a line of
// numbers. Of two rounds, the one before the discussion is drawn in outline.
import { make, shape } from "./dom.js";
import { _, localized } from "./words.js";

// Whether an answer is right. A truth is a number or the place of a choice, a margin, and the places that tie with it.
export const isRight = (answer, [truth, margin, ties]) => ties.includes(answer) || Math.abs(answer - truth) <= margin;

const ROUNDS = ["before", "after"];
const BARS = [(counts) => _("before {counts}", { counts }), (counts) => _("after {counts}", { counts })];
const [WIDTH, COLUMNS, SPACE] = [360, 40, 14]; // of the drawing of dots: its width, places for dots, and its margin

// A number with as many digits as its slider has.
export const withUnit = (value, { range: [, , step], unit }) => {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
  return [localized(value.toFixed(digits)), unit].filter(Boolean).join("\u00a0");
};

const total = (counts) => counts.reduce((sum, [, n]) => sum + n, 0);

const bars = ({ choices, rounds, truth, own = [] }) => {
  const list = make("ul", "bars");
  for (const [k, words] of choices.entries()) {
    const right = isRight(k, truth);
    const item = list.appendChild(make("li", right ? "right" : ""));
    const head = item.appendChild(make("p", "", words));
    if (right) head.append(make("b", "", _("✓ right")));
    if (own.at(-1) === k) head.append(make("b", "own", _("your answer")));
    for (const [round, counts] of rounds.entries()) {
      const [n, all] = [counts.find(([answer]) => answer === k)?.[1] ?? 0, total(counts)];
      const share = all ? n / all : 0;
      const row = item.appendChild(make("div", rounds.length > 1 ? ROUNDS[round] : "after"));
      const bar = row.appendChild(make("u")).appendChild(make("i"));
      bar.style.inlineSize = `${100 * share}%`;
      const said = `${n} · ${Math.round(100 * share)}\u00a0%`;
      row.append(make("span", "", rounds.length > 1 ? BARS[round](said) : said));
    }
  }
  return list;
};

// Stacks of dots, one a number of answers where there are too many for the height.
const dots = (said, round) => {
  const [low, high] = said.range;
  const counts = said.rounds[round];
  const at = (value) => SPACE + ((WIDTH - 2 * SPACE) * (value - low)) / (high - low || 1);
  const stacks = new Map();
  for (const [answer, n] of counts) {
    const place = Math.round(((answer - low) / (high - low || 1)) * COLUMNS);
    stacks.set(place, (stacks.get(place) ?? 0) + n);
  }
  const most = Math.max(1, ...stacks.values());
  const field = WIDTH - 2 * SPACE;
  const gap = Math.min(field / COLUMNS, 90 / most);
  const r = Math.max(0.8, Math.min(4, 0.42 * gap));
  const floor = 30 + Math.max(most * gap, 20);
  const own = said.own?.[round];
  const ends = floor + (Number.isFinite(own) ? 32 : 16); // the row of the axis' labels, below that of one's own answer
  const drawn = shape("svg", { viewBox: `0 0 ${WIDTH} ${ends + 6}`, "aria-hidden": "true" });
  drawn.setAttribute("class", said.rounds.length > 1 ? ROUNDS[round] : "after");
  const [truth, margin] = said.truth;
  const [from, to] = [at(Math.max(low, truth - margin)), at(Math.min(high, truth + margin))];
  drawn.append(
    shape("rect", { class: "margin", x: from, y: 20, width: Math.max(to - from, 0), height: floor - 20 }),
    shape("line", { class: "truth", x1: at(truth), x2: at(truth), y1: 20, y2: floor + 4 }),
    shape("line", { class: "axis", x1: SPACE, x2: WIDTH - SPACE, y1: floor, y2: floor }),
  );
  for (const [place, n] of stacks)
    for (let k = 0; k < n; k++)
      drawn.append(shape("circle", { cx: SPACE + (field * place) / COLUMNS, cy: floor - gap * (k + 0.5), r }));
  const write = (x, y, anchor, text, kind) =>
    drawn.append(shape("text", { x, y, "text-anchor": anchor, class: kind }, text));
  const nearest = (x) => (x < 60 ? "start" : x > WIDTH - 60 ? "end" : "middle");
  write(at(truth), 14, nearest(at(truth)), `✓ ${withUnit(truth, said)}`, "right");
  write(SPACE, ends, "start", withUnit(low, said), "");
  write(WIDTH - SPACE, ends, "end", withUnit(high, said), "");
  if (Number.isFinite(own)) {
    drawn.append(shape("path", { class: "own", d: `M${at(own)} ${floor + 1}l-5 8h10z` }));
    write(at(own), floor + 19, nearest(at(own)), _("you"), "own");
  }
  return drawn;
};

const dotsOfRounds = (said) => {
  const figure = make("figure", "dots");
  for (const [round, counts] of said.rounds.entries()) {
    const answers = counts.flatMap(([answer, n]) => Array(n).fill(answer));
    const right = answers.filter((answer) => isRight(answer, said.truth)).length;
    const half = answers.length >> 1;
    const median = answers.length % 2 ? answers[half] : (answers[half - 1] + answers[half]) / 2;
    const words = [
      _("{right} of {total} right.", { right, total: answers.length }),
      answers.length ? _("Median: {median}.", { median: withUnit(median, said) }) : "",
      _("Truth: {truth}.", { truth: withUnit(said.truth[0], said) }),
    ];
    const told = words.filter(Boolean).join(" ");
    const named = [_("before: {sentence}", { sentence: told }), _("after: {sentence}", { sentence: told })];
    figure
      .appendChild(make("div"))
      .append(dots(said, round), make("p", "", said.rounds.length > 1 ? named[round] : told));
  }
  return figure;
};

// The drawing of what a room says once its answers are revealed; `own` holds those of this phone, if it is one.
export const answersDrawn = (said) => (said.choices.length ? bars(said) : dotsOfRounds(said));
