"""The frames of Step through: each solver's pictures and curves at every iteration, and the numbers in the sentences."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sc2viz import evaluation
from sc2viz.analysis import momentum
from sc2viz.browser import stepping
from sc2viz.browser.comparison import EXACT, Moving
from sc2viz.draw import style
from sc2viz.pages.step import describe_steps
from sc2viz.solvers.weights import step_size
from sc2viz.ui import boards, cache, describe_models, models, results, sets, sidebar, url
from sc2viz.words import _, language


@dataclass(frozen=True, eq=False)
class Frames:
    """All iterations of one picture, as the scrubber and the sentences need them. The keys of dicts are solvers' labels."""

    pixels: np.ndarray  # (1, d_x)
    paths: dict[str, results.Descent]
    active: dict[str, np.ndarray]  # (HORIZON + 1,) atoms in use
    optimum_active: int
    predictions: dict[
        str, tuple[np.ndarray, list[str], int | None]
    ]  # probabilities (T + 1, classes), names, true class
    top: float  # the upper end of the error scale
    groups: list[boards.Group]
    distance: boards.Curves
    codes: boards.Codes  # the codes at every stop, of which the browser makes what moves
    steps: dict[str, momentum.Steps]  # up to T, of the solvers whose atoms are those that all share
    valley: (
        float | None
    )  # how many times as much F curves across its valley at the optimum as along it
    still: dict[str, str]  # why a solver holds still while λ moves, where it does
    captions: dict[str, list[str]]  # captions at every stop, by axis


tau = cache.cached(lambda B: step_size(B).item())  # of a dictionary, whatever the picture
_taken, _valley = (
    cache.cached(momentum.steps),
    cache.cached(momentum.valley),
)  # they stay while the reader steps
_numbers = cache.cached(
    lambda moving, pixels, aside, language: stepping.numbers(moving.value, pixels, aside)
)


def compute(view: sidebar.View, chosen: list[models.Model], t: int) -> Frames:
    """Compute the frames for the selected picture: every iteration at λ, and iteration t at every stop of λ."""
    chosen = sorted(chosen, key=lambda model: models.aside(model) != "")
    pixels = view.pixels([view.picture])
    safe = url.now("safeguard")
    paths = {
        model.label: results.descent(model, pixels, view.lam, safeguard=safe) for model in chosen
    }
    found = {model.label: results.stepping(model, pixels, view.lam, t, safe) for model in chosen}
    best = results.moving_optimum(view.data, pixels, view.lam)
    optimum = {"t": best.sweeps["T"], "lam": best.sweeps["lam"]}
    at_lam = optimum["lam"].place(view.lam)
    # The brightest error depends on λ alone, so that a picture keeps its colours when a slider is let go.
    tops = results.brightest(pixels, view.shape, ((optimum["lam"].codes, best.atoms),))
    tops = {"lam": tops, "t": tops[at_lam : at_lam + 1]}
    reach = stepping.reach_of(optimum["lam"].codes)
    codes = {
        model.label: paths[model.label].course.codes[: view.steps + 1, 0]
        for model in models.ranked(chosen)
        if not model.own_atoms
    }
    by = tau(sets.dictionary(view.data))
    taken = {
        label: _taken(pixels[0], best.atoms, each, view.lam, by) for label, each in codes.items()
    }

    columns = [
        boards.Column(),
        boards.Column(best.atoms, {axis: sweep.codes for axis, sweep in optimum.items()}, by=EXACT),
    ]
    groups = [stepping.target(view.subject([view.picture]), optimum, tops, reach)]
    predictions = {}
    for model in chosen:
        moving, path = found[model.label], paths[model.label]
        card, own, foreseen = _card(view, model, len(columns), moving, path, t, reach, at_lam)
        columns += own
        groups.append(card)
        if foreseen:
            predictions[model.label] = foreseen

    lines = [
        boards.Line(
            model.label,
            paths[model.label].excess,
            style.colour(model.solver, view.dark),
            style.lengths(style.dash(model)),
            moved={"lam": found[model.label].excess["lam"]},
            by=model.label,
        )
        for model in models.with_distance(chosen)
    ]
    distance = stepping.distance(lines, paths)
    stops = {"t": range(results.HORIZON + 1), "lam": url.stops("lam", view.lam)}
    at = {"t": t, "lam": view.lam, "T": view.steps}
    return Frames(
        pixels,
        paths,
        {label: stepping.used(moving.sweeps["t"]) for label, moving in found.items()},
        int(evaluation.in_use(optimum["t"].codes).sum()),
        predictions,
        float(tops["t"][0]),
        groups,
        distance,
        boards.Codes(pixels, view.shape, stops, at, columns, tops),
        taken,
        _valley(best.atoms, optimum["lam"].codes[at_lam, 0]),
        {label: moving.still for label, moving in found.items() if moving.still},
        _captions(chosen, found, stops, t),
    )


def _card(
    view: sidebar.View,
    model: models.Model,
    place: int,
    moving: Moving,
    path: results.Descent,
    t: int,
    reach: tuple[float, float],
    at_lam: int,
) -> tuple[boards.Group, list[boards.Column], tuple | None]:
    """A solver's card, its columns, of which the first is column number `place`, and what it predicts, if it does."""
    label, colour, pixels = (
        model.label,
        style.colour(model.solver, view.dark),
        view.pixels([view.picture]),
    )
    codes = {axis: sweep.codes for axis, sweep in moving.sweeps.items()}
    columns, panels, foreseen = (
        [boards.Column(moving.atoms, codes, moving.offset, by=label)],
        [],
        None,
    )
    if model.own_atoms:
        own = results.exact_sweep_of(model, pixels, view.lam).codes
        columns.append(
            boards.Column(None, {"lam": own, "t": own[at_lam : at_lam + 1]}, by=label, best=True)
        )
    shares = {
        axis: found
        for axis, sweep in moving.sweeps.items()
        if (found := results.probabilities(model, sweep.codes)) is not None
    }
    if shares:
        columns.append(boards.Column(None, shares))
        names, labels = (
            list(view.images.classes or map(str, range(shares["t"].shape[2]))),
            view.images.labels,
        )
        truth = None if labels is None else int(labels[view.picture])
        foreseen = shares["t"][: view.steps + 1, 0], names, truth
        alt = _("Prediction of {solver} at iteration {t}, one bar per class", solver=label, t="{t}")
        panels = [
            boards.Bars(
                _("prediction, Eq. (12)"), place + len(columns) - 1, names, colour, alt, truth
            )
        ]
    read = _readings(model, moving, path, view.lam, t, pixels)
    drawn = stepping.panels(label, place, moving, reach, colour, model.own_atoms) + panels
    card = boards.Group(
        label,
        colour,
        drawn,
        describe_models.card_note(model),
        read,
        solver=model.solver,
        dash=style.dash(model),
        below=bool(models.aside(model)),
        reads=stepping.reads(place, read),
    )
    return card, columns, foreseen


def _captions(
    chosen: list[models.Model], found: dict[str, Moving], stops, t: int
) -> dict[str, list[str]]:
    """The sentence at every stop: of all iterations at λ, and of iteration t at every λ."""
    labels, mine = (
        tuple(model.label for model in models.ranked(chosen)),
        any(model.mark for model in chosen),
    )
    return {
        axis: _sentences(
            labels,
            tuple(found[label].excess[axis] for label in labels),
            tuple(found),
            tuple(stepping.used(moving.sweeps[axis]) for moving in found.values()),
            iterations,
            language(),
            private=mine,
        )
        for axis, iterations in (("t", tuple(stops["t"])), ("lam", (t,) * len(stops["lam"])))
    }


@cache.cached
def _sentences(
    ranked: tuple[str, ...],
    excess: tuple[np.ndarray, ...],
    shown: tuple[str, ...],
    used: tuple[np.ndarray, ...],
    iterations: tuple[int, ...],
    language: str,
) -> list[str]:
    """The sentences after these `iterations`, where `ranked` solvers are `excess` % above the optimum and those `shown` use
    `used` atoms. What holds still has one value for all stops."""

    def at_stops(names: tuple[str, ...], parts: tuple[np.ndarray, ...]) -> list[dict[str, Any]]:
        stops = zip(*(np.resize(part, len(iterations)).tolist() for part in parts), strict=True)
        return [dict(zip(names, stop, strict=True)) for stop in stops] or [{}] * len(iterations)

    stops = zip(at_stops(ranked, excess), iterations, at_stops(shown, used), strict=True)
    return [describe_steps.sentence(*stop) for stop in stops]


def _readings(
    model: models.Model,
    moving: Moving,
    path: results.Descent,
    lam: float,
    t: int,
    pixels: np.ndarray,
) -> dict[str, boards.Words]:
    """The numbers under a solver's pictures, at every stop. The first is its distance, unless F does not rank it."""
    readings = dict(
        _numbers(
            results.by_numbers(moving),
            pixels,
            bool(models.aside(model)),
            language(),
            private=bool(model.mark),
        )
    )
    if path.safeguarded is not None:
        acted = ["–", *(_("ISTA step") if there else _("no") for there in path.safeguarded[:, 0])]
        here = ["–"] * len(moving.sweeps["lam"].stops)  # at other λ it is not known
        here[moving.sweeps["lam"].place(lam)] = acted[t]
        readings[_("Safeguard")] = {"t": acted, "lam": here}
    return readings
