"""What the page computes of a problem: the λ at which F is measured, the exact codes there, and each solver's layers."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from sc2viz import evaluation, lasso, solvers
from sc2viz.analysis import recovery, refitting
from sc2viz.ui import known_codes, models, results, url
from sc2viz.ui.cache import cached
from sc2viz.ui.known_codes import LAYERS, Problem
from sc2viz.ui.models import Model

TUNING = 60  # signals on which λ is tuned, none of which is shown
SHARES = evaluation.QUANTILES  # of the signals, whose own NMSE is given
PRICES = 24  # λ, over three decades, among which a solver's own is chosen
MANY = {"one": 1, "thousand": 1000}  # signals that are timed together
ROOM = 1.25  # atoms, over k, that a solver takes whose layers count atoms


@dataclass(frozen=True, eq=False)
class Exact:
    """The codes that minimise F at λ, and how far they are from the true ones, in dB."""

    lam: float
    codes: np.ndarray  # (n, d_s)
    objective: np.ndarray  # (n,) F*
    nmse: float
    alarms: float  # false alarms a code
    missed: float  # atoms that are in the true code alone, a code
    shrunk: float  # by how much smaller the weights of hits are than the true ones, a share
    oracle: float  # the NMSE of least squares on the true support
    determined: bool  # no true code has more non-zeros than there are measurements: without noise that error would be 0


@dataclass(frozen=True, eq=False)
class LayerCourse:
    """A solver's means over all signals after each layer 0 … `LAYERS`."""

    nmse: np.ndarray  # dB
    excess: np.ndarray  # %, how far F is above the optimum
    hits: np.ndarray  # a code, as the next two
    missed: np.ndarray
    alarms: np.ndarray
    spread: np.ndarray  # quantiles of the signals' own NMSE after the last layer, dB


def atoms_a_layer(model: Model, problem: Problem) -> int:
    """How many iterations of a solver count as one layer: several where they count atoms, of which a code has k, and as many
    as measurements explain every signal."""
    return -(-min(int(ROOM * problem.k), problem.d_x) // LAYERS) if model.traits.counts == "atoms" else 1


@cached
def exact(problem: Problem) -> Exact:
    """The exact codes at the λ whose exact codes have the least NMSE on other signals."""
    other, shown = (known_codes.images(problem, split) for split in ("train", "test"))
    B, x, truth = shown.dictionary, shown.pixels, shown.codes
    lam = recovery.best_lambda(other.pixels[:TUNING], B, other.codes[:TUNING])
    codes = lasso.solve(x, B, lam, tol=1e-6).codes
    F = lasso.objective(x.double(), codes, B.double(), lam)
    both = evaluation.in_use(codes) & (truth != 0)
    shrunk = 1 - float(codes.abs()[both].sum() / truth.abs()[both].sum()) if both.any() else 0.0
    least = float(evaluation.nmse(refitting.refitted(x, _marked(truth), B), truth))
    counts, determined = evaluation.agreement(codes, truth), int((truth != 0).sum(1).max()) <= problem.d_x
    alarms, missed = (float(part.double().mean()) for part in (counts.alarms, counts.missed))
    error = float(evaluation.nmse(codes, truth))
    return Exact(lam, codes.numpy(), F.numpy(), error, alarms, missed, shrunk, least, determined)


def _marked(truth: torch.Tensor) -> torch.Tensor:
    """Codes whose entries in use are the true ones, however small these are."""
    return (truth != 0).float()


def price(model: Model, problem: Problem, own: bool) -> float:
    """The λ that a solver is given: that of `exact`, or where it is to have its `own` and uses one, that with the least NMSE
    of its last layer. A network that was trained at one λ keeps that."""
    if model.traits.uses_lambda and model.lam is not None:
        return model.lam
    takes = own and model.traits.uses_lambda and not model.own_atoms
    return _own_price(model, problem) if takes else exact(problem).lam


@cached
def _own_price(model: Model, problem: Problem) -> float:
    """Of `PRICES` λ, those with the least NMSE after the last layer on the signals for tuning."""
    other = known_codes.images(problem, "train")[:TUNING]
    top = float(lasso.lambda_max(other.pixels, other.dictionary).max())
    lams = np.geomspace(1e-3 * top, top, PRICES)
    rows = _layers(model, problem, other.pixels.repeat(PRICES, 1), torch.tensor(lams).float().repeat_interleave(TUNING))[-1]
    errors = evaluation.nmse(rows.reshape(PRICES, TUNING, -1), other.codes)
    return float(f"{lams[int(errors.argmin())]:.3g}")


@cached
def course(model: Model, problem: Problem, own: bool = False) -> LayerCourse:
    """What a solver's layers reach. F is that of the λ of `exact`, whatever λ the solver has."""
    best, shown = exact(problem), known_codes.images(problem)
    codes, x, truth = _layers(model, problem, shown.pixels, price(model, problem, own)), shown.pixels, shown.codes
    atoms = models.atoms(model)
    optimum = torch.from_numpy(best.objective)
    excess = evaluation.rank(x, codes, atoms, best.lam, optimum)
    counts = evaluation.agreement(codes, truth)
    means = (part.double().mean(-1).numpy() for part in (counts.hits, counts.missed, counts.alarms))
    return LayerCourse(
        evaluation.nmse(codes, truth), excess.numpy(), *means, recovery.spread(codes[-1], truth, SHARES).numpy()
    )


def _layers(model: Model, problem: Problem, x: torch.Tensor, lam: float | torch.Tensor) -> torch.Tensor:
    """The codes after each layer, (LAYERS + 1, n, d_s)."""
    solver, each = models.build(model), atoms_a_layer(model, problem)
    with torch.no_grad():
        codes = solver.trace(x, lam, steps=LAYERS * each).codes[::each]
    return solvers.finite(solver, codes, first=0)


@dataclass(frozen=True, eq=False)
class MovedSignals:
    """One signal of the problem at hand at every stop of the sliders that move it: x (stops, d_x), truth (stops, d_s)."""

    x: np.ndarray
    truth: np.ndarray


@cached
def moved(problem: Problem, row: int, axis: str, stops: tuple[int, ...]) -> MovedSignals:
    """Signal `row` at each stop of k or of the noise ("snr"), while the rest stays."""
    laws = (problem._replace(**{axis: stop}).law() for stop in stops)
    return MovedSignals(*map(np.stack, zip(*(known_codes.moved(problem, row, **law) for law in laws), strict=True)))


@cached
def path(model: Model, problem: Problem, row: int, own: bool = False) -> np.ndarray:
    """The codes of signal `row` after each layer, (LAYERS + 1, 1, d_s)."""
    x = known_codes.images(problem).pixels[row : row + 1]
    return _layers(model, problem, x, price(model, problem, own)).numpy()


@cached
def sweep(model: Model, problem: Problem, row: int, layer: int, axis: str, stops: tuple[int, ...], own: bool) -> np.ndarray:
    """The codes of signal `row` after a layer at each stop of k or of the noise, at the same λ, (stops, 1, d_s)."""
    x = torch.from_numpy(moved(problem, row, axis, stops).x)
    return _layers(model, problem, x, price(model, problem, own))[layer][:, None].numpy()


def cost(model: Model, problem: Problem, by: str) -> np.ndarray:
    """What each layer 0 … `LAYERS` has cost by then, by a key of `known.COSTS`: multiplications of one signal, or
    milliseconds of one signal or of 1,000. It does not depend on the noise, nor on k but for solvers that count atoms."""
    each = atoms_a_layer(model, problem)
    alike = known_codes.RECIPE._replace(d_x=problem.d_x, d_s=problem.d_s, k=1)
    return _multiplications(model, each) if by == "multiplications" else _milliseconds(model, alike, each, MANY[by])


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
        times = [results.timed(partial(solver, x, url.default("lam"), steps))[1] for steps in (1, LAYERS * each)]
    return np.interp(np.arange(LAYERS + 1) * each, (1, LAYERS * each), times, left=np.nan)
