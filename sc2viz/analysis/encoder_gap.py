"""What an encoder costs and what its dictionary costs: two gaps that add up, and the λ that suits a number of non-zeros.

    F(s, D) − F*(D★)  =  [F(s, D) − F*(D)]  +  [F*(D) − F*(D★)]
                          the encoder's gap     the dictionary's

F(s, D) = ½‖x − b − D s‖² + λ Σ_j ‖d_j‖ s_j with s ≥ 0 is the honest objective, and F*(D) its certified optimum. The
encoder's gap is ≥ 0 (O'Neill, Gumran & Klindt 2024 call it the amortisation gap). D★ is a good dictionary for the same rows;
nobody knows the best one, so that the dictionary's gap may be below 0.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, defaults, evaluation, lasso, solvers
from sc2viz.analysis import recovery

LOWEST = 1e-4  # of the largest λ_max: the smallest λ that `lambda_for` tries
# Of the number of non-zeros, at which `lambda_for` stops, at the latest after so many λ
PRECISION, TRIES = 0.01, 12


class TooMany(ValueError):
    """Exact codes have fewer non-zeros than asked for even at `lam`, the smallest λ that was tried."""

    def __init__(self, message: str, lam: float):
        super().__init__(message)
        self.lam = lam


class EncoderGap(NamedTuple):
    """Codes of n rows at one λ beside what their atoms could do. Tensors are (n,) float64."""

    F: Tensor  # F(s, D)
    optimum: Tensor  # F*(D)
    # The duality gap of `optimum`, relative to it: F*(D) is at most so much lower
    certificate: Tensor
    non_zeros: Tensor  # codes above 0
    exact_non_zeros: Tensor
    missed: Tensor  # ‖x − b − D s‖²
    exact_missed: Tensor
    energy: Tensor  # ‖x − x̄‖², x̄ the mean of the rows
    dead: Tensor  # (d_s,) bool: the atoms that no row's code uses
    bar: Tensor | None = None  # F*(D★)

    @property
    def r2(self) -> float:
        """The share of the rows' variance that the codes explain."""
        return _share(self.missed, self.energy)

    @property
    def exact_r2(self) -> float:
        """The share of the rows' variance that exact codes explain."""
        return _share(self.exact_missed, self.energy)

    @property
    def encoder(self) -> Tensor:
        """The encoder's gap F(s, D) − F*(D) of every row, (n,)."""
        return self.F - self.optimum

    @property
    def percent(self) -> float:
        """The encoder's mean gap F(s, D) − F*(D) in % of the mean F*(D)."""
        return evaluation.excess(self.F, self.optimum).item()

    @property
    def dictionary_percent(self) -> float:
        """The dictionary's mean gap F*(D) − F*(D★) in % of the mean F*(D★); ValueError where no D★ was given."""
        return evaluation.excess(self.optimum, self.bar).item()


def measure(
    x: Tensor,
    codes: Tensor,
    D: Tensor,
    lam: float,
    *,
    bar: Tensor | None = None,
    tol: float = 1e-4,
    start: Tensor | None = None,
) -> EncoderGap:
    """Compare codes ≥ 0 (n, d_s) of rows x (n, d_x), less the encoder's offset, with exact codes on the same atoms D
    (d_x, d_s) at λ, each certified to the relative duality gap `tol`.

    `bar` (n,): F*(D★) of the same rows, less the offset of D★. `start` (n, d_s): codes on atoms of norm 1 from which the
    exact ones are searched. ValueError for codes below zero and for wrong shapes.
    """
    if (codes < 0).any():
        raise ValueError(
            f"codes must be ≥ 0, got {codes.min():g}: signed codes have another optimum"
        )
    x, codes, D = x.double(), codes.double(), D.double()
    unit = lasso.normalised(D)
    exact = lasso.solve(x, unit, lam, tol=tol, start=start, positive=True)
    return EncoderGap(
        lasso.honest_objective(x, codes, D, lam),
        lasso.objective(x, exact.codes, unit, lam),
        exact.gap,
        (codes > 0).sum(1),
        (exact.codes > 0).sum(1),
        lasso.residual(x, codes, D).square().sum(1),
        lasso.residual(x, exact.codes, unit).square().sum(1),
        (x - x.mean(0)).square().sum(1),
        ~(codes > 0).any(0),
        bar,
    )


def optimum(
    x: Tensor, D: Tensor, lam: float, tol: float = 1e-4, start: Tensor | None = None
) -> Tensor:
    """Return F*(D) of codes ≥ 0 of rows x (n, d_x) on atoms D (d_x, d_s) scaled to norm 1: (n,) float64. start: see `measure`."""
    x, unit = x.double(), lasso.normalised(D.double())
    return lasso.objective(
        x, lasso.solve(x, unit, lam, tol=tol, start=start, positive=True).codes, unit, lam
    )


def exact_codes(x: Tensor, D: Tensor, lams: Sequence[float]) -> Tensor:
    """Return exact codes ≥ 0 of rows x (n, d_x) at each λ, on atoms D (d_x, d_s) scaled to norm 1: (k, n, d_s) float64."""
    path = lasso.path(x, lasso.normalised(D), 0.999 * min(lams), positive=True)
    return path.at_lambdas(lams)


def optima(x: Tensor, D: Tensor, lams: Sequence[float]) -> Tensor:
    """Return F*(D) of every row at each λ, (k, n), as `optimum` has it at one."""
    starts = exact_codes(x.double(), D.double(), lams)
    return torch.stack(
        [optimum(x, D, lam, start=start) for lam, start in zip(lams, starts, strict=True)]
    )


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


@torch.no_grad()
def course(
    solver: solvers.Solver,
    x: Tensor,
    bars: Tensor,
    lams: Sequence[float],
    called_at: Sequence[float],
) -> GapCourse:
    """Return the two gaps of a solver's codes of rows x (n, d_x) at each λ of `lams`, where it is called with the λ of
    `called_at`. bars (k, n): F*(D★) of the rows there, the `optima` on D★."""
    x0, D, rows = solver.centred(x), solver.dictionary, []
    empty = 0.5 * float(x0.double().square().sum(1).mean())
    starts = exact_codes(x0.double(), D.double(), lams)
    for lam, price, bar, start in zip(lams, called_at, bars, starts, strict=True):
        gap = measure(x0, solver(x, price), D, lam, bar=bar, start=start)
        numbers = gap.F, gap.optimum, bar, gap.non_zeros, gap.exact_non_zeros
        means = (float(values.double().mean()) for values in numbers)
        rows.append([lam, *means, empty, gap.r2, gap.exact_r2])
    return GapCourse(*np.array(rows).T)


class StepCourse(NamedTuple):
    """What a solver reaches after 0 … T steps, and what a row costs until then: (T + 1,) each; codes of one row."""

    excess: np.ndarray  # % above F*(D★)
    multiplications: np.ndarray
    codes: np.ndarray  # (T + 1, 1, d_s)

    def select(self, steps: Sequence[int]) -> "StepCourse":
        """Return the course after some numbers of steps alone."""
        return StepCourse(*(values[list(steps)] for values in self))

    @staticmethod
    def join(courses: Sequence["StepCourse"]) -> "StepCourse":
        """Return these courses as one, one after the other."""
        return StepCourse(*map(np.concatenate, zip(*courses, strict=True)))


@torch.no_grad()
def stepping(
    solver: solvers.Solver, x: Tensor, row: Tensor, lam: float, optimum: float
) -> StepCourse:
    """Return what a solver on D★ reaches at λ after 0 … T steps, and what they cost. x (n, d_x), of which the means are taken;
    row (1, d_x); optimum: the mean F*(D★)."""
    x0, D = solver.centred(x).double(), solver.dictionary
    trace, costs = solver.trace(x, lam), recovery.multiplications(solver, solver.steps)
    F = [lasso.honest_objective(x0, codes, D, lam).mean().item() for codes in trace.codes]
    codes = solver.trace(row, lam).codes.numpy()
    return StepCourse(100 * (np.array(F) / optimum - 1), np.array(costs, float), codes)


def r2(x: Tensor, codes: Tensor, D: Tensor) -> float:
    """Return the share of the variance of rows x (n, d_x) that codes (n, d_s) of any sign explain."""
    return _share(lasso.residual(x, codes, D).square().sum(), (x - x.mean(0)).square().sum())


def pursued_r2(x: Tensor, D: Tensor, k: int) -> float:
    """Return the R² of OMP with k atoms, whose codes have any sign, on atoms D (d_x, d_s) scaled to norm 1."""
    unit = lasso.normalised(D)
    return r2(x, solvers.build(defaults.PURSUIT, unit, k)(x, 1.0), unit)


def non_zeros(codes: Tensor) -> float:
    """Return the mean number of entries of a row that are not 0."""
    return (codes != 0).sum(1).double().mean().item()


def lambda_for(
    x: Tensor,
    D: Tensor,
    count: float,
    report: Callable[[], None] = lambda: None,
) -> float:
    """Return the λ, to three digits, at which exact codes of rows x (n, d_x) on atoms D (d_x, d_s), scaled to norm 1, have
    `count` non-zeros on average.

    `report` is called before each λ that is tried. ValueError for a count ≤ 0; `TooMany` for one that no λ from a
    ten-thousandth of the largest λ_max on reaches.
    """
    from scipy.optimize import brentq  # here: it takes a fifth of a second to import

    arguments.positive("count", count)
    unit = lasso.normalised(D)

    top = float(lasso.lambda_max(x, unit).max())
    if not top > 0:
        raise ValueError(
            "x must have a row that is not zero: codes of zeros have no non-zeros at any λ"
        )
    reached = {top: 0.0}  # the non-zeros of a row by λ

    def excess(exponent: float) -> float:
        """By what share there are more non-zeros at λ = top · e^exponent; 0 within `PRECISION`."""
        lam = top * math.exp(exponent)
        if lam not in reached:
            report()
            codes = lasso.solve(x, unit, lam, tol=1e-3, positive=True).codes
            reached[lam] = non_zeros(codes)
        share = reached[lam] / count - 1
        return share if abs(share) > PRECISION else 0.0

    low = 0.0
    while excess(low) < 0:  # downwards in steps, because small λ are slow
        lam = top * math.exp(low)
        low -= math.log(3)
        if math.exp(low) < LOWEST:
            message = f"count must be at most {reached[lam]:.3g}, the non-zeros at λ = {lam:.3g}, got {count:g}"
            raise TooMany(message, lam)
    exponent = brentq(excess, low, low + math.log(3), xtol=1e-3, maxiter=TRIES, disp=False)
    return float(f"{top * math.exp(exponent):.3g}")


def _share(missed: Tensor, energy: Tensor) -> float:
    """Return R², the share of the variance, `energy`, that is not `missed`; where nothing varies, 1 if nothing is missed, else
    0."""
    return float(1 - missed.sum() / energy.sum()) if energy.sum() > 0 else float(missed.sum() == 0)
