"""What is minimised. Each gives one value a sample, (n,); a step of training takes a weighted mean.

    codes         ½‖s − s*‖², s* the exact codes on B₀                         LISTA's own supervision (Gregor & LeCun 2010)
    sc2net        ½‖x − B s‖² + λ‖s‖₁                                          Eq. (10) with the ½ of Eq. (6)
    supervised    sc2net + weight · cross-entropy of softmax(C s)              Eq. (11)
    codes-supervised    codes + the same                                       Table 1's supervised LISTA and LFISTA

With free atoms `sc2net` can be cheated: large atoms and small codes leave the ℓ1 term nothing to hold on to.
"""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

from sc2viz import lasso
from sc2viz.solvers import Solver

NAMES = ("codes", "sc2net", "supervised", "codes-supervised")
REGRESSING = ("codes", "codes-supervised")  # these leave the dictionary alone, for s* belongs to it
LABELLED = ("supervised", "codes-supervised")
LAMBDA_RANGE = (0.01, 1.0)  # what "every λ" means: drawn log-uniformly from here …
TILT = 0.25  # … and weighted by λ^−TILT


def codes(solver: Solver, x: Tensor, lam: Tensor | float, target: Tensor) -> Tensor:
    """`target` (n, d_s): exact codes on the solver's dictionary, which this loss leaves alone."""
    return 0.5 * (solver(x, lam) - target).square().sum(1)


def sc2net(solver: Solver, x: Tensor, lam: Tensor | float) -> Tensor:
    return lasso.objective(x, solver(x, lam), solver.dictionary, lam)


def supervised(solver: Solver, x: Tensor, lam: Tensor | float, labels: Tensor, weight: float) -> Tensor:
    """`labels` (n,) int64; `weight` multiplies the cross-entropy, which is a mean over the batch like the rest."""
    s = solver(x, lam)
    return lasso.objective(x, s, solver.dictionary, lam) + weight * _cross_entropy(solver, s, labels)


def codes_supervised(solver: Solver, x: Tensor, lam: Tensor | float, target: Tensor, labels: Tensor,
                     weight: float) -> Tensor:  # fmt: skip
    s = solver(x, lam)
    return 0.5 * (s - target).square().sum(1) + weight * _cross_entropy(solver, s, labels)


def _cross_entropy(solver: Solver, s: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(solver.head(s), labels, reduction="none")


def draw_lambda(uniform: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers in [0, 1) → λ log-uniform on LAMBDA_RANGE and its weight, λ^−¼ over the mean of that.

    F itself grows about as √λ: this is half way between absolute and relative errors. With λ^−½ one dictionary for every
    λ falls behind at large λ, with equal weights at small ones.
    """
    low, high = LAMBDA_RANGE
    lam = low * (high / low) ** uniform
    mean = (low**-TILT - high**-TILT) / (TILT * math.log(high / low))
    return lam, lam**-TILT / mean
