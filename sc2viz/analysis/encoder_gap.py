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

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, defaults, lasso, solvers
from sc2viz.analysis import recovery

LOWEST = 1e-4  # of the largest λ_max: the smallest λ that `lambda_for` tries
PRECISION, TRIES = (
    0.01,
    12,
)  # of the number of non-zeros, at which `lambda_for` stops, at the latest after so many λ


class TooMany(ValueError):
    """Exact codes have fewer non-zeros than asked for even at `lam`, the smallest λ that was tried."""

    def __init__(self, said: str, lam: float):
        super().__init__(said)
        self.lam = lam


@dataclass(frozen=True)
class EncoderGap:
    """Codes of n rows at one λ beside what their atoms could do. Tensors are (n,) float64."""

    F: Tensor  # F(s, D)
    optimum: Tensor  # F*(D)
    certificate: (
        Tensor  # the duality gap of `optimum`, relative to it: F*(D) is at most so much lower
    )
    count: Tensor  # codes above 0
    exact_count: Tensor
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
        """The share that exact codes explain."""
        return _share(self.exact_missed, self.energy)

    @property
    def encoder(self) -> Tensor:
        """The encoder's gap F(s, D) − F*(D) of every row, (n,)."""
        return self.F - self.optimum

    @property
    def dictionary(self) -> Tensor:
        """The dictionary's gap F*(D) − F*(D★) of every row, (n,); ValueError where no D★ was given."""
        if self.bar is None:
            raise ValueError("the dictionary's gap is one to a better dictionary: pass bar, its F*")
        return self.optimum - self.bar

    @property
    def percent(self) -> float:
        """The encoder's mean gap in % of the mean F*(D)."""
        return _percent(self.encoder, self.optimum)

    @property
    def dictionary_percent(self) -> float:
        """The dictionary's mean gap in % of the mean F*(D★)."""
        return _percent(self.dictionary, self.bar)

    @property
    def distances(self) -> Tensor:
        """The encoder's gap of every row in % of its F*(D), (n,); 0 for a row of zeros."""
        return torch.where(
            self.optimum > 0, 100 * self.encoder / self.optimum.clamp_min(1e-300), 0.0
        )


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
    """F*(D) of codes ≥ 0 of rows x (n, d_x) on atoms D (d_x, d_s) scaled to norm 1: (n,) float64. start: see `measure`."""
    x, unit = x.double(), lasso.normalised(D.double())
    return lasso.objective(
        x, lasso.solve(x, unit, lam, tol=tol, start=start, positive=True).codes, unit, lam
    )


def exact_codes(x: Tensor, D: Tensor, lams: Sequence[float]) -> Tensor:
    """Exact codes ≥ 0 of rows x (n, d_x) at each λ, on atoms D (d_x, d_s) scaled to norm 1: (k, n, d_s) float64."""
    path = lasso.path(x, lasso.normalised(D), 0.999 * min(lams), positive=True)
    return path.at_each(lams)


def optima(x: Tensor, D: Tensor, lams: Sequence[float]) -> Tensor:
    """`optimum` at each λ: (k, n)."""
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
    solver: solvers.Solver, x: Tensor, bars: Tensor, lams: Sequence[float], given: Sequence[float]
) -> GapCourse:
    """The two gaps of a solver's codes of rows x (n, d_x) at each λ of `lams`, where it is called with the λ of `given`.
    bars (k, n): F*(D★) of the rows there, the `optima` on D★."""
    rest, D, found = solver.centred(x), solver.dictionary, []
    starts = exact_codes(rest.double(), D.double(), lams)
    for lam, call, bar, start in zip(lams, given, bars, starts, strict=True):
        gap = measure(rest, solver(x, call), D, lam, bar=bar, start=start)
        means = (
            part.double().mean() for part in (gap.F, gap.optimum, bar, gap.count, gap.exact_count)
        )
        found.append(
            [
                lam,
                *map(float, means),
                0.5 * float(rest.double().square().sum(1).mean()),
                gap.r2,
                gap.exact_r2,
            ]
        )
    return GapCourse(*np.array(found).T)


@dataclass(frozen=True, eq=False)
class StepCourse:
    """What a solver reaches after 0 … T steps, and what a row costs until then: (T + 1,) each; codes of one row."""

    excess: np.ndarray  # % above F*(D★)
    multiplications: np.ndarray
    codes: np.ndarray  # (T + 1, 1, d_s)

    def at(self, steps: Sequence[int]) -> "StepCourse":
        """The same after some steps alone."""
        return StepCourse(*(part[list(steps)] for part in vars(self).values()))

    @staticmethod
    def join(courses: Sequence["StepCourse"]) -> "StepCourse":
        """One course after the other."""
        parts = zip(*(vars(course).values() for course in courses), strict=True)
        return StepCourse(*map(np.concatenate, parts))


@torch.no_grad()
def stepping(
    solver: solvers.Solver, x: Tensor, row: Tensor, lam: float, least: float
) -> StepCourse:
    """The steps of a solver on D★ at λ. x (n, d_x), of which the means are taken; row (1, d_x); least: the mean F*(D★)."""
    rest, D = solver.centred(x).double(), solver.dictionary
    F = [
        lasso.honest_objective(rest, codes, D, lam).mean().item()
        for codes in solver.trace(x, lam).codes
    ]
    costs = recovery.multiplications(solver, solver.steps)
    return StepCourse(
        100 * (np.array(F) / least - 1),
        np.array(costs, float),
        solver.trace(row, lam).codes.numpy(),
    )


def r2(x: Tensor, codes: Tensor, D: Tensor) -> float:
    """The share of the variance of rows x (n, d_x) that codes (n, d_s) of any sign explain."""
    return _share(lasso.residual(x, codes, D).square().sum(), (x - x.mean(0)).square().sum())


def pursued_r2(x: Tensor, D: Tensor, k: int) -> float:
    """R² of OMP with k atoms, whose codes have any sign, on atoms D (d_x, d_s) scaled to norm 1."""
    unit = lasso.normalised(D)
    return r2(x, solvers.build(defaults.PURSUIT, unit, k)(x, 1.0), unit)


def non_zeros(codes: Tensor) -> float:
    """The mean number of entries of a row that are not 0."""
    return (codes != 0).sum(1).double().mean().item()


def lambda_for(
    x: Tensor,
    D: Tensor,
    count: float,
    *,
    positive: bool = True,
    report: Callable[[], None] = lambda: None,
) -> float:
    """The λ, to three digits, at which exact codes of rows x (n, d_x) on atoms D (d_x, d_s), scaled to norm 1, have `count`
    non-zeros on average.

    `report` is called before each λ that is tried. ValueError for a count ≤ 0; `TooMany` for one that no λ from a
    ten-thousandth of the largest λ_max on reaches.
    """
    arguments.positive("count", count)
    unit = lasso.normalised(D)

    def counted(lam: float) -> float:
        report()
        return non_zeros(lasso.solve(x, unit, lam, tol=1e-3, positive=positive).codes)

    top = float(lasso.lambda_max(x, unit).max())
    if not top > 0:
        raise ValueError(
            "x must have a row that is not zero: codes of zeros have no non-zeros at any λ"
        )
    high, few, low, many = top, 0.0, top, 0.0
    while many < count:  # downwards in steps, because small λ are slow
        if low / 3 < LOWEST * top:
            raise TooMany(
                f"count must be at most {many:.3g}, the non-zeros at λ = {low:.3g}, got {count:g}",
                low,
            )
        high, few, low = low, many, low / 3
        many = counted(low)
    best = low
    for _ in range(
        TRIES
    ):  # between λ with too many and with too few, where log count is nearly linear in log λ
        if abs(many - count) <= PRECISION * count:
            return float(f"{low:.3g}")
        share = math.log(many / count) / math.log(many / few) if few > 0 else 0.5
        best = low * (high / low) ** min(max(share, 0.05), 0.95)
        found = counted(best)
        if abs(found - count) <= PRECISION * count:
            break
        low, many, high, few = (
            (best, found, high, few) if found >= count else (low, many, best, found)
        )
    return float(f"{best:.3g}")


def _share(missed: Tensor, energy: Tensor) -> float:
    """R²; where nothing varies, 1 if nothing is missed, else 0."""
    return float(1 - missed.sum() / energy.sum()) if energy.sum() > 0 else float(missed.sum() == 0)


def _percent(gap: Tensor, optimum: Tensor) -> float:
    mean = optimum.mean().item()
    return 100 * gap.mean().item() / mean if mean > 0 else 0.0
