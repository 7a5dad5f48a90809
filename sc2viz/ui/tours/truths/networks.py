"""What is true of networks and their gates."""

from __future__ import annotations

import numpy as np
import torch

from sc2viz import evaluation, lasso
from sc2viz.analysis import ablation, inspection
from sc2viz.classroom.question import Truth
from sc2viz.ui import models, phrases, results
from sc2viz.ui.cache import cached
from sc2viz.ui.tours.truths.registry import Sight, named

AT = 3  # the iteration of Gates & cells until the reader chooses one
PICTURES = 100  # of the test split, on which the gates are held


@named
def missing_gate(at: Sight, solver: str) -> Truth | None:
    """Which of the gates that are the choices a solver has not."""
    there = sorted(name.replace("_", " ") for name in at.model(solver).traits.gates)
    missing = [k for k, each in enumerate(at.choices) if each not in there]
    if len(missing) != 1:
        return None
    why = f"The gates of {solver} are its {phrases.listed(there)}. Its code is the activation of its memory."
    return Truth(missing[0], why)


@named
def mean_gate(at: Sight, gate: str) -> Truth | None:
    """The mean of a gate at the last iteration, over the atoms in use."""
    model = at.last(lambda model: gate in model.traits.gates)
    path = at.trace(model)
    values = path.iterations(gate)[-1, 0][evaluation.in_use(path.codes[-1, 0])]
    if not len(values):
        return None
    why = f"{at.where}: from {values.min():.2f} to {values.max():.2f} over the atoms in use, {values.mean():.2f} on average"
    why += ". A gate of its own for each atom is what ISTA and FISTA have not." if values.max() - values.min() > 0.1 else "."
    return Truth(float(values.mean()), why, margin=0.1)


@named
def forgotten(at: Sight) -> Truth:
    """What the code of the atom at hand would be at the iteration at hand if its forget gate were 0."""
    model = at.last(lambda model: bool(model.traits.gates))
    path, atom = at.trace(model), at.now("atom")
    t = at.now("at") or min(AT, at.view.steps)
    atom = int(path.codes[-1, 0].abs().argmax()) if atom is None else atom
    now = inspection.iteration(models.build(model), path, torch.from_numpy(at.x), at.view.lam, t, atom)
    kept = now.input_gate * now.candidate
    h = inspection.from_parameters(**{name: torch.tensor(value, dtype=torch.float32) for name, value in now.h.items()})
    code = float(h(torch.tensor(kept, dtype=torch.float32)))
    told = f"c = i c̃ = {phrases.number(now.input_gate)} · {phrases.number(now.candidate)} = {phrases.number(kept)}"
    why = f"Atom {atom}, iteration {t}: {told}, and the activation makes {phrases.number(code)} of it."
    return Truth(
        code, f"{why} With its own forget gate the code is {phrases.number(now.code)}.", max(0.02 * abs(code), 0.01)
    )


@named
def without_gates(at: Sight) -> Truth | None:
    """How many times as far from the optimum a network ends if its gates do not see the picture."""
    model = at.last(lambda model: bool(model.traits.gates) and model.trained and not models.aside(model))
    rows = evaluation.subset(len(at.view.images), PICTURES)
    found = gates_add(model, at.view.images.pixels[rows].numpy(), at.view.lam, at.view.steps)
    if not found.computed > 0:
        return None
    ends = {model.label: found.computed, "with mean gates": found.mean, "with none": found.open, "ISTA": found.plain}
    told = phrases.listed([f"{name} {phrases.above(each)}" for name, each in ends.items()])
    why = f"Above the optimum, on {len(rows)} test pictures at λ = {at.view.lam:g}: {told}."
    if found.mean < found.plain / 2:
        why += " Most of what it gains over ISTA, it gains without gates that see the picture."
    return Truth(found.mean / found.computed, why)


@cached
def gates_add(model: models.Model, pixels: np.ndarray, lam: float, steps: int) -> ablation.Gates:
    """How far a network ends from the optimum on its own atoms, with its gates and without them."""
    best = results.exact_on(lasso.normalised(models.atoms(model)), models.centred(model, pixels), lam).objective
    beyond = models.acts_beyond(model, steps)
    return ablation.gates(models.build(model), torch.from_numpy(pixels), lam, steps, torch.from_numpy(best), beyond)


@named
def safeguarded(at: Sight, solver: str) -> Truth:
    """In how many of 100 iterations the safeguard replaces the step of a solver on a picture of the strip."""
    acted = np.flatnonzero(at.descent(solver, at.view.strip, safeguard=True).safeguarded.any(1)) + 1
    why = f"At λ = {at.view.lam:g} the safeguard acts in {len(acted)} of {results.HORIZON} iterations of {solver}"
    trained = models.trained_to(at.model(solver))
    why += f", first at {acted[0]}. It was trained for {trained}." if len(acted) else "."
    return Truth(len(acted), why, margin=5)
