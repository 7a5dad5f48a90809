"""The duality gap, from the codes s and the correlations Bᵀ(x − B s): see `lasso.duality_gap`. Tensors, on any device."""

from __future__ import annotations

import torch
from torch import Tensor


def absolute(codes: Tensor, correlation: Tensor, residual_square: Tensor, lam: Tensor, positive: bool) -> Tensor:
    """F(s) minus the dual at the scaled residual, (n,): codes and correlation (n, d_s), ‖x − B s‖² (n,), lam (n, 1)."""
    # ½‖r‖² + λ‖s‖₁ − c⟨x, r⟩ + ½c²‖r‖² with ⟨x, r⟩ = ‖r‖² + ⟨s, Bᵀr⟩: no large terms left to cancel
    largest = (correlation if positive else correlation.abs()).amax(1)
    scale = lam[:, 0] / torch.maximum(largest, lam[:, 0])
    fit = 0.5 * (1 - scale).square() * residual_square
    return (fit + (lam * codes.abs() - scale[:, None] * codes * correlation).sum(1)).clamp_min(0)


def relative(codes: Tensor, correlation: Tensor, residual_square: Tensor, lam: Tensor, positive: bool) -> Tensor:
    """`absolute`, as a share of F(s); NaN or infinity where numbers overflow."""
    gap = absolute(codes, correlation, residual_square, lam, positive)
    value = 0.5 * residual_square + (lam * codes.abs()).sum(1)
    return torch.where(gap == 0, 0, gap / value.clamp_min(torch.finfo(value.dtype).tiny))
