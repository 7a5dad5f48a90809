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
from sc2viz.words import N_, _, digits, ngettext

# By part: its title, its name among ISTA's, and what a network has that lacks it
LABELS = {
    "steps": (N_("Steps"), N_("step lengths"), N_("a matrix W_d that all layers share")),
    "thresholds": (N_("Thresholds"), N_("thresholds"), N_("thresholds")),
    "matrix": (N_("Matrix"), N_("matrix"), N_("a matrix W_e that all layers share")),
    "gates": (N_("Gates"), N_("gates"), N_("gates of Eq. (7)")),
}
LONGER = 1.05  # times ISTA's steps from which a network's are said to be longer
PROPORTIONAL = 0.5, 2.0  # times the steps' length: thresholds that are said to go with them
SAME = 1e-3  # relative difference of two F up to which they are said to be the same
# Times F: from which a ratio is told instead of a difference in %, and beyond which none is told
MIN_RATIO, MAX_RATIO = 2.0, 1e6


def what_it_learned(
    view: sidebar.View, chosen: Sequence[Model], rows: Sequence[int], safeguard: bool = False
) -> None:
    """Draw what each trained network of the chosen models learned beside ISTA, with F on these rows, the last one first."""
    networks = [model for model in chosen if model.traits.learned and model.own_atoms]
    pixels = view.pixels(rows)
    computed, failed = results.compute_each(
        networks, lambda model: _compute(model, pixels, view.lam, view.steps, safeguard)
    )
    figures = [
        _figure(model, computed[model.label], view.steps)
        for model in reversed(networks)
        if model.label in computed and computed[model.label].values
    ]
    if figures:
        start = view.average(rows)
        numbers = {"networks": figures, "lam": view.lam, "T": view.steps, "start": start}
        page.idea("what_learned", numbers)
    page.notes(failed)
    if empty := [label for label, result in computed.items() if not result.values]:
        note = ngettext(
            "{solvers} has no matrix, threshold or gate that could be put back to ISTA’s.",
            "{solvers} have no matrix, threshold or gate that could be put back to ISTA’s.",
            len(empty),
            solvers=listed(empty),
        )
        page.notes([note])


@cached
def _compute(model: Model, pixels: np.ndarray, lam: float, steps: int, safeguard: bool) -> Learned:
    """Return what a network learned beside ISTA, and F with parts of it put back to ISTA's, on `pixels` (n, d_x)."""
    x, beyond = torch.from_numpy(pixels), models.guard(model, safeguard)
    return learned.learned(models.build(model), x, lam, max(1, steps), beyond)


def _figure(model: Model, result: Learned, steps: int) -> dict:
    """Return the numbers of a network's figure, which JSON can hold. F is given by the names of the parts that are put back,
    with commas between them."""
    absent = [_(label) for name, (*_names, label) in LABELS.items() if name not in result.values]
    sentence = absent and _(
        "Left out, because {solver} has none: {parts}.", solver=model.label, parts=listed(absent)
    )
    return {
        "label": model.label,
        "colours": [
            [style.lettering(style.colour(solver, dark), dark) for dark in (False, True)]
            for solver in (model.solver, defaults.UNTRAINED[0])
        ],
        "parts": [
            {
                "name": name,
                "title": _(LABELS[name][0]),
                "told": describe_part(name, result),
                "values": values.tolist(),
                "plain": result.spectrum.tolist() if name == "matrix" else [1.0],
            }
            for name, values in result.values.items()
        ],
        "F": {
            ",".join(names): np.nan_to_num(F, nan=np.inf, posinf=1e300).clip(max=1e300).tolist()
            for names, F in result.F.items()
        },
        "plain": result.ista[: steps + 1].tolist(),
        "says": {
            ",".join(names): describe_change(model.label, result, names, steps)
            for names in result.F
        },
        "absent": sentence or "",
    }


def describe_part(name: str, result: Learned) -> str:
    """Return the numbers of a part in words, beside ISTA's."""
    values = result.values[name]
    if name == "gates":
        return _(
            "mean i = {i:.2f}, f = {f:.2f}; ISTA’s are 1 and 0", i=values.mean(), f=result.forget
        )
    if name == "matrix":
        return _(
            "{n} of {total} singular values above 1, the largest {largest:.2f}; ISTA’s none",
            n=int((values > 1 + SAME).sum()) or _("None"),
            total=len(values),
            largest=values.max(),
        )
    low, high = float(values.min()), float(values.max())
    factors = times(high)
    if times(low) != factors:
        factors = _("{low} to {high}", low=digits(float(f"{low:.2g}")), high=factors)
    if name == "steps":
        return _("{times} as long as ISTA’s", times=factors)
    return _("{times} ISTA’s, λτ", times=factors)


def describe_change(label: str, result: Learned, replaced: tuple[str, ...], steps: int) -> str:
    """Return what F says where the parts `replaced` are ISTA's, in Markdown: where none is, why what the network learned
    helps at this setting, if it does."""
    F = {names: float(course[-1]) for names, course in result.F.items()}
    iterations = phrases.count(steps, "iteration")
    ista, every = result.ista[min(steps, HORIZON)], tuple(result.values)
    if not replaced:
        if not F[()] < ista * (1 - SAME):
            return _(
                "At this setting it does not help: F of **{solver}** is no lower than ISTA’s after {iterations}.",
                solver=label,
                iterations=iterations,
            )
        gain = _(
            "ISTA needs at least **{t}** iterations on the same atoms for what **{solver}** reaches in {n}.",
            t=np.append(np.flatnonzero(result.ista <= F[()]), HORIZON)[0],
            solver=label,
            n=steps,
        )
        return " ".join([*_describe_steps(label, result, F), gain])
    change = _describe_ratio(F[replaced] / F[()])
    if replaced == every and np.isclose(F[every], ista, rtol=SAME):
        return _(
            "With all of it ISTA’s, it is ISTA on the same atoms: {change} after {iterations}.",
            change=change,
            iterations=iterations,
        )
    sentence = _(
        "With ISTA’s {parts}, {change} after {iterations}.",
        parts=listed([_(LABELS[name][1]) for name in replaced]),
        change=change,
        iterations=iterations,
    )
    if F[replaced] > F[every] * (1 + SAME):
        sentence += " " + _(
            "That is worse than all parts as ISTA has them: they were learned for each other."
        )
    return sentence


def _describe_steps(label: str, result: Learned, F: dict[tuple[str, ...], float]) -> list[str]:
    """Return sentences on steps that are longer than ISTA's and help, and on thresholds that go with them; [] where steps are
    not."""
    step, threshold = (
        float(np.median(result.values.get(name, np.nan))) for name in ("steps", "thresholds")
    )
    if not (step > LONGER and F["steps",] > F[()]):
        return []
    lengths = _(
        "ISTA’s step is short enough for every code. Those of **{solver}** are {times} as long (median).",
        solver=label,
        times=times(step),
    )
    low, high = PROPORTIONAL
    if not low * step < threshold < high * step:
        return [lengths]
    return [lengths, _("Its thresholds are {times} as large.", times=times(threshold))]


def _describe_ratio(ratio: float) -> str:
    """Return how F changes by this factor, in Markdown."""
    if not ratio < MAX_RATIO:
        return _("F is **more than a million times** as large")
    if ratio >= MIN_RATIO:
        return _("F is **{times}** as large", times=times(ratio))
    if abs(ratio - 1) <= SAME:
        return _("F stays as it is")
    percent = phrases.percent(100 * abs(ratio - 1))
    if ratio > 1:
        return _("F is **{percent} higher**", percent=percent)
    return _("F is **{percent} lower**", percent=percent)
