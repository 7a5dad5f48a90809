"""Why solvers are as far from the optimum as they are, by what their iterations do to the pictures at hand."""

import numpy as np

from sc2viz.analysis import convergence
from sc2viz.ui import models, phrases, results
from sc2viz.ui.phrases import apart, percent

AT_REST = 0.05  # of its distance: a solver has come to rest where further iterations change the distance by less
ALONG = 0.8  # the cosine between two steps from which they are said to point the same way
LATER = 5  # times as many iterations as are shown, which tell whether a solver has come to rest


def why(chosen: list[models.Model], paths: dict[str, results.Descent], steps: int) -> str:
    """At most three sentences: how far behind the last solver is, why the first network stops, and why one way of iterating
    is ahead of another. Empty where there is nothing to tell apart."""
    now = {label: float(convergence.settled(path.excess)[steps]) for label, path in paths.items()}
    if not now or apart(min(now.values())) == apart(max(now.values())):
        return ""
    first, last = (choose(now, key=now.get) for choose in (min, max))
    said = [f"**{last}** is {apart(now[last])} and {phrases.pace(paths[last].excess, steps, now[first])}."]
    formulas = [model for model in chosen if not model.traits.learned and model.traits.counts == "iterations"]
    said += [_ahead(formulas, paths, steps)]
    networks = sorted((model for model in chosen if model.own_atoms), key=lambda model: now[model.label])
    said += [_rest(networks[0].label, paths[networks[0].label], steps)] if networks else []
    return " ".join(filter(None, said))


def _ahead(formulas: list[models.Model], paths: dict[str, results.Descent], steps: int) -> str:
    """Why the best of the formulas is ahead of the worst, by the directions and the lengths of their last steps."""
    if len(formulas) < 2 or steps < 3:
        return ""
    ends = sorted(formulas, key=lambda model: float(convergence.settled(paths[model.label].excess)[steps]))
    fast, slow = ends[0], ends[-1]
    (before, last), (_, longer) = (_last_steps(paths[model.label].course, steps) for model in (slow, fast))
    sizes = [np.linalg.norm(each, axis=1) for each in (before, last, longer)]
    along = float((np.einsum("nj,nj->n", before, last) / np.maximum(sizes[0] * sizes[1], 1e-12)).mean())
    ratio = float(sizes[2].mean() / max(sizes[1].mean(), 1e-12))
    if along < ALONG or ratio < 1:
        return ""
    rule = fast.summary.rstrip(".")
    return (
        f"{slow.label} creeps along a narrow valley of F: its last two steps point the same way (cosine {along:.2f}); "
        f"{fast.label} ({rule}) moved {ratio:.2g} times as far in its last one."
    )


def _last_steps(course: results.Sweep, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The last two steps of each picture (n, d_s), an iteration: between three stops of T."""
    k = course.place(steps)
    codes, stops = course.codes[k - 2 : k + 1].astype(float), course.stops[k - 2 : k + 1]
    return tuple(np.diff(codes, axis=0) / np.diff(stops)[:, None, None])


def _rest(label: str, path: results.Descent, steps: int) -> str:
    """Where a network comes to rest, and how much of its distance its atoms make."""
    later = min(LATER * steps, len(path.excess) - 1)
    here, there = float(path.excess[steps]), float(path.excess[later])
    if abs(there - here) > AT_REST * max(abs(here), convergence.FLOOR):
        return f"**{label}** was fitted to be near after few iterations: after {later} it is {apart(there)}."
    atoms = 100 * ((1 + here / 100) / (1 + float(path.own[steps]) / 100) - 1)  # exact codes on its atoms, by the same ruler
    if abs(float(path.own[steps])) <= convergence.FLOOR:
        return f"**{label}** has come to rest at the optimum on its own atoms, which is {apart(atoms)} on the shared ones."
    return (
        f"**{label}** has come to rest ({percent(there)} after {later} iterations too), and not at a minimum: it is "
        f"{apart(float(path.own[steps]))} of its own atoms, and exact codes on these are {apart(atoms)} of the shared ones."
    )
