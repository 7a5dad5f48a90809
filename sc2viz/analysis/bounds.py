"""What codes prove: the lowest value that F can still have, iteration by iteration."""

import torch
from torch import Tensor

from sc2viz import lasso


def course(
    x: Tensor, codes: Tensor, B: Tensor, lam: float, positive: bool = False
) -> tuple[Tensor, Tensor]:
    """Return F of the codes (T + 1, d_s) of one picture x (1, d_x), and the best bound F* ≥ … up to each: (T + 1,) float64 both.

    The bound is the dual objective at the residual, scaled until it is feasible (`lasso.duality_gap`). positive: codes ≥ 0.
    """
    x, codes, B = x.double().expand(len(codes), -1), codes.double(), B.double()
    F = lasso.objective(x, codes, B, lam)
    return F, torch.cummax(F - lasso.duality_gap(x, codes, B, lam, positive=positive), 0).values
