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

TITLES = {"steps": "Steps", "thresholds": "Thresholds", "matrix": "Matrix", "gates": "Gates"}
ABSENT = {"steps": "a matrix W_d that all layers share", "thresholds": "thresholds", "gates": "gates of Eq. (7)",
          "matrix": "a matrix W_e that all layers share"}  # fmt: skip
LONGER = 1.05  # times ISTA's steps from which a network's are said to be longer
BELONG = 0.5, 2.0  # times the steps' length: thresholds that are said to go with them
SAME = 1e-3  # relative difference of two F up to which they are said to be the same
FAR = 2.0  # times F from which a ratio is told instead of a difference in %
MOST = 1e6  # times F beyond which a ratio is not told


def what_it_learned(view: sidebar.View, chosen: Sequence[Model], rows: Sequence[int], safeguard: bool = False) -> None:
    """Draw what each trained network of the chosen models learned beside ISTA, with F on these rows, the last one first."""
    chosen = [model for model in chosen if model.traits.learned and model.own_atoms]
    pixels = view.pixels(rows)
    found, failed = results.each(
        chosen, lambda model: _learned(model, pixels, view.lam, view.steps, models.guard(model, safeguard))
    )
    shown = [model for model in reversed(chosen) if model.label in found and found[model.label].values]
    if shown:
        page.idea("what_learned", {
            "networks": [_figure(model, found[model.label], view.steps) for model in shown], "lam": view.lam,
            "T": view.steps, "start": view.average(rows),
        })  # fmt: skip
    page.notes(failed)
    if nothing := [label for label, one in found.items() if not one.values]:
        has = phrases.form(len(nothing), "has", "have")
        page.notes([f"{listed(nothing)} {has} no matrix, threshold or gate that could be put back to ISTA’s."])


@cached
def _learned(model: Model, pixels: np.ndarray, lam: float, steps: int, beyond: int | None) -> Learned:
    return learned.learned(models.build(model), torch.from_numpy(pixels), lam, max(1, steps), beyond)


def _figure(model: Model, found: Learned, steps: int) -> dict:
    """The numbers of a network's figure, which JSON can hold. F is given by the names of the parts that are put back,
    with commas between them."""
    every = {",".join(back): back for back in found.F}
    absent = [words for part, words in ABSENT.items() if part not in found.values]
    return {
        "label": model.label,
        "colours": [_colours(solver) for solver in (model.solver, defaults.UNTRAINED[0])],
        "parts": [{"name": part, "title": TITLES[part], "told": told(part, found), "values": values.tolist(),
                   "plain": found.spectrum.tolist() if part == "matrix" else [1.0]}
                  for part, values in found.values.items()],
        "F": {key: np.nan_to_num(found.F[back], nan=np.inf, posinf=1e300).clip(max=1e300).tolist()
              for key, back in every.items()},
        "plain": found.ista[: steps + 1].tolist(),
        "says": {key: sentence(model.label, found, back, steps) for key, back in every.items()},
        "absent": f"Left out, because {model.label} has none: {listed(absent)}." if absent else "",
    }  # fmt: skip


def _colours(solver: str) -> list[str]:
    """The colour of a solver's lines and labels in the light theme and in the dark one."""
    return [style.lettering(style.colour(solver, dark), dark) for dark in (False, True)]


def told(part: str, found: Learned) -> str:
    """The numbers of a part in words, beside ISTA's."""
    values = found.values[part]
    if part == "gates":
        return f"mean i = {values.mean():.2f}, f = {found.forget:.2f}; ISTA’s are 1 and 0"
    if part == "matrix":
        above = int((values > 1 + SAME).sum())
        return f"{above or 'None'} of {len(values)} singular values above 1, the largest {values.max():.2f}; ISTA’s none"
    ends = [times(float(end)) for end in (values.min(), values.max())]
    between = ends[0] if ends[0] == ends[1] else f"{ends[0].removesuffix(' times')} to {ends[1]}"
    return f"{between} {'as long as ISTA’s' if part == 'steps' else 'ISTA’s, λτ'}"


def sentence(label: str, found: Learned, back: tuple[str, ...], steps: int) -> str:
    """What F says with these parts put back, in Markdown: with none, why what the network learned helps here, if it does."""
    F = {parts: float(each[-1]) for parts, each in found.F.items()}
    after = f"after {phrases.count(steps, 'iteration')}"
    whole = tuple(found.values)
    if not back:
        return _why(label, found, F, steps)
    if back == whole and np.isclose(F[whole], found.ista[min(steps, HORIZON)], rtol=SAME):
        return f"With all of it ISTA’s, it is ISTA on the same atoms: {_changed(F[whole] / F[()])} {after}."
    said = f"With ISTA’s {listed([TITLES[part].lower() for part in back])}, {_changed(F[back] / F[()])} {after}."
    if not F[back] > F[whole] * (1 + SAME):
        return said
    return f"{said} That is worse than all parts as ISTA has them: they were learned for each other."


def _why(label: str, found: Learned, F: dict[tuple[str, ...], float], steps: int) -> str:
    plain, iterations = float(found.ista[min(steps, HORIZON)]), phrases.count(steps, "iteration")
    if not F[()] < plain * (1 - SAME):
        return f"At this setting it does not help: F of **{label}** is no lower than ISTA’s after {iterations}."
    reached = np.flatnonzero(found.ista <= F[()])
    far = f"as far as **{reached[0]}** of ISTA’s" if len(reached) else f"farther than **{HORIZON}** of ISTA’s"
    gets = f"{iterations} {phrases.form(steps, 'gets', 'get')} {far} on the same atoms"
    step, threshold = (float(np.median(found.values.get(part, np.nan))) for part in ("steps", "thresholds"))
    if not (step > LONGER and F["steps",] > F[()]):
        return f"With what **{label}** learned, {gets}."
    low, high = BELONG
    paid = f", with thresholds {times(threshold)} as large" if low * step < threshold < high * step else ""
    return (
        f"ISTA’s step is short enough for every code. Those of **{label}** are {times(step)} as long (median){paid}, and "
        f"{gets}."
    )


def _changed(ratio: float) -> str:
    """How F changes by this factor."""
    if not ratio < MOST:
        return "F is **more than a million times** as large"
    if ratio >= FAR:
        return f"F is **{times(ratio)}** as large"
    if abs(ratio - 1) <= SAME:
        return "F stays as it is"
    return f"F is **{phrases.percent(100 * abs(ratio - 1))} {'higher' if ratio > 1 else 'lower'}**"
