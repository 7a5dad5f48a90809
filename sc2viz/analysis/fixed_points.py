"""The fixed points of adaptive ISTA, Eq. (7), when its gates i and f are the same for all atoms and iterations.

At a fixed point c = g c̃ with g = i/(1 − f), and s = sh_{λτ}(c). This is the optimality condition of

    ½‖x − B s‖² + (λ/g)‖s‖₁ + (1 − g)/(2gτ) ‖s‖²

an elastic net. For g = 1, that is i + f = 1, it is the Lasso. For g < 1 the quadratic term shrinks the codes. For g > 1 the
quadratic term is negative, and the sum may have no minimum.
"""

import torch
from torch import Tensor

from sc2viz import lasso

SAME = 1e-6  # a sum i + f that is closer to 1 than this counts as 1; sliders move in hundredths


def gain(input_gate: float, forget_gate: float) -> float:
    """Return g = i/(1 − f): 0 for i = 0, infinity for f = 1. Raises ValueError for f > 1 or i < 0."""
    if forget_gate > 1 or input_gate < 0:
        raise ValueError(
            f"gates must satisfy i ≥ 0 and f ≤ 1, got i = {input_gate:g}, f = {forget_gate:g}"
        )
    if abs(input_gate + forget_gate - 1) < SAME and input_gate > 0:
        return 1.0
    if input_gate == 0:
        return 0.0
    return input_gate / (1 - forget_gate) if forget_gate < 1 else float("inf")


def destination(
    x: Tensor, B: Tensor, lam: float, input_gate: float, forget_gate: float
) -> Tensor | None:
    """Return the codes (n, d_s) of the fixed point, or None for g > 1, where a fixed point need not exist."""
    g = gain(input_gate, forget_gate)
    if g > 1:
        return None
    if g == 0:
        return x.new_zeros(len(x), B.shape[1])
    # An elastic net with the weight r of ‖s‖² is a Lasso with more rows: √r · I below B, and zeros below x.
    ridge = (1 - g) / g * lasso.lipschitz(B)
    extra_rows = ridge.sqrt() * torch.eye(B.shape[1], dtype=B.dtype, device=B.device)
    padded = torch.cat((x, x.new_zeros(len(x), B.shape[1])), dim=1)
    return lasso.solve(padded, torch.cat((B, extra_rows)), lam / g, tol=1e-4).codes
