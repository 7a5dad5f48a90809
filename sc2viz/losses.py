"""What is minimised. Each gives one value a sample, (n,); a step of training takes a weighted mean.

    codes         ½‖s − s*‖², s* the exact codes on B₀                         LISTA's own supervision (Gregor & LeCun 2010)
    sc2net        ½‖x − B s‖² + λ‖s‖₁                                          Eq. (10) with the ½ of Eq. (6)
    supervised    sc2net + weight · cross-entropy of softmax(C s)              Eq. (11)

With free atoms `sc2net` can be cheated: large atoms and small codes leave the ℓ1 term nothing to hold on to.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import lasso
from sc2viz.solvers import Solver

NAMES = ("codes", "sc2net", "supervised")


def codes(solver: Solver, x: Tensor, lam: Tensor | float, target: Tensor) -> Tensor:
    """`target` (n, d_s): exact codes on the solver's dictionary, which this loss leaves alone."""
    return 0.5 * (solver(x, lam) - target).square().sum(1)


def sc2net(solver: Solver, x: Tensor, lam: Tensor | float) -> Tensor:
    return lasso.objective(x, solver(x, lam), solver.dictionary, lam)


def supervised(solver: Solver, x: Tensor, lam: Tensor | float, labels: Tensor, weight: float) -> Tensor:
    """`labels` (n,) int64; `weight` multiplies the cross-entropy, which is a mean over the batch like the rest."""
    s = solver(x, lam)
    cross_entropy = functional.cross_entropy(solver.head(s), labels, reduction="none")
    return lasso.objective(x, s, solver.dictionary, lam) + weight * cross_entropy


def lambda_weight(lam: Tensor, low: float, high: float) -> Tensor:
    """λ^−½ over its mean for λ log-uniform on [low, high]: small λ have small losses, and count all the same."""
    ends = torch.tensor([low, high], dtype=torch.float64)
    mean = 2 * (ends[0].rsqrt() - ends[1].rsqrt()) / torch.log(ends[1] / ends[0])
    return lam.rsqrt() / mean.item()
