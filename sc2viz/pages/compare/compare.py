"""Compare: ground truth next to each solver's reconstruction, its errors and its cost (Figures 4 and 5)."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from sc2viz import evaluation
from sc2viz.browser.comparison import Entry, Moving, comparison
from sc2viz.browser.wire_format import COARSE
from sc2viz.draw import cards, curves, spreads, style
from sc2viz.pages.compare import dual_bound, mechanisms
from sc2viz.ui import (
    boards,
    chips,
    describe_models,
    exercises,
    models,
    page,
    pen,
    phrases,
    results,
    sidebar,
    url,
)
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.ui.phrases import listed
from sc2viz.ui.untrusted import plain
from sc2viz.ui.what_learned import what_it_learned
from sc2viz.words import _, count_rows, ngettext, of_noun

HIGH = 270  # px of the chart, so that it ends above the lower edge of a window 600 px high


@fragment
def compare() -> None:
    view = sidebar.current()
    known = models.choices(view.data)
    tools = page.head(_("Compare"), choices=True)
    paper, sentence = st.container(), st.container()
    chosen = chips.choose(known, help=_("Solvers. The exact optimum is always shown."))
    with tools:
        about = of_noun(
            view.noun,
            "All {noun}s of the strip in the sidebar, or the selected {noun} with its code, or how F* is bounded.",
        )
        pen.switch(view)
        layout = url.widget("layout", _("Show"), label_visibility="collapsed", help=about)
    with paper:
        pen.canvas(view, chosen)
    if layout == "dual bound":
        dual_bound.draw(view, models.ranked(chosen), tools)
        return
    rows = view.strip if layout == "grid" else (view.picture,)
    average = view.average(rows) if len(rows) > 1 else ""
    pixels = view.pixels(rows)
    safe = url.now("safeguard")
    kept = url.stops(
        "T", view.steps
    )  # the stops of `results.moving`, which finds these descents again
    paths, failed = results.each(
        chosen, lambda model: results.descent(model, pixels, view.lam, kept, safe)
    )
    chosen = [model for model in chosen if model.label in paths]
    gone = results.away(chosen, paths, pixels, view.steps)
    ranked = [model for model in models.ranked(chosen) if model not in gone] or models.ranked(
        chosen
    )
    with sentence:
        why = mechanisms.why(
            ranked, {model.label: paths[model.label] for model in ranked}, view.steps
        )
        page.following(why)
    best = results.moving_optimum(view.data, pixels, view.lam)
    found = {
        model.label: results.moving(model, pixels, view.lam, view.steps, safe) for model in chosen
    }
    stops = {"lam": url.stops("lam", view.lam), "T": url.stops("T", view.steps)}
    with st.container(key="beside-room"), st.container(key="beside"):
        far = models.with_distance(chosen)
        pictures, curve = st.container(), st.container(key="distances") if far else None
    lines = _lines(view, pixels, far, paths)
    by_time = url.now("against") == "milliseconds"
    dots = [boards.Dots("excess", *curves.reached(lines, stops["T"], by_time), "T")] if far else []
    board = replace(
        _board(view, rows, pixels, stops, chosen, found, best, dots, average),
        fine=COARSE if len(rows) > 1 else 0,
    )
    with pictures:
        boards.board("compare-board", board)
    if far:
        with curve:
            _draw_distances(view, rows, lines)
        if url.now("spread") and models.ranked(chosen):
            _draw_spread(view, models.ranked(chosen))
    held = [
        _("{solver} holds still while λ is dragged: {why}", solver=label, why=plain(one.still))
        for label, one in found.items()
        if one.still
    ]
    page.notes(
        [
            *failed,
            results.told_of_away(gone),
            results.told_of_blank(pixels, view.noun),
            _own_atoms(chosen),
        ]
    )
    page.notes([*describe_models.notes(chosen, view.steps, view.lam), *held])
    if safe:
        page.notes(
            [
                phrases.safeguarded(
                    {label: path.safeguarded[: view.steps] for label, path in paths.items()}
                )
            ]
        )
    if any(model.traits.learned and model.own_atoms for model in chosen):
        about = st.expander(
            _("What the network learned"), type="compact", key="compare-learned", on_change="rerun"
        )
        if about.open:  # it runs each network sixteen times
            with about:
                what_it_learned(view, chosen, rows, safe)
    _draw_a_worse_one(view, models.ranked(chosen), paths)
    with tools:
        _take_away(view, rows, chosen, found, best, board)


def _take_away(
    view: sidebar.View,
    rows,
    chosen: list[models.Model],
    found: dict[str, Moving],
    best: Moving,
    board: boards.Board,
) -> None:
    """The equations, the glossary, and what can be taken away."""
    name = f"sc2viz-{view.data}-lambda-{view.lam:g}-T-{view.steps}"
    title = _(
        "{pictures}, λ = {lam:g}, T = {steps}",
        pictures=view.subject(rows),
        lam=view.lam,
        steps=view.steps,
    )
    page.explained(
        [model.solver for model in chosen],
        [
            page.png(name, lambda: cards.png(title, board.still(), board.bars())),
            page.csv(name, lambda: _table(view, rows, found, best)),
            page.live(
                name,
                view,
                view.pixels(rows),
                chosen,
                _("Solvers on {pictures}", pictures=view.average(rows)),
            ),
        ],
        python(__file__, view=view, rows=rows, chosen=chosen),
    )


def _draw_a_worse_one(
    view: sidebar.View, chosen: list[models.Model], paths: dict[str, results.Descent]
) -> None:
    """Ask for a picture on which the network chosen last is worse than the iteration chosen last."""
    networks, iterations = (
        [model for model in chosen if model.traits.learned is kind and model.trained]
        for kind in (True, False)
    )
    if not (networks and iterations and view.shape):
        return
    network, iteration = networks[-1].label, iterations[-1].label
    theirs, its = (float(paths[label].excess[view.steps]) for label in (network, iteration))
    given = {"network": network, "iteration": iteration}
    distances = [phrases.apart(far) for far in (theirs, its)]
    told = _(
        "{network} is {theirs}, {iteration} {its}.",
        theirs=distances[0],
        its=distances[1],
        **given,
    )

    def judge(checked: bool) -> tuple[bool, str]:
        if not view.companions:
            return False, _("Draw a picture first: the switch “Draw …” at the top opens a canvas.")
        if url.now("layout") == "grid":
            return False, _(
                "Show “one picture”: the numbers of the grid are means over your picture and others."
            )
        if theirs > its and distances[0] != distances[1]:
            learned = _(
                "At this setting, what {network} has learned does not serve this picture.",
                network=network,
            )
            return True, f"{told} {learned}"
        return False, " ".join(
            (told, _("Draw what is unlike the pictures in the strip: fill, repeat, tilt."))
        )

    exercises.ask(
        "draw",
        _("draw a picture of which {network} is worse than {iteration}", **given),
        _(
            "Draw a picture on which {network} has a larger F than {iteration} after {iterations} at λ = {lam:g}. Then press "
            "Check.",
            iterations=phrases.count(view.steps, "iteration"),
            lam=view.lam,
            **given,
        ),
        judge,
        (view.data, network, iteration),
        asks=False,
    )


def _lines(
    view: sidebar.View,
    pixels: np.ndarray,
    chosen: list[models.Model],
    paths: dict[str, results.Descent],
) -> list[curves.SolverLine]:
    """The distance of each solver to the optimum after each iteration, and when it is done."""
    took = {m.label: results.pace(m, pixels, view.lam, url.now("safeguard")) for m in chosen}
    return [
        curves.SolverLine(
            m.label,
            m.solver,
            paths[m.label].excess,
            m.trained,
            took[m.label],
            m.drawn,
            None if paths[m.label].safeguarded is None else paths[m.label].safeguarded.any(1),
        )
        for m in chosen
    ]


def _draw_distances(view: sidebar.View, rows, lines: list[curves.SolverLine]) -> None:
    """The distance to the optimum against the iterations or the milliseconds, and what else may be asked for."""
    st.header(
        _("Distance to the optimum :small[:gray[{pictures}]]", pictures=view.average(rows)),
        anchor=False,
        width="stretch",
    )
    chart = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        by = url.widget("against")
        url.widget("safeguard")
        test_rows = count_rows(min(evaluation.SPREAD, len(view.images)), view.noun, tests=True)
        about = _("Also shows the distance of each of {rows}.", rows=test_rows)
        url.widget("spread", _("Spread"), help=about)
    with chart:
        figure = curves.excess_by_step(
            lines, view.steps, view.dark, by == "milliseconds", height=HIGH
        )
        page.chart(figure, key="excess")


def _draw_spread(view: sidebar.View, chosen: list[models.Model]) -> None:
    """How far single pictures are from the optimum, one dot each."""
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s …"), show_time=True):
        found = {
            model.label: results.spread(model, view.lam, view.steps, url.now("safeguard"))
            for model in chosen
        }
    count = len(next(iter(found.values())))
    st.header(
        _(
            "Spread :small[:gray[{rows}, λ = {lam:g}, T = {steps}]]",
            rows=count_rows(count, view.noun, tests=True),
            lam=view.lam,
            steps=view.steps,
        ),
        anchor=False,
    )
    drawn = [spreads.Spread(model.label, model.solver, found[model.label]) for model in chosen]
    page.chart(spreads.strips(drawn, view.dark), key="spread-chart")


def _own_atoms(chosen: list[models.Model]) -> str:
    """A note on networks that have atoms of their own; "" without one."""
    own = [model.label for model in chosen if model.own_atoms]
    if not own:
        return ""
    has = ngettext(
        "{solvers} has its own learned atoms.",
        "{solvers} have their own learned atoms.",
        len(own),
        solvers=listed(own),
    )
    distance = _(
        "The distance is to the exact optimum on the dictionary that all solvers share, and it is below zero where "
        "the learned atoms are better. “Own atoms” is the distance to exact codes on these atoms."
    )
    return f"{has} {distance}"


def _board(
    view: sidebar.View, rows, pixels, stops, chosen: list[models.Model], found, best, dots, average
) -> boards.Board:
    """The cards of the ground truth with the colour bar, of the exact optimum, and of each solver."""
    entries = [
        Entry(
            model.label,
            model.solver,
            found[model.label],
            describe_models.card_note(model),
            style.dash(model),
            models.aside(model),
            _prediction(view, rows, model, found[model.label]),
        )
        for model in chosen
    ]
    at = {"lam": view.lam, "T": view.steps}
    return comparison(
        pixels,
        view.shape,
        stops,
        at,
        best,
        entries,
        view.subject(rows),
        results.brightest,
        dots,
        average,
    )


def _prediction(
    view: sidebar.View, rows, model: models.Model, moving: Moving
) -> dict[str, Callable[[str, int], str]]:
    """The predictions of a supervised model's softmax head, Eq. (12), at each stop of a slider."""
    if results.probabilities(model, moving.sweeps["lam"].codes[:1]) is None:
        return {}
    shares = {
        axis: results.probabilities(model, sweep.codes) for axis, sweep in moving.sweeps.items()
    }

    def one(axis: str, k: int) -> str:
        best = int(shares[axis][k, 0].argmax())
        name = view.images.classes[best] if view.images.classes else best
        return f"{name} ({100 * shares[axis][k, 0].max():.0f} %)"

    if len(rows) == 1:
        return {_("Prediction"): one}
    if view.images.labels is None:
        return {}
    truth = view.images.labels[list(rows)].numpy()
    return {
        _("Correct labels"): lambda axis, k: _(
            "{n} of {all}", n=int((shares[axis][k].argmax(1) == truth).sum()), all=len(truth)
        )
    }


def _table(view: sidebar.View, rows, found: dict[str, Moving], best: Moving) -> str:
    """The numbers of the cards as CSV."""
    head = ["data", "first_picture", "pictures", "lambda", "T", "solver"]
    head += [
        "objective",
        "above_optimum_percent",
        "above_own_optimum_percent",
        "psnr_db",
        "nonzero_share",
        "milliseconds",
    ]

    def numbers(moving: Moving) -> list[float]:
        sweep = moving.sweeps["lam"]
        k = sweep.place(view.lam)
        # Exact codes have no distance to the optimum on own atoms.
        distances = [(by or moving.excess)["lam"][k] for by in (moving.excess, moving.own)]
        parts = (
            sweep.objective[k].mean(),
            *distances,
            evaluation.mean_decibels(sweep.psnr[k]),
            sweep.nonzero[k].mean(),
        )
        return [*map(float, parts), float(moving.milliseconds["lam"][k])]

    everyone = {
        "Exact optimum": ("", best),
        **{label: (view.steps, one) for label, one in found.items()},
    }
    return page.table(
        head,
        (
            [view.data, rows[0], len(rows), view.lam, steps, label, *numbers(one)]
            for label, (steps, one) in everyone.items()
        ),
    )


compare()
