"""What Autoencoders and its questions ask of `analysis.encoder_gap`, cached: two gaps at every stop of λ, one row's codes
there, and steps."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso, solvers
from sc2viz.analysis import encoder_gap
from sc2viz.analysis.encoder_gap import GapCourse, StepCourse
from sc2viz.ui import encoders, models
from sc2viz.ui.cache import cached
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.ui.models import Model


@cached
def optima(data_set: EncoderSet, best: Tensor, lams: tuple[float, ...]) -> Tensor:
    """Return F*(D★) of each of the set's first rows at each λ, (k, n): one path a row serves all encoders. best: D★, the best
    dictionary (d_x, d_s)."""
    return encoder_gap.optima(encoders.rows(data_set.data).first, best, lams)


@cached
def course(
    model: Model,
    data_set: EncoderSet,
    bars: Tensor,
    lams: tuple[float, ...],
    arguments: tuple[float, ...],
) -> GapCourse:
    """Return the two gaps of an encoder at each λ of F, where it is called with the λ in `arguments`. bars: the `optima`
    there."""
    x = encoders.rows(data_set.data).first
    return encoder_gap.course(models.build(model), x, bars, lams, arguments)


def courses(
    data_set: EncoderSet,
    chosen: Mapping[str, TrainedEncoder],
    best: BestDictionary,
    prices: tuple[float, ...],
) -> dict[str, GapCourse]:
    """Return the two gaps of each encoder in `chosen`, by its key, at `prices` times its own λ. best: D★ and its λ."""
    trained = encoders.trained(data_set).values()
    every = tuple(lam for encoder in trained for lam in encoder.at_prices(prices)[0])
    bars = dict(zip(every, optima(data_set, best.D, every), strict=True))
    by_key = {}
    for key, encoder in chosen.items():
        lams, arguments = encoder.at_prices(prices)
        own_bars = torch.stack([bars[lam] for lam in lams])
        by_key[key] = course(encoder.model, data_set, own_bars, lams, arguments)
    return by_key


class RowCodes(NamedTuple):
    """Codes of one row at every stop of λ, of an encoder and exact ones on its atoms of norm 1, (k, 1, d_s) each."""

    codes: np.ndarray
    exact: np.ndarray
    unit: np.ndarray  # (d_x, d_s) the atoms of norm 1, to which both belong
    offset: np.ndarray  # (d_x,) from which reconstructions begin


@cached
def row_codes(
    data_set: EncoderSet,
    row: int,
    best: Tensor,
    lams: tuple[float, ...],
    model: Model | None = None,
    arguments: tuple[float, ...] = (),
) -> RowCodes:
    """Return codes of one row at each λ: of an encoder that is called with the λ in `arguments`, or without a `model` the
    exact ones on D★, which is `best`."""
    rows, codes, D = encoders.rows(data_set.data), None, best
    x, offset = rows.x[row : row + 1], rows.mean
    if model:
        solver = models.build(model)
        D, offset = solver.dictionary, offset if solver.offset is None else offset + solver.offset
        codes = torch.stack([solver(x, lam) for lam in arguments]) * D.norm(dim=0)
        x = solver.centred(x)
    exact = encoder_gap.exact_codes(x, D, lams)
    codes = exact if codes is None else codes
    tensors = codes.float(), exact.float(), lasso.normalised(D), offset
    return RowCodes(*(tensor.numpy() for tensor in tensors))


@cached
def uses(model: Model, data_set: EncoderSet, argument: float) -> np.ndarray:
    """Return how many of all test rows use each atom, (d_s,). argument: the λ that the encoder is called with."""
    x = encoders.rows(data_set.data).x
    return (evaluation.encode(models.build(model), x, argument) > 0).sum(0).numpy()


@cached
def equal_k(model: Model, data_set: EncoderSet, argument: float) -> tuple[float, float]:
    """Return R² with at most ten atoms a row: of the encoder's codes, and of those of OMP on the same atoms, of any sign.
    argument: the λ that the encoder is called with."""
    solver, x = models.build(model), encoders.rows(data_set.data).first
    centred, D = solver.centred(x), solver.dictionary
    pursued = encoder_gap.pursued_r2(centred, D, defaults.NON_ZEROS)
    return encoder_gap.r2(centred, solver(x, argument), D), pursued


@cached
def stepping(
    solver: Model | str, data_set: EncoderSet, best: Tensor, lam: float, row: int, steps: int = 1
) -> StepCourse:
    """Return what a solver reaches step by step: a network that was trained on D★, or the solver of this name that is built
    on it, with codes ≥ 0. best: D★."""
    built = (
        models.build(solver)
        if isinstance(solver, Model)
        else solvers.build(solver, best, steps, **defaults.STEPPING[solver])
    )
    rows, F = encoders.rows(data_set.data), _optimum(data_set, best, lam)
    return encoder_gap.stepping(built, rows.first, rows.x[row : row + 1], lam, F)


@cached
def _optimum(data_set: EncoderSet, best: Tensor, lam: float) -> float:
    """Return F*(D★) at λ, the mean over the set's first rows. best: D★."""
    return encoder_gap.optimum(encoders.rows(data_set.data).first, best, lam).mean().item()
