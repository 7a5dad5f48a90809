"""Encoders beside certified optima: their two gaps, the pictures that they make, and what more steps buy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from sc2viz import defaults
from sc2viz.analysis.encoder_gap import GapCourse, StepCourse
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.draw import encoder_gaps, style
from sc2viz.draw.encoder_gaps import GapBar
from sc2viz.training.autoencoders import BAR_SEEDS
from sc2viz.ui import boards, encoder_costs, encoders, known_codes, page, phrases, results, url
from sc2viz.ui.encoder_costs import RowCodes
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.ui.phrases import objective, percent, tenths
from sc2viz.words import N_, _, count, numeral

AXIS = "price"  # the slider that moves the gaps
STEPS = "more-steps"
EXACT = "exact", style.own_dash("exact")
LITTLE = 0.25  # the share of F(0) that exact codes must save, else λ is so large that gaps in % say little


@dataclass(frozen=True, eq=False)
class Comparison:
    """The trained encoders of a set by label, beside D★. λ is each one's own times `stops`; `current` is the index of the
    chosen one. row: the index of the row that is drawn."""

    data_set: EncoderSet
    row: int
    stops: tuple[float, ...]
    current: int
    best: BestDictionary
    encoders: Mapping[str, TrainedEncoder]
    courses: Mapping[str, GapCourse]

    def solve(self, label: str) -> RowCodes:
        """The codes of the row at every stop: an encoder's, and exact ones on its atoms."""
        encoder = self.encoders[label]
        lams, arguments = encoder.at_prices(self.stops)
        return encoder_costs.row_codes(
            self.data_set, self.row, self.best.D, lams, encoder.model, arguments
        )

    def solve_on_best(self, lams: tuple[float, ...]) -> RowCodes:
        """The exact codes of the row on D★ at each λ."""
        return encoder_costs.row_codes(self.data_set, self.row, self.best.D, lams)

    def saving(self, label: str) -> float:
        """The share of F of the empty code that exact codes save."""
        course = self.courses[label]
        return 1 - float(course.optimum[self.current] / course.empty[self.current])

    @property
    def example(self) -> str:
        """The first kind of encoder whose λ is not so large that gaps say little."""
        labels = sorted(self.encoders, key=lambda label: [*KINDS].index(self.encoders[label].kind))
        return next((label for label in labels if self.saving(label) >= LITTLE), labels[0])

    def draw_board(self, key: str, cards, captions, columns, **options) -> None:
        """Cards that follow λ. columns: codes at every stop, each with its atoms and offset."""
        x = encoders.original(self.data_set, self.row)
        shape = encoders.rows(self.data_set.data).shape
        codes = boards.Codes(
            x,
            shape,
            {AXIS: self.stops, "t": [0]},
            {AXIS: self.stops[self.current], "t": 0},
            list_columns(AXIS, columns),
            {AXIS: results.brightest(x, shape, tuple(columns))},
        )
        options |= {"live": True, "codes": codes, "fixed": True}
        boards.scrubber(key, 1, cards, (), {AXIS: captions}, **options)


def compare(data_set: EncoderSet, row: int, price: float) -> Comparison | None:
    """The trained encoders of a set at `price` times their own λ, beside D★; None until both are trained."""
    best, trained = encoders.best(data_set), encoders.trained(data_set)
    stops = url.stops(AXIS, price)
    if not trained or not best:
        return None
    # First those that minimise F, by their steps
    chosen = (trained[kind] for kind in (*STEPPED, *trained) if kind in trained)
    labelled = {encoder.label: encoder for encoder in chosen}
    with st.spinner(_("Solving every row exactly, on the atoms of each encoder …"), show_time=True):
        courses = encoder_costs.courses(data_set, labelled, best, stops)
    return Comparison(data_set, row, stops, stops.index(price), best, labelled, courses)


def list_columns(axis: str, columns) -> list[boards.Column]:
    """What the browser draws: the row itself, and codes on their atoms."""
    following = [boards.Column(atoms, {axis: codes}, offset) for codes, atoms, offset in columns]
    return [boards.Column(), *following]


def pair(solved: RowCodes) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The columns of an encoder's codes and of exact ones on its atoms."""
    return [(codes, solved.unit, solved.offset) for codes in (solved.codes, solved.exact)]


def draw_card(
    label: str, solver: str, dash: str, dark: bool, panels, readings, bars_html: str = ""
):
    """A card in the look of a solver."""
    colour = style.colour(solver, dark)
    return boards.Group(
        label, colour, panels, "", readings, solver=solver, dash=dash, figure=bars_html
    )


def draw_panels(
    titles: Mapping[int, str], stems: tuple[int, int], codes, solver: str, label: str, dark: bool
) -> list:
    """The picture and the error of each of some columns, and one code, with circles where the exact one ends. codes: what
    share an axis."""
    column, exact = stems
    panels: list = []
    for place, title in titles.items():
        names = {"label": label, "title": title}
        panels += [
            boards.Made(title, place, "picture", _("The row by {label}: {title}", **names)),
            boards.Made(_("error"), place, "error", _("The error by {label}: {title}", **names)),
        ]
    top = style.round_up(max(float(values.max()) for values in codes))
    alt = _("Code of {label}; circles are the exact code on its atoms", label=label)
    colour, name = style.colour(solver, dark), _("exact")
    code = boards.Stems(
        _("code s"), column, top, colour, alt, reference=exact, reference_label=name, bottom=0.0
    )
    return [*panels, code]


# The two gaps ---------------------------------------------------------------------------------------------------------


def draw_gaps(comparison: Comparison, dark: bool) -> None:
    """What an encoder is, in a picture: a row, its code, and what atoms make of it; and the gaps of all encoders as bars."""
    label, current = comparison.example, comparison.current
    columns, solver = pair(comparison.solve(label)), comparison.encoders[label].model.solver
    codes = [values[current] for values, *_atoms in columns]
    row = boards.Made(_("a row x"), 0, "picture", _("The row that is coded"))
    picture, _error, stems = draw_panels(
        {1: _("D s, its picture")}, (1, 2), codes, solver, label, dark
    )
    legend = encoder_gaps.draw_legend()
    cards = [draw_card(label, solver, "", dark, [row, stems, picture], {}, legend)]
    bars = {
        name: GapBar(course.encoder, course.dictionary)
        for name, course in comparison.courses.items()
    }
    span = encoder_gaps.find_span(bars.values(), current)
    for name, bar in bars.items():
        course, model = comparison.courses[name], comparison.encoders[name].model
        gaps = bar.encoder, bar.dictionary, bar.encoder + bar.dictionary
        texts = [list(map(tenths, gap)) for gap in gaps]
        prices = [
            _("λ = {lam:.3g}, {count:.1f} non-zeros", lam=lam, count=non_zeros)
            for lam, non_zeros in zip(course.lam, course.count, strict=True)
        ]
        bars_html = encoder_gaps.draw_bars(bar, span, current, AXIS, texts)
        readings, dash = {"λ": {AXIS: prices}}, style.dash(model)
        cards.append(draw_card(name, model.solver, dash, dark, [], readings, bars_html))
    captions = [describe_gaps(comparison, stop) for stop in range(len(comparison.stops))]
    comparison.draw_board(
        "encoders",
        cards,
        captions,
        columns,
        layout="gaps",
        unit=N_("view"),
        sentence={"why": explain_gaps(comparison)},
    )
    about = _(
        "Means over the first {rows} test rows; networks of one seed, certified optima. Each encoder has the λ at which it, or "
        "exact codes on its atoms, have ten non-zeros on other rows. D★ is the best of {n} learned dictionaries, and not "
        "certified: where another is better, its gap is below 0.",
        rows=known_codes.ROWS,
        n=numeral(len(BAR_SEEDS)),
    )
    notes, savings = [about], {name: comparison.saving(name) for name in comparison.courses}
    little = {name: saving for name, saving in savings.items() if saving < LITTLE}
    if little:
        warning = _(
            "At their λ, even exact codes lower F by {reduction} at most, so that a small gap says little: {labels}.",
            reduction=percent(100 * max(little.values())),
            labels=", ".join(little),
        )
        notes.append(warning)
    page.notes(notes)


def describe_gaps(comparison: Comparison, stop: int) -> str:
    """What an encoder and its dictionary cost at a stop of λ, and how often the encoder costs more."""
    courses = comparison.courses
    course = courses[comparison.example]
    dearer = sum(rival.encoder[stop] > rival.dictionary[stop] for rival in courses.values())
    return _(
        "**{label}**’s encoder costs **{encoder}** of F*(D★), its dictionary **{dictionary}**. The encoder costs more with "
        "{n} of {total} kinds.",
        label=comparison.example,
        encoder=tenths(float(course.encoder[stop])),
        dictionary=tenths(float(course.dictionary[stop])),
        n=dearer,
        total=len(courses),
    )


def explain_gaps(comparison: Comparison) -> str:
    """What makes the two gaps of an encoder."""
    label, stop = comparison.example, comparison.current
    course, kind = comparison.courses[label], KINDS[comparison.encoders[label].kind]
    sentences = [
        _(
            "The codes of **{label}** have F = {F}, and exact codes on the same atoms {optimum}.",
            label=label,
            F=objective(course.F[stop]),
            optimum=objective(course.optimum[stop]),
        )
    ]
    if kind.steps == 1:
        product = _(
            "Exact codes weigh each atom against the others, which one product and a threshold cannot."
        )
        sentences.append(product)
    learned = _(
        "Its atoms were learned with that encoder; D★, learned with exact codes, has {bar}.",
        bar=objective(course.bar[stop]),
    )
    return " ".join([*sentences, learned])


# Pictures and steps ---------------------------------------------------------------------------------------------------


def draw_kinds(comparison: Comparison, dark: bool) -> None:
    """The row by exact codes on D★, and by each encoder beside exact codes on the same atoms."""
    best, current = comparison.best, comparison.current
    st.header(_("All kinds"), anchor="kinds")
    lams = tuple(best.lam * price for price in comparison.stops)
    solved = {"D★": comparison.solve_on_best(lams)}
    solved |= {label: comparison.solve(label) for label in comparison.encoders}
    columns = [column for codes in solved.values() for column in pair(codes)]
    codes, cards = [values[current] for values, *_atoms in columns], []
    for k, label in enumerate(solved):
        encoder, stems = comparison.encoders.get(label), (1 + 2 * k, 2 + 2 * k)
        titles = dict(zip(stems, (_("encoder"), _("exact")), strict=True))
        look = (encoder.model.solver, style.dash(encoder.model)) if encoder else EXACT
        if not encoder:
            del titles[stems[0]]
        panels = draw_panels(titles, stems, codes, look[0], label, dark)
        cards.append(draw_card(label, *look, dark, panels, {}))
    caption = _("Each encoder’s picture, and that of exact codes on the same atoms.")
    comparison.draw_board("kinds", cards, [caption], columns, layout="kinds", unit=N_("encoder"))


def draw_steps(comparison: Comparison, dark: bool) -> None:
    """The row by networks on D★ that were trained for T steps, and by solvers that were not trained, T by T."""
    st.header(_("What more steps buy"), anchor=STEPS)
    best, shape = comparison.best, encoders.rows(comparison.data_set.data).shape
    x = encoders.original(comparison.data_set, comparison.row)
    solved = comparison.solve_on_best((best.lam,))
    courses, stops = measure_steps(comparison), url.STEPPED
    codes = [solved.exact, *(course.codes for course in courses.values())]
    panels = draw_panels({1: _("picture")}, (1, 1), codes, "exact", "D★", dark)
    distance = _("above F*(D★)")
    cards, lines = [draw_card(_("Exact on D★"), *EXACT, dark, panels, {distance: ["0 %"]})], []
    for column, (solver, course) in enumerate(courses.items(), 2):
        label, dash = style.label(solver), style.own_dash(solver)
        panels = draw_panels({column: _("picture")}, (column, 1), codes, solver, label, dark)
        readings = {distance: list(map(phrases.format_excess, course.excess))}
        cards.append(draw_card(label, solver, dash, dark, panels, readings))
        colour, multiplications = style.colour(solver, dark), course.multiplications / 1e3
        line = boards.Line(label, course.excess, colour, style.lengths(dash), multiplications)
        lines.append(line)
    place = stops.index(url.value("after"))
    curve = boards.Curves(
        _("Above F*(D★)"),
        lines,
        _(
            "Distance to F*(D★) in percent against multiplications, with a marker at {place}: {labels}",
            place="{t}",
            labels=", ".join(line.label for line in lines),
        ),
        axis=_("thousand multiplications a row"),
        unit=" %",
        optimum=_("F*(D★), certified"),
        places=lines[0].places,
    )
    captions = []
    for k, T in enumerate(stops):
        texts = [f"**{line.label}** {percent(float(line.values[k]))}" for line in lines]
        steps = count(T, "step")
        captions.append(
            _("After {steps}, above F*(D★): {values}.", steps=steps, values=", ".join(texts))
        )
    columns = [(values, solved.unit, solved.offset) for values in codes]
    boards.scrubber(
        STEPS,
        len(stops),
        cards,
        [curve],
        captions,
        unit="T",
        start=place,
        on_stop=lambda: st.query_params.update(after=str(stops[boards.resting_frame(STEPS)])),
        names=[f"T = {T}" for T in stops],
        codes=boards.Codes(
            x,
            shape,
            {"t": range(len(stops))},
            {"t": place},
            list_columns("t", columns),
            {"t": [float(results.brightest(x, shape, tuple(columns)).max())]},
        ),
        layout="stepping",
        fixed=True,
    )
    about = _(
        "Multiplications in matrix products, a row. Each T has a network of its own, of one seed, trained on D★ at its "
        "λ = {lam:g}.",
        lam=best.lam,
    )
    page.notes([about])


def measure_steps(comparison: Comparison) -> dict[str, StepCourse]:
    """What solvers on D★ reach after the steps `url.STEPPED`, by name: first the networks, where all are there."""
    data_set, best, stops = comparison.data_set, comparison.best, list(url.STEPPED)
    problem, trained = (data_set, best.D, best.lam), encoders.trained(data_set, "frozen")
    networks = [trained[kind].model for kind in STEPPED if kind in trained]
    courses = {}
    if len(networks) == len(stops):
        ends = [encoder_costs.stepping(model, *problem, comparison.row) for model in networks]
        courses[networks[-1].solver] = StepCourse.join([end.select([-1]) for end in ends])
    for name in defaults.STEPPING:
        course = encoder_costs.stepping(name, *problem, comparison.row, stops[-1])
        courses[name] = course.select(stops)
    return courses
