"""Codes and their numbers at every stop of λ or of T, for pictures that move while a slider is dragged.

Nothing is interpolated: the exact codes of all λ come from one homotopy path (`lasso.path`), and a solver codes the
pictures at all λ in one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from cachetools import LRUCache, cached
from torch import Tensor

from sc2viz import evaluation, lasso
from sc2viz.analysis import inspection
from sc2viz.solvers import Solver, finite


@dataclass(frozen=True, eq=False)
class Sweep:
    """Codes of n pictures at k stops, and their numbers by `evaluation`."""

    stops: np.ndarray  # (k,) ascending: λ, or numbers of iterations
    codes: np.ndarray  # (k, n, d_s) float32
    loss: np.ndarray  # (k, n) ½‖x − Bs‖²
    objective: np.ndarray  # (k, n) the honest F
    nonzero: np.ndarray  # (k, n) share of atoms in use
    psnr: np.ndarray  # (k, n) dB

    def select(self, places: Sequence[int]) -> "Sweep":
        """Return the sweep at the stops of the indices `places` alone."""
        return Sweep(*(values[list(places)] for values in vars(self).values()))

    def of_picture(self, row: int) -> "Sweep":
        """Return the sweep of one picture alone."""
        stops, *arrays = vars(self).values()
        return Sweep(stops, *(values[:, [row]] for values in arrays))

    def place(self, stop: float) -> int:
        """Return the index of the stop that is closest to `stop` on the logarithmic scale."""
        return int(np.abs(np.log(self.stops / stop)).argmin())


def exact(
    x: Tensor, B: Tensor, lams: Sequence[float], peak: float = 1.0, positive: bool = False
) -> Sweep:
    """Return the sweep of the certified optimum of x (n, d_x) on B (d_x, d_s) at each λ of `lams`, ascending and > 0, with
    `positive` that of codes ≥ 0. peak: as for `psnr`."""
    path = lasso.path(x, B, min(lams), positive=positive)
    return measured(x, path.at_lambdas(lams), B, lams, lams, peak)


@torch.no_grad()
def coded(
    solver: Solver,
    x: Tensor,
    lams: Sequence[float],
    steps: int,
    peak: float = 1.0,
    beyond: int | None = None,
) -> Sweep:
    """Return the sweep of the codes of `solver` after `steps` iterations at each λ of `lams`; with the safeguard beyond so many
    iterations, if a number is given. `solvers.Failed` where codes are not finite."""
    rows = x.repeat(len(lams), 1)
    prices = torch.tensor(lams, dtype=x.dtype).repeat_interleave(len(x))
    codes = finite(solver, inspection.ends(solver, rows, prices, steps, beyond).codes)
    x = solver.centred(x)
    return measured(
        x, codes.reshape(len(lams), len(x), -1), solver.dictionary.detach(), lams, lams, peak
    )


def merged(*sweeps: Sweep) -> Sweep:
    """Return one sweep with the stops of all these sweeps, in ascending order."""
    arrays = zip(*(vars(sweep).values() for sweep in sweeps), strict=True)
    joined = Sweep(*map(np.concatenate, arrays))
    return joined.select(np.argsort(joined.stops, kind="stable"))


def measured(
    x: Tensor,
    codes: Tensor,
    B: Tensor,
    stops: Sequence[float],
    lam: float | Sequence[float],
    peak: float = 1.0,
) -> Sweep:
    """Return the sweep of codes (k, n, d_s) on any atoms B (d_x, d_s); λ is one number, or one a stop.

    In float64 by the Gram matrix, ‖x − Bs‖² = ‖x‖² − 2⟨s, Bᵀx⟩ + sᵀBᵀBs, which for small codes costs a tenth of forming
    the residuals.
    """
    rows, s, atoms, (gram, norms) = x.double(), codes.double(), B.double(), _gram(B)
    # Of a matrix, which takes two thirds of the time of three dimensions
    product = (s.flatten(0, 1) @ gram).view(s.shape)
    loss = product.sub_(2 * rows @ atoms).mul_(s).sum(-1)
    loss = loss.add_(rows.square().sum(1)).clamp_min_(0).mul_(0.5)
    lams = torch.as_tensor(lam, dtype=torch.float64).expand(len(codes))
    objective = loss + lams[:, None] * (s.abs() @ norms)
    psnr, codes = evaluation.decibels(2 * loss / x.shape[1], peak), codes.float().numpy()
    # NumPy compares faster
    nonzero = evaluation.in_use(codes).sum(-1, dtype=np.float32) / np.float32(codes.shape[-1])
    return Sweep(np.array(stops), codes, loss.numpy(), objective.numpy(), nonzero, psnr.numpy())


@cached(LRUCache(8), key=lambda B: (B.dtype, B.shape, B.numpy().tobytes()), lock=Lock())
def _gram(B: Tensor) -> tuple[Tensor, Tensor]:
    """Return BᵀB (d_s, d_s) and the norms of the atoms (d_s,) in float64, of dictionaries that come with sweep after sweep."""
    return B.double().T @ B.double(), B.double().norm(dim=0)


def runs_away(sweep: Sweep, x: np.ndarray) -> np.ndarray:
    """Return at which stops, (k,) bool, F of any picture of x (n, d_x) is above 2 F(0) = ‖x‖², twice that of the empty code."""
    return (sweep.objective > np.square(x, dtype=float).sum(1) + 1e-6).any(1)


def guarded_beyond(solver: Solver, trained_to: int) -> int | None:
    """Return the number of iterations beyond which the safeguard acts on a network by default: those that it was trained for,
    where it has a softmax head, or is built in another way than its solver is by default. None for all others."""
    built = type(solver).traits.variant_of(solver.config, "sc2net")
    return trained_to if solver.C is not None or built else None


def guard(solver: Solver) -> int | None:
    """Return `guarded_beyond` of a solver that `checkpoints.load` made, whose notes say what it was trained for; None for any
    other."""
    notes = getattr(solver, "notes", None)
    return (
        None
        if notes is None
        else guarded_beyond(solver, max(solver.steps, notes.get("horizon") or 0))
    )


def codes(
    solver: Solver,
    x: Tensor,
    lam: float | Tensor,
    steps: int | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Return codes (n, d_s) of x (n, d_x) as pages show them, with the safeguard beyond the iterations that `guard` names.

    steps: by default the solver's own number. The safeguard does not act where a `mask` is given. `solvers.Failed` where codes
    are not finite."""
    beyond = guard(solver)
    if beyond is None or mask is not None or (solver.steps if steps is None else steps) <= beyond:
        return finite(solver, solver(x, lam, steps, mask))
    return finite(solver, inspection.ends(solver, x, lam, steps, beyond).codes)
