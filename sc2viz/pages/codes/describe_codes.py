"""The sentences of Known codes. All are computed from what the page shows."""

from collections.abc import Mapping, Sequence
from functools import partial

from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.ui import phrases
from sc2viz.ui.known_codes import LAYERS, RECIPE
from sc2viz.ui.phrases import apart, decibels, listed
from sc2viz.words import _, count, templates

said = partial(templates.said, __file__)


def sentence(layer: int, courses: Mapping[str, LayerCourse], best: ExactCodes) -> str:
    """Which solver finds the true codes best after a layer, which minimises F best, and whether they are the same."""
    if layer == 0:
        return _(
            "Every solver starts with the empty code, at 0 dB: all of the true code is missing."
        )
    error, excess = (
        {label: getattr(one, part)[layer] for label, one in courses.items()}
        for part in ("nmse", "excess")
    )
    finds, least = min(error, key=error.get), min(excess, key=excess.get)
    return said(
        "sentence",
        layer=layer,
        one=len(courses) == 1,
        all=phrases.numeral(len(courses)),
        finds=finds,
        least=least,
        error=decibels(error[finds]),
        apart=apart(excess[least]),
        optimum=decibels(best.nmse),
        beats=error[finds] < best.nmse,
    )


def moved(axis: str, stop: int, layer: int, own: Mapping[str, float], true: int) -> str:
    """What a slider does to the signal that is shown. own: its NMSE in dB by solver; true: its non-zeros."""
    finds = min(own, key=own.get)
    return said(
        "moved",
        axis=axis,
        stop=stop,
        layer=layer,
        finds=finds,
        error=decibels(own[finds]),
        true=count(true, "non-zero"),
    )


def why(best: ExactCodes, courses: Mapping[str, LayerCourse]) -> str:
    """Why the two rulers differ, with the numbers at hand, in at most three sentences."""
    finds = min(courses, key=lambda label: courses[label].nmse[-1])
    first = courses[finds]
    return said(
        "why",
        lam=best.lam,
        shrinks=best.shrunk > 0,
        shrunk=phrases.share(best.shrunk),
        alarms=best.alarms,
        missed=best.missed,
        error=decibels(best.nmse),
        finds=finds,
        beats=first.nmse[-1] < best.nmse,
        found=decibels(first.nmse[-1]),
        layers=LAYERS,
        its_alarms=first.alarms[-1],
        its_missed=first.missed[-1],
        apart=apart(first.excess[-1]),
        oracle=decibels(best.oracle),
        determined=best.determined,
    )


def evolution(label: str, predicted: float, found: float) -> str:
    """What state evolution predicts of a solver after the last layer, in dB, beside what is measured."""
    return _(
        "State evolution, the theory of {solver} for ever more Gaussian atoms, predicts {predicted} after {layers} "
        "layers; measured: {found}.",
        solver=label,
        predicted=decibels(predicted),
        layers=LAYERS,
        found=decibels(found),
    )


def notes(
    best: ExactCodes,
    prices: Mapping[str, float],
    several: Mapping[str, int],
    elsewhere: Sequence[str],
) -> list[str]:
    """What a reader must know: the λ, what a layer is, and which networks were trained for another problem. prices: the λ of
    solvers that have one of their own; several: atoms a layer by solver; elsewhere: the labels of these networks."""
    own = [_("{solver} has λ = {lam:.3g}", solver=label, lam=lam) for label, lam in prices.items()]
    return templates.points(
        __file__,
        "notes",
        lam=best.lam,
        tuned=best.tuned,
        told=listed(own) if own else "",
        several=several,
        layers=LAYERS,
        elsewhere=elsewhere,
        k=RECIPE.k,
        snr=RECIPE.snr,
    )
