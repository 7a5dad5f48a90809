"""What Autoencoders and its questions ask of `analysis.encoder_gap`, cached: two gaps at every stop of λ, one row's codes
there, and steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso, solvers
from sc2viz.analysis import encoder_gap
from sc2viz.analysis.encoder_gap import GapCourse, StepCourse
from sc2viz.defaults import NON_ZEROS
from sc2viz.ui import encoders, models
from sc2viz.ui.cache import cached
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.ui.models import Model


@cached
def optima(data_set: EncoderSet, best: Tensor, lams: tuple[float, ...]) -> Tensor:
    """F*(D★) of every row at each λ, (k, n): one path a row serves all encoders. best: D★."""
    return encoder_gap.optima(encoders.rows(data_set.data).shown, best, lams)


@cached
def course(
    model: Model,
    data_set: EncoderSet,
    bars: Tensor,
    lams: tuple[float, ...],
    called_at: tuple[float, ...],
) -> GapCourse:
    """The two gaps of an encoder at each λ of F, where it is called with those `given`. bars: the `optima` there."""
    return encoder_gap.course(
        models.build(model), encoders.rows(data_set.data).shown, bars, lams, called_at
    )


def courses(
    data_set: EncoderSet,
    chosen: Mapping[str, TrainedEncoder],
    best: BestDictionary,
    prices: tuple[float, ...],
) -> dict[str, GapCourse]:
    """The two gaps of each encoder in `chosen`, by its key, at `prices` times its own λ."""
    every = tuple(
        lam for encoder in encoders.trained(data_set).values() for lam in encoder.called(prices)[0]
    )
    optima_by_lam = dict(zip(every, optima(data_set, best.D, every), strict=True))
    called = {key: encoder.called(prices) for key, encoder in chosen.items()}
    return {
        key: course(
            encoder.model,
            data_set,
            torch.stack([optima_by_lam[lam] for lam in called[key][0]]),
            *called[key],
        )
        for key, encoder in chosen.items()
    }


@dataclass(frozen=True, eq=False)
class RowCodes:
    """Codes of one row at every stop of λ, of an encoder and exact ones on its atoms of norm 1, (k, 1, d_s) each."""

    codes: np.ndarray
    exact: np.ndarray
    unit: np.ndarray  # (d_x, d_s) the atoms of norm 1, to which both belong
    offset: np.ndarray  # (d_x,) from which reconstructions begin


@cached
def of_row(
    model: Model,
    data_set: EncoderSet,
    row: int,
    lams: tuple[float, ...],
    called_at: tuple[float, ...],
) -> RowCodes:
    solver, rows = models.build(model), encoders.rows(data_set.data)
    x, D = rows.x[row : row + 1], solver.dictionary
    codes = torch.stack([solver(x, lam) for lam in called_at]) * D.norm(dim=0)
    offset = rows.mean if solver.offset is None else rows.mean + solver.offset
    return _on(D, codes, encoder_gap.exact_codes(solver.centred(x), D, lams), offset)


@cached
def on_best(data_set: EncoderSet, row: int, best: Tensor, lams: tuple[float, ...]) -> RowCodes:
    """Exact codes of one row on D★, in the place of an encoder's as well."""
    rows = encoders.rows(data_set.data)
    exact = encoder_gap.exact_codes(rows.x[row : row + 1], best, lams)
    return _on(best, exact, exact, rows.mean)


def _on(D: Tensor, codes: Tensor, exact: Tensor, offset: Tensor) -> RowCodes:
    tensors = codes.float(), exact.float(), lasso.normalised(D), offset
    return RowCodes(*(tensor.numpy() for tensor in tensors))


@cached
def uses(model: Model, data_set: EncoderSet, called_at: float) -> np.ndarray:
    """How many of all test rows use each atom, (d_s,)."""
    x = encoders.rows(data_set.data).x
    return (evaluation.encode(models.build(model), x, called_at) > 0).sum(0).numpy()


@cached
def equal_k(model: Model, data_set: EncoderSet, called_at: float) -> tuple[float, float]:
    """R² with at most ten atoms a row: of the encoder's codes, and of those of OMP on the same atoms, of any sign."""
    solver, x = models.build(model), encoders.rows(data_set.data).shown
    centred, D = solver.centred(x), solver.dictionary
    return encoder_gap.r2(centred, solver(x, called_at), D), encoder_gap.pursued_r2(
        centred, D, NON_ZEROS
    )


@cached
def stepping(
    name: str, data_set: EncoderSet, best: Tensor, lam: float, steps: int, row: int
) -> StepCourse:
    """A solver that is built on D★, with codes ≥ 0."""
    return _stepping(
        solvers.build(name, best, steps, **defaults.STEPPING[name]), data_set, best, lam, row
    )


@cached
def reached(model: Model, data_set: EncoderSet, best: Tensor, lam: float, row: int) -> StepCourse:
    """A network that was trained on D★."""
    return _stepping(models.build(model), data_set, best, lam, row)


def _stepping(
    solver: solvers.Solver, data_set: EncoderSet, best: Tensor, lam: float, row: int
) -> StepCourse:
    x = encoders.rows(data_set.data)
    return encoder_gap.stepping(
        solver, x.shown, x.x[row : row + 1], lam, optimum(data_set, best, lam)[0]
    )


@cached
def optimum(data_set: EncoderSet, best: Tensor, lam: float) -> tuple[float, float]:
    """F*(D★) and the non-zeros of exact codes on D★, the means over the rows."""
    x, unit = encoders.rows(data_set.data).shown.double(), lasso.normalised(best.double())
    codes = lasso.solve(x, unit, lam, positive=True).codes
    return lasso.objective(x, codes, unit, lam).mean().item(), encoder_gap.non_zeros(codes)
