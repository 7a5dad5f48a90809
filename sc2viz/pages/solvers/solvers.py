"""Solvers: one iteration of them, ISTA to an LSTM, all iterations, all pictures (Figures 4 and 5), and how F is bounded.

The page has two addresses, which open at one iteration and at all pictures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from sc2viz import defaults, evaluation, lasso
from sc2viz.analysis import bounds
from sc2viz.browser.comparison import Entry, Moving, comparison
from sc2viz.browser.wire_format import COARSE
from sc2viz.classroom.question import Question, Truth
from sc2viz.draw import cards, curves, spreads, style
from sc2viz.pages.solvers import by_hand, iterations, one_iteration
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
    session,
    sets,
    sidebar,
    unfold,
    url,
)
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import listed
from sc2viz.ui.sidebar import View
from sc2viz.ui.what_learned import what_it_learned
from sc2viz.words import _, count_rows, ngettext, of_noun

Paths = dict[str, results.Descent]  # of solvers, by label
ROWS = {"step": "shows", "compare": "compares"}  # of the URL, by the page's address
SIDE_BY_SIDE = {"one iteration": 2, "iterations": 4}  # solvers that a view shows at most
HIGH = 262  # px of the chart, so that it ends above the lower edge of a window 600 px high


@fragment
def solvers_page() -> None:
    view, address = sidebar.current(), session.path
    with page.head(_("Solvers"), choices=True):
        row, openings = ROWS[address], session.keep("openings", {})
        # Older links name an iteration, or the bound among the layouts.
        if row == "shows" and "t" in st.query_params:
            openings.setdefault(row, "iterations")
        elif row == "compares" and url.value("layout") == "dual bound":
            openings.setdefault(row, "bound")
        shows = url.widget(row, opening=openings.setdefault(row, url.default(row)))
        if shows not in ("ISTA to LSTM", "bound"):
            pen.switch(view)
    body = st.container(key="solvers-body")
    has_gates = address == "step" and shows in ("one iteration", "ISTA to LSTM", "iterations")
    place = page.details(
        is_asked=url.value("safeguard")
        or url.value("spread")
        or url.value("against") == "milliseconds"
        or (has_gates and not {"i", "f", "lock"}.isdisjoint(st.query_params))
    )
    with body:
        if shows == "ISTA to LSTM":
            unfold.ista_to_lstm(view)
            page.explained([*defaults.UNTRAINED, defaults.BY_HAND, defaults.TRAINED])
        else:
            _draw_view(view, shows, place)
    if place:
        with place:
            _draw_more(view, shows)
            if shows == "one iteration":
                one_iteration.draw_gates(view, _chosen(view))
            if has_gates:
                by_hand.draw(view)


def _draw_view(view: View, shows: str, place: DeltaGenerator | None) -> None:
    """Draw a view of the solvers that the reader chooses: below its figure, or in `place`, behind More, where the figure has
    a choice of its own among them."""
    canvas, sentence, figure = st.container(), st.container(), st.container(key="solvers-figure")
    figure.empty()  # so that it has its room before it is there
    choice = place if shows == "bound" else st.container(key="solvers-choice")
    limit = SIDE_BY_SIDE.get(shows)
    with choice or figure:
        chosen = chips.choose(
            models.choices(view.data),
            limit,
            help=_("This view shows the {limit} solvers that were chosen last.", limit=limit)
            if limit
            else _("Solvers. The exact optimum is always shown."),
            opening=[style.label(defaults.UNTRAINED[0])] if shows == "one iteration" else (),
            is_drawn=choice is not None,
        )
    with canvas:
        pen.canvas(view, chosen)
    is_grid = shows == "pictures" and url.value("layout") == "grid"
    rows = view.strip if is_grid else (view.picture,)
    pixels, safe = view.pixels(rows), url.value("safeguard")
    stops = url.stops("T", view.steps) if shows == "pictures" else results.ALL
    paths, failed = results.compute_each(
        chosen, lambda model: results.descent(model, pixels, view.lam, stops, safe, view.steps)
    )
    chosen = [model for model in chosen if model.label in paths]
    runaways = results.find_runaways(chosen, paths, pixels, view.steps)
    with figure:
        if not chosen and shows != "pictures":
            st.info(_("Choose one solver or more."), icon=":material/touch_app:")
        elif shows == "one iteration":
            one_iteration.draw(view, chosen)
        elif shows == "iterations":
            iterations.draw(view, chosen, paths)
        elif shows == "bound":
            ranked, x = models.ranked(chosen), view.x
            courses = [
                _course(model, x, view.lam, paths[model.label].course.codes[:, 0])
                for model in ranked
            ]
            page.idea("dual_bound", {"solvers": courses, "lam": view.lam, "T": view.steps})
            code = Path(__file__).with_name("bound.py")
            page.explained(ranked, [], code, view=view, chosen=ranked)
        else:
            with sentence:
                page.following()
            _draw_pictures(view, rows, chosen, runaways, paths)
    page.notes(
        [
            *failed,
            results.describe_runaways(runaways),
            *describe_models.notes(chosen, view.steps, view.lam),
        ]
    )
    if safe and shows != "one iteration":
        acted = {label: path.safeguarded[: view.steps] for label, path in paths.items()}
        page.notes([phrases.safeguarded(acted)])


def _draw_more(view: View, shows: str) -> None:
    """Draw what few ask for: the safeguard, computing time, and the spread over test pictures."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        url.widget("safeguard")
        if shows != "pictures":
            return
        url.widget("against")
        rows = count_rows(
            min(evaluation.SPREAD, len(sets.images(view.data))), view.noun, tests=True
        )
        spread = url.widget("spread", help_values={"rows": rows})
    chosen = models.ranked(_chosen(view))
    if not (spread and chosen):
        return
    with st.spinner(of_noun(view.noun, "Coding the test {noun}s …"), show_time=True):
        distances, failed = results.compute_each(
            chosen,
            lambda model: results.spread(model, view.lam, view.steps, url.value("safeguard")),
        )
    page.notes(failed)
    strips = [
        spreads.Spread(model.label, model.solver, distances[model.label])
        for model in chosen
        if model.label in distances
    ]
    heading = _(
        "Spread :small[:gray[{rows}, λ = {lam:g}, T = {steps}]]",
        rows=rows,
        lam=view.lam,
        steps=view.steps,
    )
    page.header(heading)
    page.chart(spreads.strips(strips, view.dark), key="spread-chart")


def _chosen(view: View) -> list[Model]:
    """The models that the reader has chosen, without those that the dictionary does not suit."""
    choices = models.choices(view.data)
    chosen = [choices[label] for label in url.value("solvers") if label in choices]
    return [model for model in chosen if not describe_models.problem(model)]


# The bound ------------------------------------------------------------------------------------------------------------


@cached
def _course(model: Model, pixels: np.ndarray, lam: float, codes: np.ndarray) -> dict:
    """F and its bound after each iteration, from the codes (T + 1, d_s) of one picture (1, d_x), with F* and its gap in %. A
    network with atoms of its own has the F, bound and optimum of these, scaled to norm 1."""
    s, B = torch.from_numpy(codes), models.atoms(model)
    if model.own_atoms:
        s, B = s * B.norm(dim=0), lasso.normalised(B)
    x = torch.from_numpy(models.centred(model, pixels))
    F, bound = bounds.course(x, s, B, lam, models.build(model).traits.positive)
    best = results.best(model, pixels, lam)
    return {
        "label": model.label,
        "F": F.tolist(),
        "bound": bound.tolist(),
        "best": float(best.objective[0]),
        "gap": 100 * best.gap,
        "own": model.own_atoms,
        "colour": style.themed(model.solver),
    }


# All pictures ---------------------------------------------------------------------------------------------------------


def _draw_pictures(
    view: View,
    rows: Sequence[int],
    chosen: list[Model],
    runaways: list[Model],
    paths: Paths,
) -> None:
    """Draw the ground truth, each solver's pictures, errors and numbers, and its distance to the optimum."""
    pixels, safe, shows_more = view.pixels(rows), url.value("safeguard"), url.value("more")
    average = view.average(rows) if len(rows) > 1 else ""
    optimum = results.movement_of_optimum(view.data, pixels, view.lam)
    # A view of many pictures is quicker without what stands behind More and in files alone.
    is_whole = shows_more or bool(session.menu)
    movements = {
        model.label: results.movement(
            model, pixels, view.lam, view.steps, safe, compares_own=is_whole
        )
        for model in chosen
    }
    stops = {"lam": url.stops("lam", view.lam), "T": url.stops("T", view.steps)}
    lines = []
    for model in models.with_distance(chosen):
        path, pace = paths[model.label], results.pace(model, len(pixels), safe)
        acted = None if path.safeguarded is None else path.safeguarded.any(1)
        lines.append(
            curves.SolverLine(
                model.label,
                model.solver,
                path.excess,
                model.trained,
                pace,
                model.dash_name,
                acted,
            )
        )
    by_time = url.value("against") == "milliseconds"
    dots = (
        [boards.Dots("excess", *curves.reached(lines, stops["T"], by_time), "T")] if lines else []
    )
    ranked = models.ranked(chosen)
    ranked = [model for model in ranked if model not in runaways] or ranked

    def with_rows(movement: Moving) -> Moving:
        return movement if shows_more else replace(movement, own_excess=None, milliseconds=None)

    entries = [
        Entry(
            model.label,
            model.solver,
            with_rows(movements[model.label]),
            describe_models.card_note(model),
            style.dash(model),
            models.why_unranked(model),
            _prediction(view, rows, model, movements[model.label]),
        )
        for model in chosen
    ]
    exact = optimum.sweeps["lam"].codes[-1:], optimum.atoms
    board = comparison(
        pixels,
        view.shape,
        stops,
        {"lam": view.lam, "T": view.steps},
        with_rows(optimum),
        entries,
        view.subject(rows),
        float(results.brightest(pixels, view.shape, (exact,))[0]),
        dots,
        average,
    )
    sentence = board.sentence | {"courses": results.courses(ranked, paths)["courses"]}
    board = replace(board, sentence=sentence, fine=COARSE if average else 0)
    with st.container(key="beside-room"), st.container(key="beside"):
        with st.container():
            boards.board("compare-board", board)
        with st.container(key="distances"):
            if lines:
                heading = _(
                    "Distance to the optimum :small[:gray[{pictures}]]", pictures=view.average(rows)
                )
                st.header(heading, anchor=False, width="stretch")
                figure = curves.excess_by_step(lines, view.steps, view.dark, by_time, height=HIGH)
                page.chart(figure, key="excess")
            options = ["grid", "one picture"]
            url.widget("layout", _("Show"), options=options)
    notes = [results.describe_blanks(pixels, view.noun)]
    own_atoms = [model for model in chosen if model.own_atoms]
    if own_atoms:
        notes.append(
            ngettext(
                "{solvers} has its own learned atoms. The distance is to the exact optimum on the dictionary that all "
                "share: it is below zero where the learned atoms are better.",
                "{solvers} have their own learned atoms. The distance is to the exact optimum on the dictionary that all "
                "share: it is below zero where the learned atoms are better.",
                len(own_atoms),
                solvers=listed([model.label for model in own_atoms]),
            )
        )
    page.notes([*notes, *iterations.describe_stills(movements)])
    if any(model.traits.learned for model in own_atoms):
        about = st.expander(
            _("What the network learned"), type="compact", key="compare-learned", on_change="rerun"
        )
        if about.open:  # it runs each network sixteen times
            with about:
                what_it_learned(view, chosen, rows, safe)
    _ask_for_a_worse_picture(view, models.ranked(chosen), paths)
    name = f"sc2viz-{view.data}-lambda-{view.lam:g}-T-{view.steps}"
    title = _(
        "{pictures}, λ = {lam:g}, T = {steps}",
        pictures=view.subject(rows),
        lam=view.lam,
        steps=view.steps,
    )
    about_live = _("Solvers on {pictures}", pictures=view.average(rows))
    page.explained(
        chosen,
        [
            page.png(name, lambda: cards.draw_sheet(title, board.static_cards(), board.bars())),
            page.csv(name, lambda: _table(view, rows, movements, optimum)),
            page.live(name, view, pixels, chosen, about_live),
        ],
        __file__,
        view=view,
        rows=rows,
        chosen=chosen,
    )


def _prediction(
    view: View, rows: Sequence[int], model: Model, movement: Moving
) -> dict[str, Callable[[str, int], str]]:
    """The predictions of a supervised model's softmax head, Eq. (12), at each stop of a slider."""
    shares = results.probabilities(model, movement)
    if not shares:
        return {}

    def name_class(axis: str, k: int) -> str:
        best = int(shares[axis][k, 0].argmax())
        name = view.images.classes[best] if view.images.classes else best
        return f"{name} ({100 * shares[axis][k, 0].max():.0f} %)"

    if len(rows) == 1:
        return {_("Prediction"): name_class}
    if view.images.labels is None:
        return {}
    truth = view.images.labels[list(rows)].numpy()

    def count_correct(axis: str, k: int) -> str:
        correct = int((shares[axis][k].argmax(1) == truth).sum())
        return _("{n} of {total}", n=correct, total=len(truth))

    return {_("Correct labels"): count_correct}


def _ask_for_a_worse_picture(view: View, chosen: list[Model], paths: Paths) -> None:
    """Ask for a picture on which the network chosen last is worse than the iteration chosen last."""
    networks = [model for model in chosen if model.traits.learned and model.trained]
    formulas = [model for model in chosen if not model.traits.learned and model.trained]
    if not (networks and formulas and view.shape):
        return
    network, iteration = networks[-1].label, formulas[-1].label
    names = {"network": network, "iteration": iteration}
    distances = [float(paths[label].excess[view.steps]) for label in (network, iteration)]
    network_distance, iteration_distance = map(phrases.describe_excess, distances)
    sentence = _(
        "{network} is {network_distance}, {iteration} {iteration_distance}.",
        network_distance=network_distance,
        iteration_distance=iteration_distance,
        **names,
    )
    is_grid = url.value("layout") == "grid"
    is_worse = distances[0] > distances[1] and network_distance != iteration_distance
    hint = f"{sentence} {_('Draw what is unlike the pictures in the strip: fill, repeat, tilt.')}"
    if not view.companions:
        hint = _("Draw a picture first: the switch “Draw …” at the top opens a canvas.")
    elif is_grid:
        hint = _(
            "Show “one picture”: the numbers of the grid are means over your picture and others."
        )
    reason = _(
        "At this setting, what {network} has learned does not serve this picture.", network=network
    )
    question = _(
        "Draw a picture on which {network} has a larger F than {iteration} after {iterations} at λ = {lam:g}. Then press "
        "Check.",
        iterations=phrases.count(view.steps, "iteration"),
        lam=view.lam,
        **names,
    )
    exercises.ask(
        "draw",
        _("draw a picture of which {network} is worse than {iteration}", **names),
        Question(question),
        Truth(True, f"{sentence} {reason}"),
        lambda answer: hint,
        (view.data, network, iteration),
        answer=is_worse and bool(view.companions) and not is_grid,
    )


def _table(view: View, rows: Sequence[int], movements: dict[str, Moving], optimum: Moving) -> str:
    """The numbers of the cards as CSV. Exact codes have no distance to the optimum on own atoms."""
    head = "data first_picture pictures lambda T solver objective above_optimum_percent "
    head += "above_own_optimum_percent psnr_db nonzero_share milliseconds"
    lines = []
    for label, movement in {"Exact optimum": optimum, **movements}.items():
        sweep = movement.sweeps["lam"]
        k = sweep.place(view.lam)
        numbers = (
            sweep.objective[k].mean(),
            movement.excess["lam"][k],
            (movement.own_excess or movement.excess)["lam"][k],
            evaluation.mean_decibels(sweep.psnr[k]),
            sweep.nonzero[k].mean(),
            movement.milliseconds["lam"][k],
        )
        steps = "" if movement is optimum else view.steps
        lines.append([view.data, rows[0], len(rows), view.lam, steps, label, *map(float, numbers)])
    return page.table(head.split(), lines)


solvers_page()
