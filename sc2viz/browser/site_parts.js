// The parts of the site in their order: the address, the title, what it says first, which sliders and choices it has,
// and `open(site)`, which fills `site.shown` and returns `draw()`, for other solvers or pictures, and `moved(key)`.
import { OPTIMUM } from "./coder.js";
import { parcels } from "./decode.js";
import { isDark, make } from "./dom.js";
import { pictureOf, sheetOf } from "./draw.js";
import { pair, plane } from "./ideas/plane.js";
import { ofGates, ofNetwork } from "./ideas/unfolded.js";
import { counted, percent } from "./readings.js";
import { distanceCurves, lineOf, tradeOffCurves } from "./site_curves.js";
import { slider } from "./sliders.js";
import { _, localized } from "./words.js";

export const AMONG = 6; // cards in a row at most

const escaped = (text) => make("i", "", text).innerHTML;
const largest = (codes) => codes.reduce((best, s, j) => (Math.abs(s) > Math.abs(codes[best]) ? j : best), 0);

const atomOf = ({ coder: { all, d_x } }, j) => all.get(OPTIMUM).atoms.subarray(j * d_x, (j + 1) * d_x);

const sum = async (site) => {
  const show = await site.mount("sum", site.shown);
  const { sum: data } = site.data;
  show({ ...data, columns: site.columns(data.columns) });
  return {};
};

const whyZeros = async (site) => {
  const show = await site.mount("why_zeros", site.shown);
  const none = site.shown.appendChild(make("p"));
  const { stops } = site.data.knobs.find(({ key }) => key === "lam");
  let atoms = null;
  let of = null;
  const draw = () => {
    const { problem, x } = site.coder;
    const codes = (lam) => site.coder.codes(OPTIMUM, lam);
    if (of !== x) [of, atoms] = [x, pair(problem, x, codes(site.at.lam)) ?? pair(problem, x, codes(stops[0]))];
    none.textContent = atoms ? "" : _("No atom is in use at any λ here, so no two weights can be drawn.");
    site.shown.firstChild.hidden = !atoms;
    if (!atoms) return;
    const { gram, centres } = plane(problem, x, stops.map(codes), atoms);
    const pictures = atoms.map((j) => pictureOf(atomOf(site, j), "atom", site.data.board, isDark(document.body)));
    show({ atoms, gram, centres, stops, lam: site.at.lam, pictures, live: true });
  };
  return { draw, moved: (key) => key === "picture" && draw() };
};

const oneWeight = async (site) => {
  const stops = Array.from({ length: 20 }, (_, k) => (k + 1) / 20);
  const knob = { key: "theta", label: _("θ, shrinkage’s threshold"), value: 0.3, stops };
  site.at.theta = knob.value;
  const bar = site.shown.appendChild(make("div", "sliders"));
  bar.append(slider(knob, (value) => site.move("theta", value)).node);
  const show = await site.mount("one_weight", site.shown);
  show({ theta: knob.value, R: 1, fits: true, colours: site.data.colours });
  return {};
};

const step = async (site) => {
  const at = ({ frame }) => {
    site.t = frame;
    site.write();
  };
  const show = await site.mount("player", site.shown, { at });
  let turns = 0;
  return {
    draw: () => {
      const { step: data, solvers } = site.data;
      const shown = [data.groups[0], ...site.there.map((one) => data.groups[1 + solvers.indexOf(one)])];
      const panels = [];
      const { title } = site.coder.named;
      const cards = shown.map((group) => {
        const first = panels.length;
        panels.push(...group.panels);
        const numbered = group.html.replace(/data-panel="(\d+)"/g, (_, k) => `data-panel="${Number(k) + first}"`);
        return numbered.replaceAll("{picture}", escaped(title));
      });
      const lines = data.distance.panel.lines.filter(({ solver }) => site.ranked.includes(solver));
      const row = Math.min(AMONG, shown.length);
      const legend = make("div", "", "", { innerHTML: data.distance.html });
      for (const [k, item] of [...legend.querySelectorAll("li")].entries())
        if (!lines.includes(data.distance.panel.lines[k])) item.remove();
      legend.querySelector("[data-panel]").dataset.panel = panels.length;
      const wide = lines.length ? legend.querySelector(".wide").outerHTML : "";
      if (lines.length) panels.push({ ...data.distance.panel, lines });
      const trained = site.there.flatMap(({ trained }) => trained || []);
      show({
        ...data,
        columns: site.columns(data.columns),
        html: `<div class="cards" data-style="--most:${row}; --row:${row}">${cards.join("")}</div>${wide}`,
        panels,
        at: { ...site.at, t: site.t },
        ...{ id: "step", unit: _("iteration"), names: [], layout: "stepping", plays: _("Play"), captions: { t: [""] } },
        ...{ live: false, fixed: false, told: site.t, turns: site.went ? ++turns : turns },
        sentence: { kind: "stepped", ...site.compared },
        trained: trained.length ? Math.min(...trained) : null,
        stamp: [title, ...site.there.map(({ label }) => label)].join(),
      });
      site.went = false;
    },
  };
};

const oneIteration = async (site) => {
  const show = await site.mount("one_iteration", site.shown);
  const many = () => (site.there.length > 2 ? 1 : 2); // two stand side by side where no more are chosen
  const shown = () => site.there.slice(0, many()).map((one) => ({ ...one, learned: one.trained !== null }));
  const ways = () => {
    const labels = new Set([...shown().map(({ label }) => label), ...site.data.compared]);
    const three = [...labels].filter((label) => site.coder.has(label)).slice(0, site.data.compared.length);
    return three.map((label) => lineOf(site, label));
  };
  return { draw: () => show({ ...site.at, drawn: site.data.board, shown: shown(), plane: { ways: ways() } }) };
};

// A board beside a figure.
const boardWith = (curves) => async (site) => {
  const place = site.shown.appendChild(make("div", "beside"));
  const left = place.appendChild(make("div", "stage"));
  const drawBoard = await site.board(left);
  const figure = curves(site, place.appendChild(make("div", "aside")));
  const draw = () => {
    drawBoard();
    figure.draw();
  };
  return { draw, moved: figure.moved };
};

// The words of an atom, as the page Dictionary of the app has them.
const describeAtom = ({ norms, twin, alike }, j, share) => {
  const [norm, cosine] = [norms[j], alike[j]].map((each) => localized(each.toFixed(2)));
  const given = { j, share: percent(100 * share), norm, twin: twin[j], cosine };
  return share
    ? _("Atom {j}: used by {share}, norm {norm}, most like atom {twin} ({cosine})", given)
    : _("Atom {j}: not used, norm {norm}, most like atom {twin} ({cosine})", given);
};

const atoms = async (site) => {
  const { atoms: data, board, pictures } = site.data;
  const { d_s } = site.coder;
  const columns = Math.ceil(Math.sqrt(d_s));
  const rows = Math.ceil(d_s / columns);
  const each = Array.from({ length: d_s }, (_, j) => atomOf(site, j));
  const sheets = {}; // by theme
  const says = site.shown.appendChild(make("p", "sc-sentence"));
  let chosen = null;
  const sharesAtLambda = () => {
    const distances = data.lams.map((lam) => Math.abs(Math.log(lam / site.at.lam)));
    const k = distances.indexOf(Math.min(...distances));
    return parcels.get(data.share.name).subarray(k * d_s, (k + 1) * d_s);
  };
  const choose = (number) => {
    chosen = number;
    const share = sharesAtLambda();
    const [n] = pictures.size;
    const description = describeAtom(data, chosen, share[chosen]);
    const said = board.line ? counted(n, "row") : counted(n, "picture");
    says.textContent = _("{description}. Use is that of the {rows} here.", { description, rows: said });
  };
  const show = await site.mount("tiles", site.shown, { chosen: ({ number }) => choose(number) });
  const draw = () => {
    const share = sharesAtLambda();
    const order = [...share.keys()].sort((a, b) => share[b] - share[a]);
    chosen ??= order[0];
    const largest = Math.max(...share, 1e-9);
    const tile = (j) => ({ number: j, name: describeAtom(data, j, share[j]), bar: share[j] / largest, note: "" });
    const dark = isDark(document.body);
    sheets[dark] ??= sheetOf(each, columns, board, dark);
    const looks = { label: _("All atoms, by use"), columns, rows, across: null, radio: true };
    show({ ...looks, ...sheets[dark], tiles: order.map(tile), chosen });
    choose(chosen);
  };
  const tilts = await site.mount("two_alike", site.shown);
  tilts({ ...site.data.alike, lam: site.at.lam });
  return { draw, moved: draw };
};

const dualBound = async (site) => {
  const show = await site.mount("dual_bound", site.shown);
  const last = site.data.knobs.find(({ key }) => key === "T").stops.at(-1);
  const course = (label) => {
    const { coder, at } = site;
    return { ...coder.course(label, at.lam, coder.moves ? at.T : last), last }; // the rest waits for the pen
  };
  const solver = (label) => ({ ...lineOf(site, label), course: () => course(label) });
  return { draw: () => show({ ...site.at, solvers: site.ranked.map(solver) }) };
};

const istaToLstm = async (site) => {
  const show = await site.mount("ista_to_lstm", site.shown);
  const { momenta, tau } = site.data.unfold;
  const learned = site.data.solvers.find(gated);
  const draw = () => {
    const { coder, at } = site;
    const { problem, x } = coder;
    const atom = largest(coder.codes(OPTIMUM, at.lam));
    const m = momenta.slice(0, at.T);
    const of = (gates, carries) => ofGates(problem, x, at.lam, tau, atom, gates, carries);
    const rows = {
      plain: of(Array(at.T).fill([1, 0])),
      momentum: of(m.map((each) => [1 + each, -each])),
      hand: of(Array(at.T).fill([1.8, -0.8]), true),
      learned: ofNetwork(coder.all.get(learned.label).solver, x, at.lam, at.T, atom),
    };
    show({ rows, atom, t: Math.min(5, at.T), folded: false, ...learned.cell });
  };
  return { draw, moved: draw };
};

const gated = ({ cell }) => cell;
const both = ["lam", "T"];
const compared = { knobs: both, chips: true, pictures: true };

export const PARTS = [
  {
    id: "sum",
    title: _("A picture is a sum of atoms"),
    lede: _(
      "Sparse coding writes a picture as a weighted sum of a few given pictures, its atoms. λ is their price: move it.",
    ),
    ...{ knobs: ["lam"], pictures: true, says: true, page: "welcome", open: sum },
  },
  {
    id: "why-zeros",
    title: _("Why zeros"),
    lede: _("The code minimises F(s) = ½‖x − Bs‖² + λ‖s‖₁. Its second part, the ℓ1 norm, makes weights exactly zero."),
    ...{ knobs: ["lam"], pictures: true, page: "lambda", query: { layout: "one picture" }, open: whyZeros },
  },
  {
    id: "one-weight",
    title: _("One weight"),
    lede: _("Shrinkage takes θ from each magnitude, and makes zero what is smaller. Double tanh is its smooth rival."),
    ...{ knobs: [], page: "activations", open: oneWeight },
  },
  {
    id: "one-iteration",
    title: _("One iteration"),
    lede: _("Each iteration looks at what is missing, and moves the weights of the atoms that would help."),
    ...{ ...compared, page: "step", query: { shows: "one iteration" }, open: oneIteration },
  },
  {
    id: "step",
    title: _("Step through"),
    lede: _(
      "No closed formula gives the best code. Each solver nears it iteration by iteration: press Play and " +
        "see who leads.",
    ),
    ...{ ...compared, page: "step", query: { shows: "iterations" }, open: step },
  },
  {
    id: "compare",
    title: _("Compare"),
    lede: _(
      "All solvers get the same picture, the same λ and T iterations. The faster one is nearer to the " +
        "exact optimum then.",
    ),
    ...{ ...compared, says: true, page: "compare", query: { layout: "one picture" }, open: boardWith(distanceCurves) },
  },
  {
    id: "lambda",
    title: _("λ trade-off"),
    lede: _("A small λ gives a faithful picture of many atoms, and a large one a rough picture of few."),
    ...{ ...compared, says: true, page: "lambda", query: { layout: "one picture" }, open: boardWith(tradeOffCurves) },
  },
  {
    id: "atoms",
    title: _("Atoms"),
    lede: _("The atoms were learned from other pictures, so that F, averaged over them, is small."),
    ...{ knobs: ["lam"], page: "dictionary", open: atoms },
  },
  {
    id: "dual-bound",
    title: _("The dual bound"),
    lede: _("Nobody knows the best code beforehand. Each code proves how low F can be, so each knows how far it is."),
    ...{ ...compared, page: "compare", query: { layout: "dual bound" }, open: dualBound },
  },
  {
    id: "ista-to-lstm",
    title: _("From ISTA to an LSTM"),
    lede: _("Each iteration of ISTA, FISTA and SLSTM is one cell: a memory, what enters it, and what stays in it."),
    ...{ knobs: both, pictures: true, page: "step", query: { shows: "ISTA to LSTM" }, needs: gated, open: istaToLstm },
  },
];
