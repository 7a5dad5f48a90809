"""The duality gap, from the codes s and the correlations Bᵀ(x − B s): see `lasso.duality_gap`. Tensors, on any device; and
which samples have one that float64 can prove."""

import numpy as np
import torch
from torch import Tensor

SMALLEST_SHARE = 1e-10  # A λ below this share of λ_max is refused: rounding in Bᵀ(x − B s) is no longer small beside it.

Rows = Tensor | np.ndarray  # one entry or row a sample, on any device or by NumPy


def absolute(
    codes: Tensor, correlation: Tensor, residual_square: Tensor, lam: Tensor, positive: bool
) -> Tensor:
    """Return the duality gap, F(s) minus the dual at the scaled residual, (n,): codes and correlation (n, d_s), ‖x − B s‖² (n,),
    lam (n, 1)."""
    # ½‖r‖² + λ‖s‖₁ − c⟨x, r⟩ + ½c²‖r‖² with ⟨x, r⟩ = ‖r‖² + ⟨s, Bᵀr⟩: no large terms left to cancel
    largest = (correlation if positive else correlation.abs()).amax(1)
    scale = lam[:, 0] / torch.maximum(largest, lam[:, 0])
    fit = 0.5 * (1 - scale).square() * residual_square
    return (fit + (lam * codes.abs() - scale[:, None] * codes * correlation).sum(1)).clamp_min(0)


def relative(
    codes: Tensor, correlation: Tensor, residual_square: Tensor, lam: Tensor, positive: bool
) -> Tensor:
    """Return the duality gap as a share of F(s), (n,), from what `absolute` takes; NaN or infinity where numbers overflow."""
    gap = absolute(codes, correlation, residual_square, lam, positive)
    value = 0.5 * residual_square + (lam * codes.abs()).sum(1)
    return torch.where(gap == 0, 0, gap / value.clamp_min(torch.finfo(value.dtype).tiny))


def of_codes(
    x: Tensor, codes: Tensor, B: Tensor, lam: Tensor, positive: bool, mask: Tensor | None = None
) -> Tensor:
    """Return the duality gap of codes (n, d_s) as a share of F, (n,), for x (n, d_x), B (d_x, d_s) and lam (n, 1); `mask`
    (n, d_x) says which entries of x count."""
    residual = x - codes @ B.T
    if mask is not None:
        residual = torch.where(mask, residual, 0)
    return relative(codes, residual @ B, residual.square().sum(1), lam, positive)


def provable(x: Rows, sizes: Rows, square: Rows, largest: Rows, lam: Rows) -> Rows:
    """Return whether ‖x‖² = `square` and all ‖b_j‖² = `sizes` are in the range of float64, (n,); `largest` (n,) is λ_max.

    ValueError for a λ below 1e-10 of its sample's λ_max.
    """
    limits = np.finfo(np.float64)
    small = square <= limits.tiny / limits.eps
    fits = (square < np.inf) & ~small & (sizes < np.inf).all()  # false for NaN
    fits[small] = (x[small] == 0).all(1)
    wrong = fits & (lam < SMALLEST_SHARE * largest)
    if wrong.any():
        raise ValueError(
            f"lam must be ≥ {SMALLEST_SHARE:g} of λ_max = {largest[wrong][0]:g}, got {lam[wrong][0]:g}: float64 could not "
            "prove the codes; raise lam or rescale B"
        )
    return fits
