"""What the page computes of an encoder: its two gaps at every stop of λ, one row's codes there, and which atoms are dead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso, solvers
from sc2viz.analysis import encoder_gap, recovery
from sc2viz.experiments.sae_runs import NON_ZEROS
from sc2viz.pages.autoencoders import encoders
from sc2viz.pages.autoencoders.encoders import EncoderSet, TrainedEncoder
from sc2viz.ui import models
from sc2viz.ui.cache import cached
from sc2viz.ui.models import Model


@dataclass(frozen=True, eq=False)
class GapCourse:
    """Means over the rows at every stop of λ, (k,) each."""

    lam: np.ndarray
    F: np.ndarray  # F(s, D)
    optimum: np.ndarray  # F*(D)
    bar: np.ndarray  # F*(D★)
    count: np.ndarray  # non-zeros of the encoder's codes
    exact_count: np.ndarray
    empty: np.ndarray  # F(0, D), that of the empty code
    r2: np.ndarray
    exact_r2: np.ndarray

    @property
    def encoder(self) -> np.ndarray:
        """The encoder's gap F(s, D) − F*(D) in % of F*(D★)."""
        return 100 * (self.F - self.optimum) / self.bar

    @property
    def dictionary(self) -> np.ndarray:
        """The dictionary's gap F*(D) − F*(D★) in % of F*(D★)."""
        return 100 * (self.optimum - self.bar) / self.bar


def course(one: TrainedEncoder, of: EncoderSet, best: Tensor, prices: tuple[float, ...]) -> GapCourse:
    """The two gaps of an encoder where λ is `prices` times its own. best: D★."""
    return _course(one.model, of, best, one.lam, tuple(map(one.given_at, prices)), prices)


@cached
def _course(
    model: Model, of: EncoderSet, best: Tensor, own: float, given: tuple[float, ...], prices: tuple[float, ...]
) -> GapCourse:
    solver, x = models.build(model), encoders.rows(of.data).shown
    lams = [own * times for times in prices]
    rest, D, whole, bar = (each.double() for each in (solver.centred(x), solver.dictionary, x, best))
    unit = lasso.normalised(D)
    bars, optima = (lasso.path(rows, B, 0.999 * min(lams), positive=True) for rows, B in ((whole, bar), (rest, unit)))
    energy, found = (rest - rest.mean(0)).square().sum(), []
    for lam, call in zip(lams, given, strict=True):
        codes, exact = _codes(solver, x, call).double(), optima.at(lam).double()
        missed = [lasso.residual(rest, *pair).square().sum() for pair in ((codes, D), (exact, unit))]
        values = [
            lasso.honest_objective(rest, codes, D, lam).mean(),
            lasso.objective(rest, exact, unit, lam).mean(),
            lasso.objective(whole, bars.at(lam).double(), bar, lam).mean(),
            (codes > 0).sum(1).double().mean(),
            (exact > 0).sum(1).double().mean(),
            0.5 * rest.square().sum(1).mean(),
            *(1 - each / energy for each in missed),
        ]
        found.append([lam, *map(float, values)])
    return GapCourse(*np.array(found).T)


def _codes(solver, x: Tensor, lam: float) -> Tensor:
    with torch.no_grad():
        return solver(x, lam)


@dataclass(frozen=True, eq=False)
class RowCodes:
    """Codes of one row at every stop of λ, of an encoder and exact ones on its atoms of norm 1, (k, 1, d_s) each."""

    codes: np.ndarray
    exact: np.ndarray
    unit: np.ndarray  # (d_x, d_s) the atoms of norm 1, to which both belong
    offset: np.ndarray  # (d_x,) from which reconstructions begin


def of_row(one: TrainedEncoder, of: EncoderSet, row: int, prices: tuple[float, ...]) -> RowCodes:
    return _of_row(one.model, of, row, one.lam, tuple(map(one.given_at, prices)), prices)


@cached
def _of_row(
    model: Model, of: EncoderSet, row: int, own: float, given: tuple[float, ...], prices: tuple[float, ...]
) -> RowCodes:
    solver, rows = models.build(model), encoders.rows(of.data)
    x = rows.x[row : row + 1]
    codes = torch.stack([_codes(solver, x, lam) for lam in given]) * solver.dictionary.norm(dim=0)
    exact, unit = exact_codes(solver.centred(x), solver.dictionary, [own * times for times in prices])
    offset = rows.mean if solver.offset is None else rows.mean + solver.offset
    return RowCodes(codes.numpy(), exact.numpy(), unit.numpy(), offset.numpy())


def exact_codes(x: Tensor, D: Tensor, lams: list[float]) -> tuple[Tensor, Tensor]:
    """Exact codes ≥ 0 (k, n, d_s) of rows x (n, d_x) at each λ, on atoms D scaled to norm 1, and these."""
    unit = lasso.normalised(D)
    path = lasso.path(x, unit, 0.999 * min(lams), positive=True)
    return torch.stack([path.at(lam) for lam in lams]).float(), unit


@cached
def uses(model: Model, of: EncoderSet, given: float) -> np.ndarray:
    """How many of all test rows use each atom, (d_s,)."""
    x = encoders.rows(of.data).x
    return (evaluation.encode(models.build(model), x, given) > 0).sum(0).numpy()


@dataclass(frozen=True, eq=False)
class EqualK:
    """R² with at most ten atoms a row, whose codes are the encoder's, or those of OMP on the same atoms, of any sign."""

    r2: float
    omp: float


@cached
def equal_k(model: Model, of: EncoderSet, given: float) -> EqualK:
    solver, x = models.build(model), encoders.rows(of.data).shown
    rest, unit = solver.centred(x), lasso.normalised(solver.dictionary)
    energy = (rest - rest.mean(0)).square().sum()
    pairs = (
        (_codes(solver, x, given), solver.dictionary),
        (_codes(solvers.build(defaults.PURSUIT, unit, NON_ZEROS), rest, 1.0), unit),
    )
    return EqualK(*(float(1 - lasso.residual(rest, *pair).square().sum() / energy) for pair in pairs))


# More steps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class StepCourse:
    """What a solver reaches after 0 … T steps on D★, and what a row costs until then: (T + 1,) each; codes of one row."""

    excess: np.ndarray  # % above F*(D★)
    multiplications: np.ndarray
    codes: np.ndarray  # (T + 1, 1, d_s)


@cached
def stepping(name: str, of: EncoderSet, best: Tensor, lam: float, steps: int, row: int) -> StepCourse:
    """A solver that is built on D★, with codes ≥ 0."""
    solver = solvers.build(name, best, steps, **defaults.STEPPING[name])
    x = encoders.rows(of.data)
    with torch.no_grad():
        codes, shown = (solver.trace(part, lam, steps=steps).codes for part in (x.shown, x.x[row : row + 1]))
    reached = [_above(x.shown, each, best, lam, optimum(of, best, lam)) for each in codes]
    costs = recovery.multiplications(solver, steps)
    return StepCourse(np.array(reached), np.array(costs, float), shown.numpy())


@dataclass(frozen=True, eq=False)
class Reached:
    """What a network on D★ reaches."""

    excess: float  # % above F*(D★)
    multiplications: int
    codes: np.ndarray  # of one row, (1, d_s)


@cached
def reached(model: Model, of: EncoderSet, lam: float, best: Tensor, row: int) -> Reached:
    """A network that was trained on D★."""
    solver, x = models.build(model), encoders.rows(of.data)
    cost = recovery.multiplications(solver, solver.steps)[-1]
    excess = _above(solver.centred(x.shown), _codes(solver, x.shown, lam), solver.dictionary, lam, optimum(of, best, lam))
    return Reached(excess, cost, _codes(solver, x.x[row : row + 1], lam).numpy())


@cached
def optimum(of: EncoderSet, best: Tensor, lam: float) -> float:
    """F*(D★), the mean over the rows."""
    return encoder_gap.optimum(encoders.rows(of.data).shown, best, lam).mean().item()


@cached
def count(of: EncoderSet, best: Tensor, lam: float) -> float:
    """The non-zeros of exact codes on D★, the mean over the rows."""
    return encoder_gap.non_zeros(lasso.solve(encoders.rows(of.data).shown, best, lam, positive=True).codes)


def _above(x: Tensor, codes: Tensor, D: Tensor, lam: float, least: float) -> float:
    return 100 * (lasso.honest_objective(x.double(), codes, D, lam).mean().item() / least - 1)
