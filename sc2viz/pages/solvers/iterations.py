"""All iterations: two to four solvers side by side, whose pictures, codes and distances are stepped in the browser."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.browser import comparison, stepping
from sc2viz.browser.comparison import EXACT, Moving
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
    sets,
    sidebar,
    sliders,
    url,
)
from sc2viz.ui.handed_out import python
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

SCRUBBER = "step-scrubber"
FILM_SIDE = 240  # px that a picture of the film is wide


def draw(
    view: sidebar.View, chosen: Sequence[models.Model], paths: dict[str, results.Descent]
) -> None:
    """Draw the iterations of the models `chosen` on the picture at hand, of which `paths` has the numbers."""
    if links.went_back():
        session.iteration = url.value("t")
    resting = session.iteration
    t = min(url.value("t") if resting is None else resting, view.steps)
    pixels, safe = view.pixels([view.picture]), url.value("safeguard")
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
    groups = [stepping.target(view.subject([view.picture]), tops, reach)]
    for model in chosen:
        label = model.label
        extra = _describe_safeguard(paths[label], t)
        card, added = _card(
            view, model, len(columns), movements[label], pixels, reach, lam_stop, extra
        )
        groups.append(card)
        columns += added
    ranked = models.ranked(chosen)
    lines = [
        boards.Line(
            model.label,
            paths[model.label].excess,
            style.colour(model.solver, view.dark),
            style.lengths(style.dash(model)),
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
    page.explained(
        [model.solver for model in chosen],
        [
            page.png(f"{name}-t-{t}", lambda: mosaics.png(_sheet(view, chosen, paths, t, tops))),
            page.film(
                name,
                lambda: [
                    _sheet(view, chosen, paths, k, tops, FILM_SIDE) for k in range(view.steps + 1)
                ],
            ),
            page.csv(name, lambda: _table(view, chosen, paths)),
            page.live(
                name,
                view,
                pixels,
                chosen,
                _("{picture}, iteration by iteration", picture=view.subject([view.picture])),
            ),
        ],
        python(__file__, view=view, chosen=chosen, at=t),
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


def _card(
    view: sidebar.View,
    model: models.Model,
    place: int,
    movement: Moving,
    pixels: np.ndarray,
    reach: tuple[float, float],
    lam_stop: int,
    extra: dict[str, boards.Texts],
) -> tuple[boards.Group, list[boards.Column]]:
    """A solver's card and its columns, of which the first is column number `place`; λ is at its stop number `now`.
    more: what else it says."""
    label, colour = model.label, style.colour(model.solver, view.dark)
    columns = [_column(movement, label, pixels)]
    panels = stepping.panels(label, place, movement, reach, colour, model.own_atoms)
    if model.own_atoms:
        best = results.exact_sweep_of(model, pixels, view.lam).codes
        codes = {"lam": best, "t": best[lam_stop : lam_stop + 1]}
        columns.append(boards.Column(None, codes, solver=label, best=True))
    shares = {
        axis: share
        for axis, sweep in movement.sweeps.items()
        if (share := results.probabilities(model, sweep.codes)) is not None
    }
    if shares:
        columns.append(boards.Column(None, shares))
        names, labels = view.images.classes or range(shares["t"].shape[2]), view.images.labels
        panels.append(
            boards.Bars(
                _("prediction, Eq. (12)"),
                place + len(columns) - 1,
                list(map(str, names)),
                colour,
                _(
                    "Prediction of {solver} at iteration {t}, one bar per class",
                    solver=label,
                    t="{t}",
                ),
                None if labels is None else int(labels[view.picture]),
            )
        )
    readings = stepping.readings(bool(models.why_unranked(model)), movement)
    card = boards.Group(
        label,
        colour,
        panels,
        describe_models.card_note(model),
        dict.fromkeys(readings, [""]) | extra,
        solver=model.solver,
        dash=style.dash(model),
        is_unranked=bool(models.why_unranked(model)),
        reads=stepping.reads(place, readings),
    )
    return card, columns


def _describe_safeguard(path: results.Descent, t: int) -> dict[str, boards.Texts]:
    """Whether the safeguard acted in each iteration; nothing without one. At other λ it is not known."""
    if path.safeguarded is None:
        return {}
    acted = ["–", *(_("ISTA step") if acts else _("no") for acts in path.safeguarded[:, 0])]
    return {_("Safeguard"): {"t": acted, "lam": [acted[t]]}}


def _sheet(
    view: sidebar.View,
    chosen: Sequence[models.Model],
    paths: dict[str, results.Descent],
    t: int,
    tops: dict[str, np.ndarray],
    side: int = 320,
) -> np.ndarray:
    """The pictures of iteration t, `side` px wide; those of a film in the theme at hand."""
    dark, pixels, top = (
        view.dark and side == FILM_SIDE,
        view.pixels([view.picture]),
        float(tops["t"][0]),
    )
    truth = mosaics.mosaic(pixels, view.shape)

    def column(name: str, solver: str, reconstruction: np.ndarray, code: np.ndarray, line: str):
        error = mosaics.error_mosaic(mosaics.error(pixels, reconstruction, view.shape), top)
        atoms = phrases.count(int(evaluation.in_use(code).sum()), "atom")
        pictures = [mosaics.mosaic(reconstruction, view.shape), error]
        lines = [line, _("{atoms} in use", atoms=atoms)]
        return sheet.SheetColumn(name, style.colour(solver, dark), pictures, lines)

    best = results.exact(view.data, pixels, view.lam)
    sums = (torch.from_numpy(best.codes).float() @ sets.dictionary(view.data).T).numpy()
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
        picture=view.subject([view.picture]),
        lam=view.lam,
        iterations=phrases.count(t, "iteration"),
    )
    return sheet.sheet(title, columns, side, bars=[sheet.error_bar(top)], dark=dark)


def _table(
    view: sidebar.View, chosen: Sequence[models.Model], paths: dict[str, results.Descent]
) -> str:
    """Every solver's numbers at every iteration as CSV."""
    head = ["data", "picture", "lambda", "solver", "t", "objective", "above_optimum_percent"]
    head += ["above_own_optimum_percent", "psnr_db", "atoms_in_use"]
    rows = []
    for model in chosen:
        path = paths[model.label]
        course, active = path.course, evaluation.in_use(path.course.codes[:, 0]).sum(1)
        for t in range(view.steps + 1):
            numbers = course.objective[t, 0], path.excess[t], path.own_excess[t], course.psnr[t, 0]
            rows.append([view.data, view.picture, view.lam, model.label, t, *numbers, active[t]])
    return page.table(head, rows)
