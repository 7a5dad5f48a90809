"""What is true of networks and their gates."""

from math import inf

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import ablation, inspection
from sc2viz.ui import models, phrases, results
from sc2viz.ui.cache import cached
from sc2viz.ui.tours.truths.registry import Numbers, Sight, truth
from sc2viz.words import _, count_rows

ITERATION = 3  # of Gates & cells until the reader chooses one
PICTURES = 100  # of the test split, on which the gates are replaced


@truth
def missing_gate(sight: Sight, solver: str) -> Numbers:
    """Return which of the gates that are the choices a solver has not, as "answer", its place, with the gates that it has."""
    gates = sorted(name.replace("_", " ") for name in sight.model(solver).traits.gates)
    (missing,) = (k for k, gate in enumerate(sight.choices) if gate not in gates)
    return {"answer": missing, "gates": list(map(_, gates))}


@truth
def mean_gate(sight: Sight, gate: str) -> Numbers:
    """Return the mean of a gate at the last iteration, over the atoms in use, as "answer", with the numbers of its
    sentence."""
    model = sight.latest_model(lambda model: gate in model.traits.gates)
    trace, x, lam = sight.trace(model), torch.from_numpy(sight.x), sight.lam
    values = trace.iterations(gate)[-1, 0][evaluation.in_use(trace.codes[-1, 0])]
    mean, low, high = map(float, (values.mean(), values.min(), values.max()))
    gain = ""
    if has_comparable_gates(model) and inspection.explained(models.build(model), trace, x, lam):
        gain = describe_gain(compare_gates(model, sight.images.pixels, lam, sight.steps))
    return {"answer": mean, "margin": 0.1, "low": low, "high": high, "gain": gain}


@truth
def forgotten(sight: Sight) -> Numbers:
    """Return what the code of the atom at hand would be at the iteration at hand if its forget gate were 0, as "answer", with
    the numbers of its sentence."""
    model = sight.latest_model(lambda model: bool(model.traits.gates))
    trace, atom = sight.trace(model), sight.value("atom")
    t = sight.value("at") or min(ITERATION, sight.steps)
    if atom is None:
        atom = int(trace.codes[-1, 0].abs().argmax())
    step = inspection.iteration(
        models.build(model), trace, torch.from_numpy(sight.x), sight.lam, t, atom
    )
    cell = step.input_gate * step.candidate
    h = inspection.from_parameters(**{name: torch.tensor(p) for name, p in step.h.items()})
    code = float(h(torch.tensor(cell)))
    return {
        "answer": code,
        "margin": max(0.02 * abs(code), 0.01),
        "atom": atom,
        "t": t,
        "step": step,
        "cell": cell,
    }


@truth
def without_gates(sight: Sight) -> Numbers:
    """Return how many times as far from the optimum a network ends if its gates do not see the picture, as "answer", with the
    numbers of its sentence."""
    model = sight.latest_model(has_comparable_gates)
    x = sight.images.pixels
    gates = compare_gates(model, x, sight.lam, sight.steps)
    if not 0 < gates.computed < inf:
        raise ValueError("the network must end at a distance")
    return {
        "answer": gates.mean / gates.computed,
        "rows": count_rows(min(len(x), PICTURES), sight.noun, tests=True),
        "solver": f"{model.label} {describe_distance(gates.computed)}",
        "mean": describe_distance(gates.mean),
        "without_gates": describe_distance(gates.open),
        "ista": f"ISTA {describe_distance(gates.plain)}",
        "gain": describe_gain(gates),
    }


@cached
def compare_gates(
    model: models.Model, images: torch.Tensor, lam: float, steps: int
) -> ablation.Gates:
    """Return how far a network ends from the optimum on its own atoms, in %, with its gates and without them, on `PICTURES`
    of the rows `images`; ∞ where it runs away, which is where F is above 2 F(0)."""
    x = images[evaluation.subset(len(images), PICTURES)]
    centred = models.centred(model, x.numpy())
    best = results.exact_on(models.unit_atoms(model), centred, lam, False).objective
    distances = ablation.gates(
        models.build(model), x, lam, steps, torch.from_numpy(best), models.acts_beyond(model, steps)
    )
    limit = 100 * (np.square(centred).sum() / best.sum() - 1)
    return ablation.Gates(*(value if value <= limit else inf for value in distances))


def has_comparable_gates(model: models.Model) -> bool:
    """Return whether `compare_gates` ranks a model: a trained network with gates."""
    return bool(model.traits.gates) and model.trained and not models.why_unranked(model)


def describe_gain(gates: ablation.Gates) -> str:
    """Return what gates add that see the picture, by a network's distances, where fixed ones reach most of what it
    gains over ISTA; "" elsewhere."""
    if not gates.are_mostly_fixed():
        return ""
    return _(
        "Learned steps, shortened alike for every picture, give most of the gain over ISTA; gates that see the picture give "
        "the rest."
    )


def describe_distance(excess: float) -> str:
    """Return a distance of `compare_gates` in words."""
    return phrases.format_excess(excess) if excess < inf else _(phrases.RUNS_AWAY)


@truth
def safeguarded(sight: Sight, solver: str) -> Numbers:
    """Return in how many of 100 iterations the safeguard replaces the step of a solver on a picture of the strip, as
    "answer", with the numbers of its sentence."""
    descent = sight.descent(solver, sight.strip, safeguard=True)
    acted = np.flatnonzero(descent.safeguarded.any(1)) + 1
    return {
        "answer": len(acted),
        "margin": 5,
        "first": acted[:1].sum(),
        "total": results.HORIZON,
        "trained": models.trained_to(sight.model(solver)),
    }
