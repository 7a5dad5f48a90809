"""The sentences of Known codes. All are computed from what the page shows."""

from collections.abc import Mapping, Sequence

from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.ui import phrases
from sc2viz.ui.known_codes import LAYERS, RECIPE
from sc2viz.ui.phrases import apart, decibels, listed


def sentence(layer: int, courses: Mapping[str, LayerCourse], best: ExactCodes) -> str:
    """Which solver finds the true codes best after a layer, which minimises F best, and whether they are the same."""
    if layer == 0:
        return "Every solver starts with the empty code, at 0 dB: all of the true code is missing."
    error, excess = ({label: getattr(one, part)[layer] for label, one in courses.items()} for part in ("nmse", "excess"))
    finds, least = min(error, key=error.get), min(excess, key=excess.get)
    after = f"After {phrases.count(layer, 'layer')}, **{finds}** finds the true codes best"
    if len(courses) == 1:
        return f"{after.removesuffix(' best')} to {decibels(error[finds])}, and its F is {apart(excess[finds])}."
    shown = f" of the {phrases.numeral(len(courses))} solvers compared"
    if finds == least:
        only = "only " if error[finds] < best.nmse else ""
        lowest = f"F is their lowest too, **{apart(excess[least])}**; the optimum itself has {only}**{decibels(best.nmse)}**"
        return f"{after}{shown}: **{decibels(error[finds])}**. Its {lowest}."
    return f"{after}{shown}: **{decibels(error[finds])}**. But **{least}** has the lowest F: **{apart(excess[least])}**."


def moved(axis: str, stop: int, layer: int, own: Mapping[str, float], true: int) -> str:
    """What a slider does to the signal that is shown. own: its NMSE in dB by solver; true: its non-zeros."""
    where = f"With k = {stop}" if axis == "k" else f"At {stop} dB of signal over noise"
    finds = min(own, key=own.get)
    after = f"{decibels(own[finds])} after {phrases.count(layer, 'layer')}"
    return f"{where}, this code has {phrases.count(true, 'non-zero')}. **{finds}** finds it best: {after}."


def why(best: ExactCodes, courses: Mapping[str, LayerCourse]) -> str:
    """Why the two rulers differ, with the numbers at hand, in at most three sentences."""
    finds = min(courses, key=lambda label: courses[label].nmse[-1])
    first = courses[finds]
    hits = f"hits that are {phrases.share(best.shrunk)} too small, " if best.shrunk > 0 else ""
    nearer = "nearer" if first.nmse[-1] < best.nmse else "no nearer"
    nearer = nearer if decibels(first.nmse[-1]) != decibels(best.nmse) else "as near"
    noise = ": the rest is noise" if best.determined else ""
    said = [
        f"F charges λ = {best.lam:g} for each unit of a weight, and its exact minimum has {hits}{best.alarms:.1f} false "
        f"alarms and {best.missed:.1f} missed a code: it is {decibels(best.nmse)} from the truth.",
        f"**{finds}** is {nearer}, {decibels(first.nmse[-1])}: after {LAYERS} layers it has {first.alarms[-1]:.1f} false "
        f"alarms and {first.missed[-1]:.1f} missed a code, and its F is {apart(first.excess[-1])}.",
        f"Least squares on the true support, which nobody knows, has {decibels(best.oracle)}{noise}.",
    ]
    return " ".join(said)


def evolution(label: str, predicted: float, found: float) -> str:
    """What state evolution predicts of a solver after the last layer, in dB, beside what is measured."""
    return (
        f"State evolution, the theory of {label} for ever more Gaussian atoms, predicts {decibels(predicted)} after "
        f"{LAYERS} layers; measured: {decibels(found)}."
    )


def notes(best: ExactCodes, prices: Mapping[str, float], several: Mapping[str, int], elsewhere: Sequence[str]) -> list[str]:
    """What a reader must know: the λ, what a layer is, and which networks were trained for another problem. prices: the λ of
    solvers that have one of their own; several: atoms a layer by solver; elsewhere: the labels of these networks."""
    own = "Solvers with a λ use it."
    if prices:
        own = f"{listed([f'{label} has λ = {lam:.3g}' for label, lam in prices.items()])}; other solvers with a λ use it."
    said = [
        f"F is measured at λ = {best.lam:g}, whose exact codes have the least NMSE on {best.tuned} other signals. {own} "
        "● hit, □ missed, × false alarm; the pale bars are the true code."
    ]
    said += [f"A layer of {label} takes {each} atoms, so that {LAYERS} layers can take {LAYERS * each}."
             for label, each in several.items() if each > 1]  # fmt: skip
    if elsewhere:
        were = phrases.form(len(elsewhere), "was", "were")
        said.append(
            f"{listed(elsewhere)} {were} trained for other signals: {RECIPE.k} non-zeros on average, {RECIPE.snr} dB."
        )
    return said
