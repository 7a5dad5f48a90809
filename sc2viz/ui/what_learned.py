"""What did it learn?: the figure that Compare and Dictionary share."""

from collections.abc import Sequence

import numpy as np
import torch

from sc2viz import defaults
from sc2viz.analysis import learned
from sc2viz.analysis.learned import HORIZON, Learned
from sc2viz.draw import style
from sc2viz.ui import models, page, phrases, results, sidebar
from sc2viz.ui.cache import cached
from sc2viz.ui.models import Model
from sc2viz.ui.phrases import listed, times
from sc2viz.words import N_, _, ngettext

TITLES = {
    "steps": N_("Steps"),
    "thresholds": N_("Thresholds"),
    "matrix": N_("Matrix"),
    "gates": N_("Gates"),
}
_OF_ISTA = {
    "steps": N_("step lengths"),
    "thresholds": N_("thresholds"),
    "matrix": N_("matrix"),
    "gates": N_("gates"),
}
ABSENT = {
    "steps": N_("a matrix W_d that all layers share"),
    "thresholds": N_("thresholds"),
    "gates": N_("gates of Eq. (7)"),
    "matrix": N_("a matrix W_e that all layers share"),
}
LONGER = 1.05  # times ISTA's steps from which a network's are said to be longer
BELONG = 0.5, 2.0  # times the steps' length: thresholds that are said to go with them
SAME = 1e-3  # relative difference of two F up to which they are said to be the same
FAR = 2.0  # times F from which a ratio is told instead of a difference in %
MOST = 1e6  # times F beyond which a ratio is not told


def what_it_learned(
    view: sidebar.View, chosen: Sequence[Model], rows: Sequence[int], safeguard: bool = False
) -> None:
    """Draw what each trained network of the chosen models learned beside ISTA, with F on these rows, the last one first."""
    chosen = [model for model in chosen if model.traits.learned and model.own_atoms]
    pixels = view.pixels(rows)
    found, failed = results.each(
        chosen,
        lambda model: _learned(model, pixels, view.lam, view.steps, models.guard(model, safeguard)),
    )
    shown = [
        model for model in reversed(chosen) if model.label in found and found[model.label].values
    ]
    if shown:
        page.idea(
            "what_learned",
            {
                "networks": [_figure(model, found[model.label], view.steps) for model in shown],
                "lam": view.lam,
                "T": view.steps,
                "start": view.average(rows),
            },
        )
    page.notes(failed)
    if nothing := [label for label, one in found.items() if not one.values]:
        page.notes(
            [
                ngettext(
                    "{solvers} has no matrix, threshold or gate that could be put back to ISTA’s.",
                    "{solvers} have no matrix, threshold or gate that could be put back to ISTA’s.",
                    len(nothing),
                    solvers=listed(nothing),
                )
            ]
        )


@cached
def _learned(
    model: Model, pixels: np.ndarray, lam: float, steps: int, beyond: int | None
) -> Learned:
    return learned.learned(
        models.build(model), torch.from_numpy(pixels), lam, max(1, steps), beyond
    )


def _figure(model: Model, found: Learned, steps: int) -> dict:
    """The numbers of a network's figure, which JSON can hold. F is given by the names of the parts that are put back,
    with commas between them."""
    every = {",".join(back): back for back in found.F}
    absent = [_(words) for part, words in ABSENT.items() if part not in found.values]
    return {
        "label": model.label,
        "colours": [
            [
                style.lettering(style.colour(solver, dark), dark) for dark in (False, True)
            ]  # of both themes
            for solver in (model.solver, defaults.UNTRAINED[0])
        ],
        "parts": [
            {
                "name": part,
                "title": _(TITLES[part]),
                "told": told(part, found),
                "values": values.tolist(),
                "plain": found.spectrum.tolist() if part == "matrix" else [1.0],
            }
            for part, values in found.values.items()
        ],
        "F": {
            key: np.nan_to_num(found.F[back], nan=np.inf, posinf=1e300).clip(max=1e300).tolist()
            for key, back in every.items()
        },
        "plain": found.ista[: steps + 1].tolist(),
        "says": {key: sentence(model.label, found, back, steps) for key, back in every.items()},
        "absent": _(
            "Left out, because {solver} has none: {parts}.",
            solver=model.label,
            parts=listed(absent),
        )
        if absent
        else "",
    }


def told(part: str, found: Learned) -> str:
    """The numbers of a part in words, beside ISTA's."""
    values = found.values[part]
    if part == "gates":
        return _(
            "mean i = {i:.2f}, f = {f:.2f}; ISTA’s are 1 and 0", i=values.mean(), f=found.forget
        )
    if part == "matrix":
        above = int((values > 1 + SAME).sum())
        return _(
            "{n} of {all} singular values above 1, the largest {most:.2f}; ISTA’s none",
            n=above or _("None"),
            all=len(values),
            most=values.max(),
        )
    low, high = (times(float(end)) for end in (values.min(), values.max()))
    if low == high == times(1):
        return _("as long as ISTA’s") if part == "steps" else _("ISTA’s, λτ")
    between = (
        low
        if low == high
        else _("{low} to {high}", low=low.removesuffix(_("{factor} times", factor="")), high=high)
    )
    if part == "thresholds":
        return _("{times} ISTA’s, λτ", times=between)
    lengths = _("{times} as long as ISTA’s", times=between)
    backwards = int((values < 0).sum())
    return (
        ngettext(
            "{lengths}; {n} step below zero points backwards",
            "{lengths}; {n} steps below zero point backwards",
            backwards,
            lengths=lengths,
        )
        if backwards
        else lengths
    )


def sentence(label: str, found: Learned, back: tuple[str, ...], steps: int) -> str:
    """What F says with these parts put back, in Markdown: with none, why what the network learned helps here, if it does."""
    F = {parts: float(each[-1]) for parts, each in found.F.items()}
    iterations = phrases.count(steps, "iteration")
    whole = tuple(found.values)
    if not back:
        return _why(label, found, F, steps)
    if back == whole and np.isclose(F[whole], found.ista[min(steps, HORIZON)], rtol=SAME):
        return _(
            "With all of it ISTA’s, it is ISTA on the same atoms: {change} after {iterations}.",
            change=_changed(F[whole] / F[()]),
            iterations=iterations,
        )
    said = _(
        "With ISTA’s {parts}, {change} after {iterations}.",
        parts=listed([_(_OF_ISTA[part]) for part in back]),
        change=_changed(F[back] / F[()]),
        iterations=iterations,
    )
    if not F[back] > F[whole] * (1 + SAME):
        return said
    return " ".join(
        (
            said,
            _("That is worse than all parts as ISTA has them: they were learned for each other."),
        )
    )


def _why(label: str, found: Learned, F: dict[tuple[str, ...], float], steps: int) -> str:
    plain, iterations = float(found.ista[min(steps, HORIZON)]), phrases.count(steps, "iteration")
    if not F[()] < plain * (1 - SAME):
        return _(
            "At this setting it does not help: F of **{solver}** is no lower than ISTA’s after {iterations}.",
            solver=label,
            iterations=iterations,
        )
    reached = np.flatnonzero(found.ista <= F[()])
    farther = ngettext(
        "{n} iteration gets farther than **{t}** of ISTA’s on the same atoms",
        "{n} iterations get farther than **{t}** of ISTA’s on the same atoms",
        steps,
        t=HORIZON,
    )
    gets = (
        ngettext(
            "{n} iteration gets as far as **{t}** of ISTA’s on the same atoms",
            "{n} iterations get as far as **{t}** of ISTA’s on the same atoms",
            steps,
            t=reached[0],
        )
        if len(reached)
        else farther
    )
    step, threshold = (
        float(np.median(found.values.get(part, np.nan))) for part in ("steps", "thresholds")
    )
    if not (step > LONGER and F["steps",] > F[()]):
        return _("With what **{solver}** learned, {gets}.", solver=label, gets=gets)
    low, high = BELONG
    long = _("Those of **{solver}** are {times} as long (median)", solver=label, times=times(step))
    if low * step < threshold < high * step:
        long = _("{told}, with thresholds {times} as large", told=long, times=times(threshold))
    return _(
        "ISTA’s step is short enough for every code. {told}, and {gets}.", told=long, gets=gets
    )


def _changed(ratio: float) -> str:
    """How F changes by this factor."""
    if not ratio < MOST:
        return _("F is **more than a million times** as large")
    if ratio >= FAR:
        return _("F is **{times}** as large", times=times(ratio))
    if abs(ratio - 1) <= SAME:
        return _("F stays as it is")
    far = phrases.percent(100 * abs(ratio - 1))
    return (
        _("F is **{percent} higher**", percent=far)
        if ratio > 1
        else _("F is **{percent} lower**", percent=far)
    )
