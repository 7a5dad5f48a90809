"""What is true of networks and their gates."""

from functools import partial
from math import inf

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import ablation, inspection
from sc2viz.classroom.question import Truth
from sc2viz.ui import models, phrases, results
from sc2viz.ui.cache import cached
from sc2viz.ui.tours.truths.registry import Sight, named
from sc2viz.words import _, count_rows, localized, templates

said = partial(templates.said, __file__)

AT = 3  # the iteration of Gates & cells until the reader chooses one
PICTURES = 100  # of the test split, on which the gates are held


@named
def missing_gate(at: Sight, solver: str) -> Truth | None:
    """Which of the gates that are the choices a solver has not."""
    there = sorted(name.replace("_", " ") for name in at.model(solver).traits.gates)
    missing = [k for k, each in enumerate(at.choices) if each not in there]
    if len(missing) != 1:
        return None
    why = _(
        "The gates of {solver} are its {gates}. Its code is the activation of its memory.",
        solver=solver,
        gates=phrases.listed(list(map(_, there))),
    )
    return Truth(missing[0], why)


@named
def mean_gate(at: Sight, gate: str) -> Truth | None:
    """The mean of a gate at the last iteration, over the atoms in use."""
    model = at.last(lambda model: gate in model.traits.gates)
    path = at.trace(model)
    values = path.iterations(gate)[-1, 0][evaluation.in_use(path.codes[-1, 0])]
    if not len(values):
        return None
    low, high, mean = (
        localized(f"{each:.2f}") for each in (values.min(), values.max(), values.mean())
    )
    why = said(
        "mean_gate",
        where=at.where,
        low=low,
        high=high,
        mean=mean,
        apart=values.max() - values.min() > 0.1,
    )
    return Truth(float(values.mean()), why, margin=0.1)


@named
def forgotten(at: Sight) -> Truth:
    """What the code of the atom at hand would be at the iteration at hand if its forget gate were 0."""
    model = at.last(lambda model: bool(model.traits.gates))
    path, atom = at.trace(model), at.now("atom")
    t = at.now("at") or min(AT, at.view.steps)
    atom = int(path.codes[-1, 0].abs().argmax()) if atom is None else atom
    now = inspection.iteration(
        models.build(model), path, torch.from_numpy(at.x), at.view.lam, t, atom
    )
    kept = now.input_gate * now.candidate
    h = inspection.from_parameters(
        **{name: torch.tensor(value, dtype=torch.float32) for name, value in now.h.items()}
    )
    code = float(h(torch.tensor(kept, dtype=torch.float32)))
    told = f"c = i c̃ = {phrases.number(now.input_gate)} · {phrases.number(now.candidate)} = {phrases.number(kept)}"
    why = said(
        "forgotten",
        atom=atom,
        t=t,
        told=told,
        code=phrases.number(code),
        own=phrases.number(now.code),
    )
    return Truth(code, why, max(0.02 * abs(code), 0.01))


@named
def without_gates(at: Sight) -> Truth | None:
    """How many times as far from the optimum a network ends if its gates do not see the picture."""
    model = at.last(
        lambda model: bool(model.traits.gates) and model.trained and not models.aside(model)
    )
    found = gates_add(model, at.view.images.pixels, at.view.lam, at.view.steps)
    if not 0 < found.computed < inf:
        return None
    rows = count_rows(min(len(at.view.images), PICTURES), at.view.noun, tests=True)
    given = {
        "solver": f"{model.label} {describe_distance(found.computed)}",
        "mean": describe_distance(found.mean),
        "none": describe_distance(found.open),
        "ista": f"ISTA {describe_distance(found.plain)}",
    }
    why = said("without_gates", rows=rows, lam=at.lam, most=found.mean < found.plain / 2, **given)
    return Truth(found.mean / found.computed, why)


@cached
def gates_add(model: models.Model, images: torch.Tensor, lam: float, steps: int) -> ablation.Gates:
    """How far a network ends from the optimum on its own atoms, with its gates and without them, on `PICTURES` of the rows
    `images`; ∞ where it runs away, which is where F is above 2 F(0)."""
    x = images[evaluation.subset(len(images), PICTURES)]
    centred = models.centred(model, x.numpy())
    best = results.exact_on(models.unit_atoms(model), centred, lam).objective
    distances = ablation.gates(
        models.build(model), x, lam, steps, torch.from_numpy(best), models.acts_beyond(model, steps)
    )
    limit = 100 * (np.square(centred).sum() / best.sum() - 1)
    return ablation.Gates(*(value if value <= limit else inf for value in distances))


def describe_distance(excess: float) -> str:
    """A distance of `gates_add` in words."""
    return phrases.above(excess) if excess < inf else _(phrases.AWAY)


@named
def safeguarded(at: Sight, solver: str) -> Truth:
    """In how many of 100 iterations the safeguard replaces the step of a solver on a picture of the strip."""
    acted = np.flatnonzero(at.descent(solver, at.view.strip, safeguard=True).safeguarded.any(1)) + 1
    why = said(
        "safeguarded",
        lam=at.lam,
        acted=len(acted),
        all=results.HORIZON,
        solver=solver,
        first=acted[:1].sum(),
        trained=models.trained_to(at.model(solver)),
    )
    return Truth(len(acted), why, margin=5)
