"""What the page asks of `analysis.recovery`, kept: the exact codes, each solver's layers, one signal that moves."""

from functools import partial

import numpy as np
import torch

from sc2viz.analysis import recovery, state_evolution
from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.ui import known_codes, models, results, url
from sc2viz.ui.cache import cached
from sc2viz.ui.known_codes import LAYERS, Problem
from sc2viz.ui.models import Model

MANY = {"one": 1, "thousand": 1000}  # signals that are timed together
ROOM = 1.25  # atoms, over k, that a solver takes whose layers count atoms


def atoms_a_layer(model: Model, problem: Problem) -> int:
    """How many iterations of a solver count as one layer: several where they count atoms, of which a code has k, and as many
    as measurements explain every signal."""
    return (
        -(-min(int(ROOM * problem.k), problem.d_x) // LAYERS)
        if model.traits.counts == "atoms"
        else 1
    )


@cached
def exact(problem: Problem) -> ExactCodes:
    """The exact codes at the λ whose exact codes have the least NMSE on other signals."""
    return recovery.exact(known_codes.tuning(problem), known_codes.averaged(problem))


def price(model: Model, problem: Problem, own: bool) -> float:
    """The λ that a solver is given: that of `exact`, or where it is to have its `own` and uses one, that with the least NMSE
    of its last layer. A network that was trained at one λ keeps that."""
    if model.traits.uses_lambda and model.lam is not None:
        return model.lam
    takes = own and model.traits.uses_lambda and not model.own_atoms
    return _own_price(model, problem) if takes else exact(problem).lam


@cached
def _own_price(model: Model, problem: Problem) -> float:
    return recovery.own_lambda(
        models.build(model), known_codes.tuning(problem), *_layers(model, problem)
    )


@cached
def course(model: Model, problem: Problem, own: bool = False) -> LayerCourse:
    """What a solver's layers reach. F is that of the λ of `exact`, whatever λ the solver has."""
    shown, lam = known_codes.averaged(problem), price(model, problem, own)
    return recovery.course(
        models.build(model), shown, exact(problem), lam, *_layers(model, problem)
    )


def predicted(model: Model, problem: Problem) -> np.ndarray | None:
    """The NMSE in dB after each layer 0 … `LAYERS` that state evolution predicts; None for a solver that has none."""
    if not model.traits.evolution:
        return None
    delta, sparsity = problem.d_x / problem.d_s, problem.k / problem.d_s
    return np.array(
        [
            0.0,
            *state_evolution.nmse(delta, sparsity, problem.snr, models.build(model).alpha, LAYERS),
        ]
    )


def _layers(model: Model, problem: Problem) -> tuple[int, int]:
    """How many layers are shown, and of how many iterations each."""
    return LAYERS, atoms_a_layer(model, problem)


Stops = tuple[
    tuple[str, tuple[int, ...]], ...
]  # of the sliders that move a signal, those of k and of the noise ("snr")


@cached
def moved(problem: Problem, row: int, stops: Stops) -> tuple[np.ndarray, np.ndarray]:
    """Signal `row`, and at each stop of a slider, while the rest stays: x (1 + stops, d_x), and codes (1 + stops, d_s)."""
    shown = known_codes.images(problem)
    laws = (problem._replace(**{axis: stop}).law() for axis, places in stops for stop in places)
    found = [(shown.pixels[row].numpy(), shown.codes[row].numpy())]
    found += [known_codes.moved(problem, row, **law) for law in laws]
    return tuple(map(np.stack, zip(*found, strict=True)))


@cached
def moving(
    model: Model, problem: Problem, row: int, layer: int, own: bool, stops: Stops
) -> tuple[np.ndarray, np.ndarray]:
    """The codes of signal `row` after each layer, (LAYERS + 1, 1, d_s), and after `layer` at each stop, at the same λ,
    (stops, 1, d_s)."""
    x, lam = torch.from_numpy(moved(problem, row, stops)[0]), price(model, problem, own)
    codes = recovery.layer_codes(models.build(model), x, lam, *_layers(model, problem)).numpy()
    return codes[:, :1].copy(), codes[layer, 1:, None].copy()


def cost(model: Model, problem: Problem, by: str) -> np.ndarray:
    """What each layer 0 … `LAYERS` has cost by then, by a key of `known_codes.COSTS`: multiplications of one signal, or
    milliseconds of one signal or of 1,000. It does not depend on the noise, nor on k but for solvers that count atoms."""
    each = atoms_a_layer(model, problem)
    alike = known_codes.RECIPE._replace(d_x=problem.d_x, d_s=problem.d_s, k=1)
    return (
        _multiplications(model, each)
        if by == "multiplications"
        else _milliseconds(model, alike, each, MANY[by])
    )


@cached
def _multiplications(model: Model, each: int) -> np.ndarray:
    counts = recovery.multiplications(models.build(model), LAYERS * each)
    return np.array(counts[::each], float)


@cached
def _milliseconds(model: Model, problem: Problem, each: int, many: int) -> np.ndarray:
    solver, shown = models.build(model), known_codes.images(problem)
    x = shown.pixels[torch.arange(many) % len(shown)]
    with torch.no_grad():
        solver(x, url.default("lam"), steps=1)  # the first call in a thread takes longer
        times = [
            results.timed(partial(solver, x, url.default("lam"), steps))[1]
            for steps in (1, LAYERS * each)
        ]
    return np.interp(np.arange(LAYERS + 1) * each, (1, LAYERS * each), times, left=np.nan)
