"""Why solvers are as far from the optimum as they are, by what their iterations do to the pictures at hand."""

import numpy as np

from sc2viz.analysis import convergence
from sc2viz.ui import models, phrases, results
from sc2viz.ui.phrases import apart
from sc2viz.words import _

AT_REST = 0.05  # of its distance: a solver has come to rest where further iterations change the distance by less
ALONG = 0.8  # the cosine between two steps from which they are said to point the same way
LONGER = 1.05  # times as far as another step, from which that is said
LATER = 5  # times as many iterations as are shown, or a fifth, which tell whether a solver has come to rest


def why(chosen: list[models.Model], paths: dict[str, results.Descent], steps: int) -> str:
    """At most three sentences: how far behind the last solver is, why the first network stops, and why one way of iterating
    is ahead of another. Empty where there is nothing to tell apart."""
    now = {label: float(convergence.settled(path.excess)[steps]) for label, path in paths.items()}
    if not now or apart(min(now.values())) == apart(max(now.values())):
        return ""
    first, last = (choose(now, key=now.get) for choose in (min, max))
    own = {model.label for model in chosen if model.own_atoms}
    if now[first] < -convergence.FLOOR and last not in own:  # no code of the shared atoms is there
        said = [
            _(
                "**{last}** is {far}, which no code on the shared dictionary is below: **{first}** has atoms of its own.",
                last=last,
                far=apart(now[last]),
                first=first,
            )
        ]
    else:
        said = [
            _(
                "**{last}** is {far} and {pace}.",
                last=last,
                far=apart(now[last]),
                pace=phrases.pace(paths[last].excess, steps, now[first]),
            )
        ]
    formulas = [
        model
        for model in chosen
        if not model.traits.learned and model.traits.counts == "iterations"
    ]
    said += [_ahead(formulas, paths, steps)]
    networks = sorted(
        (model for model in chosen if model.own_atoms), key=lambda model: now[model.label]
    )
    said += [_rest(networks[0], paths[networks[0].label], steps)] if networks else []
    return " ".join(filter(None, said))


def _ahead(formulas: list[models.Model], paths: dict[str, results.Descent], steps: int) -> str:
    """Why the best of the formulas is ahead of the worst, by the directions and the lengths of their last steps. Empty where
    they do not tell: where both are as near, or the worse one turns, or moved farther."""
    if len(formulas) < 2 or steps < 3:
        return ""
    far = {
        model: float(convergence.settled(paths[model.label].excess)[steps]) for model in formulas
    }
    fast, slow = (choose(far, key=far.get) for choose in (min, max))
    if apart(far[fast]) == apart(far[slow]):
        return ""
    (before, last), (_before, longer) = (
        _last_steps(paths[model.label].course, steps) for model in (slow, fast)
    )
    sizes = [np.linalg.norm(each, axis=1) for each in (before, last, longer)]
    along = float(
        (np.einsum("nj,nj->n", before, last) / np.maximum(sizes[0] * sizes[1], 1e-12)).mean()
    )
    ratio = float(sizes[2].mean() / max(sizes[1].mean(), 1e-12))
    if along < ALONG or ratio < LONGER:
        return ""
    return _(
        "{slow} creeps: its last two steps point the same way (cosine {along:.2f}), and {fast} ({rule}) moved {times} "
        "as far in its last one.",
        slow=slow.label,
        along=along,
        fast=fast.label,
        rule=_(fast.summary).rstrip(".。"),
        times=phrases.times(ratio),
    )


def _last_steps(course: results.Sweep, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The last two steps of each picture (n, d_s), an iteration: between three stops of T."""
    k = course.place(steps)
    codes, stops = course.codes[k - 2 : k + 1].astype(float), course.stops[k - 2 : k + 1]
    return tuple(np.diff(codes, axis=0) / np.diff(stops)[:, None, None])


def _rest(model: models.Model, path: results.Descent, steps: int) -> str:
    """Whether a network comes to rest, where it would be later or, at the end of what is computed, where it was before, and
    by two rulers: the optimum on the shared dictionary, and that on its own atoms."""
    label, last = f"**{model.label}**", len(path.excess) - 1
    other = min(LATER * steps, last) if steps < last else max(1, steps // LATER)
    here, there = float(path.excess[steps]), float(path.excess[other])
    given = {"iterations": phrases.count(other, "iteration"), "far": apart(there)}
    when = (
        _("after {iterations} it is {far}", **given)
        if other > steps
        else _("after {iterations} it was {far}", **given)
    )
    if not np.isfinite([here, there]).all() or abs(there - here) > AT_REST * max(
        abs(here), convergence.FLOOR
    ):
        nearer = there < here if other > steps else here < there
        given = {
            "solver": label,
            "trained": phrases.count(models.trained_to(model), "iteration"),
            "when": when,
        }
        return (
            _("{solver}, trained for {trained}, still comes nearer: {when}.", **given)
            if nearer
            else _("{solver}, trained for {trained}, leaves again: {when}.", **given)
        )
    atoms = 100 * (
        (1 + here / 100) / (1 + float(path.own[steps]) / 100) - 1
    )  # exact codes on its atoms, by the same ruler
    if abs(float(path.own[steps])) <= convergence.FLOOR:
        return _(
            "{solver} has come to rest at the optimum on its own atoms, which is {far} on the shared ones.",
            solver=label,
            far=apart(atoms),
        )
    return _(
        "{solver} has come to rest, and not at a minimum: {when} too. By the optimum on its own atoms it is {own}, and "
        "exact codes on these are {exact} of the shared ones.",
        solver=label,
        when=when,
        own=apart(float(path.own[steps])),
        exact=apart(atoms),
    )
