"""The sentences of Known codes. All are computed from what the page shows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.ui import phrases
from sc2viz.ui.known_codes import LAYERS, RECIPE
from sc2viz.ui.phrases import apart, decibels, listed
from sc2viz.words import _, count, numeral, templates

said = partial(templates.said, __file__)


def leaders(values: Mapping[str, float], read: Callable[[float], str]) -> tuple[list[str], str]:
    """The solvers with the least of these values, all whose value reads alike, and how it reads."""
    text = read(min(values.values())) if values else ""
    return [label for label, value in values.items() if read(value) == text], text


def bold(labels: Sequence[str]) -> str:
    """Labels in a sentence."""
    return listed([f"**{label}**" for label in labels]) if labels else ""


def sentence(
    layer: int, courses: Mapping[str, LayerCourse], best: ExactCodes, ranked: Collection[str]
) -> str:
    """Which solver finds the true codes best after a layer, and which of those that F ranks has the lowest F."""
    if layer == 0:
        return _(
            "Every solver starts with the empty code, at 0 dB: all of the true code is missing."
        )
    errors = {label: course.nmse[layer] for label, course in courses.items()}
    finders, error = leaders(errors, decibels)
    distances = {label: courses[label].excess[layer] for label in courses if label in ranked}
    lowest, distance = leaders(distances, apart)
    return said(
        "sentence",
        layers=count(layer, "layer"),
        finders=finders,
        names=bold(finders),
        all=numeral(len(courses)),
        solvers=len(courses),
        error=error,
        ranked=len(distances),
        lowest=lowest,
        leaders=bold(lowest),
        apart=distance,
        both={*finders} & {*lowest},
        optimum=decibels(best.nmse),
        beats=min(errors.values()) < best.nmse,
    )


def moved(axis: str, stop: int, layer: int, own: Mapping[str, float], true: int) -> str:
    """What a slider does to the signal that is shown. own: its NMSE in dB by solver; true: its non-zeros."""
    finders, error = leaders(own, decibels)
    return said(
        "moved",
        axis=axis,
        stop=stop,
        layers=count(layer, "layer"),
        finders=finders,
        names=bold(finders),
        solvers=len(own),
        error=error,
        true=count(true, "non-zero"),
    )


def why(best: ExactCodes, courses: Mapping[str, LayerCourse], ranked: Collection[str]) -> str:
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
        apart=apart(first.excess[-1]) if finds in ranked else "",
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
