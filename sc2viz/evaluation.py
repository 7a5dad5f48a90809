"""How good codes are: fidelity, sparsity, distance to the optimum."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of every row in dB, (n,), for values whose peak is 1; inf where there is no error.

    The reconstruction (n, d_x) is taken as it is, not clipped to [0, 1].
    """
    if x.shape != reconstruction.shape:
        raise ValueError(f"x and reconstruction must agree in shape, got {tuple(x.shape)}, {tuple(reconstruction.shape)}")
    return -10 * torch.log10((x - reconstruction).square().mean(1))


def nonzero_share(codes: Tensor, threshold: float = 1e-3) -> Tensor:
    """The share of entries with |s| > `threshold` in every row of codes (n, d_s): (n,). 0 counts exact zeros only."""
    if not threshold >= 0:
        raise ValueError(f"threshold must be ≥ 0, got {threshold:g}")
    return (codes.abs() > threshold).to(torch.get_default_dtype()).mean(1)


def excess(objective: Tensor, optimum: Tensor) -> Tensor:
    """How far a mean objective lies above the mean optimum, in % of the latter: objective (…, n), optimum (n,) → (…).

    0 where both are 0 (pictures of zeros).
    """
    best = optimum.double().mean()
    above = objective.double().mean(-1) - best
    return torch.where(best > 0, 100 * above / best.clamp_min(torch.finfo(torch.float64).tiny), 0.0)
