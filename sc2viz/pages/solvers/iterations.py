"""All iterations: two to four solvers side by side, whose pictures, codes and distances are stepped in the browser."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.browser import comparison, stepping
from sc2viz.browser.comparison import EXACT, Entry, Moving
from sc2viz.draw import mosaics, sheet, style
from sc2viz.ui import (
    boards,
    describe_models,
    links,
    models,
    page,
    phrases,
    results,
    session,
    sidebar,
    sliders,
    url,
)
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

Paths = dict[str, results.Descent]  # of solvers, by label
SCRUBBER = "step-scrubber"
FILM_SIDE = 240  # px that a picture of the film is wide


def draw(view: sidebar.View, chosen: Sequence[models.Model], paths: Paths) -> None:
    """Draw the iterations of the models `chosen` on the picture at hand, of which `paths` has the numbers."""
    if links.went_back():
        session.iteration = url.value("t")
    resting = session.iteration
    t = min(url.value("t") if resting is None else resting, view.steps)
    pixels, safe = view.x, url.value("safeguard")
    chosen = sorted(chosen, key=lambda model: models.why_unranked(model) != "")
    movements = {
        model.label: results.movement(model, pixels, view.lam, t, safe, "t") for model in chosen
    }
    exact = results.movement_of_optimum(view.data, pixels, view.lam)
    optimum = {"t": exact.sweeps["T"], "lam": exact.sweeps["lam"]}
    lam_stop = optimum["lam"].place(view.lam)
    # The brightest error depends on λ alone, so that a picture keeps its colours when a slider is let go.
    tops = results.brightest(pixels, view.shape, ((optimum["lam"].codes, exact.atoms),))
    tops = {"lam": tops, "t": tops[lam_stop : lam_stop + 1]}
    reach = stepping.reach_of(optimum["lam"].codes)
    exact_movement = Moving(
        exact.atoms, optimum, {axis: np.zeros(len(tops[axis])) for axis in optimum}
    )
    columns = [boards.Column(), _column(exact_movement, EXACT, pixels)]
    groups = [stepping.target(view.subject(), tops, reach)]
    for model in chosen:
        label, colour, place = model.label, style.colour(model.solver, view.dark), len(columns)
        movement, panels = movements[label], []
        columns.append(_column(movement, label, pixels))
        if model.own_atoms:
            best = results.exact_sweep_of(model, pixels, view.lam).codes
            codes = {"lam": best, "t": best[lam_stop : lam_stop + 1]}
            columns.append(boards.Column(None, codes, solver=label, best=True))
        if shares := results.probabilities(model, movement):
            names, labels = view.images.classes or range(shares["t"].shape[2]), view.images.labels
            about = _(
                "Prediction of {solver} at iteration {t}, one bar per class", solver=label, t="{t}"
            )
            panels.append(
                boards.Bars(
                    _("prediction, Eq. (12)"),
                    len(columns),
                    list(map(str, names)),
                    colour,
                    about,
                    None if labels is None else int(labels[view.picture]),
                )
            )
            columns.append(boards.Column(None, shares))
        extra = {}
        safeguarded = paths[label].safeguarded
        if safeguarded is not None:  # at other λ it is not known where it acted
            acted = ["–", *(_("ISTA step") if acts else _("no") for acts in safeguarded[:, 0])]
            extra[_("Safeguard")] = {"t": acted, "lam": [acted[t]]}
        note, unranked = describe_models.card_note(model), models.why_unranked(model)
        entry = Entry(label, model.solver, movement, note, style.dash(model), unranked)
        groups.append(stepping.solver_card(entry, place, reach, colour, panels, extra))
    ranked = models.ranked(chosen)
    lines = [
        boards.Line(
            model.label,
            paths[model.label].excess,
            *style.stroke(model, view.dark),
            by_axis={"lam": movements[model.label].excess["lam"]},
            solver=model.label,
        )
        for model in models.with_distance(chosen)
    ]
    stops = {"t": range(results.HORIZON + 1), "lam": url.stops("lam", view.lam)}
    page.notes(describe_stills(movements))
    boards.scrubber(
        SCRUBBER,
        view.steps + 1,
        groups,
        [stepping.distance(lines, paths)] if lines else [],
        start=url.value("t"),
        trained=min(
            (models.trained_to(model) for model in chosen if model.own_atoms), default=None
        ),
        on_stop=lambda: sliders.step_to(boards.resting_frame(SCRUBBER)),
        codes=boards.Codes(
            pixels, view.shape, stops, {"t": t, "lam": view.lam, "T": view.steps}, columns, tops
        ),
        layout="stepping",
        sentence={"kind": "stepped"} | results.courses(ranked, paths),
    )
    name = f"sc2viz-step-{view.data}-{view.picture}-lambda-{view.lam:g}"
    draw_sheet = partial(_sheet, view, chosen, paths, tops)
    live_title = _("{picture}, iteration by iteration", picture=view.subject())
    page.explained(
        chosen,
        [
            page.png(f"{name}-t-{t}", lambda: draw_sheet(t)),
            page.film(name, lambda: [draw_sheet(k, FILM_SIDE) for k in range(view.steps + 1)]),
            page.csv(name, lambda: _table(view, chosen, paths)),
            page.live(name, view, pixels, chosen, live_title),
        ],
        __file__,
        view=view,
        chosen=chosen,
        at=t,
    )


def describe_stills(movements: Mapping[str, Moving]) -> list[str]:
    """Which solvers do not follow λ, and why."""
    return [
        _(
            "{solver} holds still while λ is dragged: {reason}",
            solver=label,
            reason=plain(movement.reason_still),
        )
        for label, movement in movements.items()
        if movement.reason_still
    ]


def _column(movement: Moving, label: str, pixels: np.ndarray) -> boards.Column:
    """The codes of a solver at every stop, and their numbers, which the browser says."""
    codes = {axis: sweep.codes for axis, sweep in movement.sweeps.items()}
    numbers = comparison.numbers(movement, pixels)
    for axis, sweep in movement.sweeps.items():
        active = evaluation.in_use(sweep.codes[:, 0]).sum(1)
        numbers[axis] |= {"active": active, "of": np.full(len(active), sweep.codes.shape[2])}
    return boards.Column(movement.atoms, codes, movement.offset, solver=label, numbers=numbers)


def _sheet(
    view: sidebar.View,
    chosen: Sequence[models.Model],
    paths: Paths,
    tops: dict[str, np.ndarray],
    t: int,
    side: int = 320,
) -> np.ndarray:
    """The pictures of iteration t, `side` px wide; those of a film in the theme at hand."""
    dark, top = view.dark and side == FILM_SIDE, float(tops["t"][0])
    pixels = view.x
    truth = mosaics.mosaic(pixels, view.shape)

    def column(name: str, solver: str, reconstruction: np.ndarray, code: np.ndarray, line: str):
        error = mosaics.error_mosaic(mosaics.error(pixels, reconstruction, view.shape), top)
        atoms = phrases.count(int(evaluation.in_use(code).sum()), "atom")
        pictures = [mosaics.mosaic(reconstruction, view.shape), error]
        lines = [line, _("{atoms} in use", atoms=atoms)]
        return sheet.SheetColumn(name, style.colour(solver, dark), pictures, lines)

    best = results.exact(view.data, pixels, view.lam)
    sums = (torch.from_numpy(best.codes).float() @ view.B.T).numpy()
    F = f"F* = {phrases.objective(float(best.objective.mean()))}"
    columns = [
        sheet.SheetColumn(_("Ground truth"), style.colour("truth", dark), [truth], []),
        column(_("Exact optimum"), "exact", sums, best.codes[0], F),
    ]
    for model in chosen:
        path = paths[model.label]
        codes, psnr = path.course.codes[t], phrases.decibels(path.course.psnr[t, 0])
        line = psnr if models.why_unranked(model) else phrases.describe_excess(path.excess[t])
        reconstruction = models.reconstructed(model, codes)
        columns.append(column(model.label, model.solver, reconstruction, codes[0], line))
    title = _(
        "{picture}, λ = {lam:g}, after {iterations}",
        picture=view.subject(),
        lam=view.lam,
        iterations=phrases.count(t, "iteration"),
    )
    return sheet.sheet(title, columns, side, bars=[sheet.error_bar(top)], dark=dark)


def _table(view: sidebar.View, chosen: Sequence[models.Model], paths: Paths) -> str:
    """Every solver's numbers at every iteration as CSV."""
    head = "data picture lambda solver t objective above_optimum_percent above_own_optimum_percent psnr_db atoms_in_use"
    rows = []
    for model in chosen:
        path = paths[model.label]
        course, active = path.course, evaluation.in_use(path.course.codes[:, 0]).sum(1)
        for t in range(view.steps + 1):
            numbers = course.objective[t, 0], path.excess[t], path.own_excess[t], course.psnr[t, 0]
            rows.append([view.data, view.picture, view.lam, model.label, t, *numbers, active[t]])
    return page.table(head.split(), rows)
