"""The matrices W (d_x, d_s) that ALISTA and HyperLISTA compute from the dictionary instead of learning them.

    ALISTA        min ‖WᵀB‖_F   with w_iᵀb_i = 1:               w_i = P b_i / (b_iᵀ P b_i),    P = (B Bᵀ)⁺
    with a ridge  min ‖WᵀB‖²_F + ρ‖W‖²_F   with w_iᵀb_i = 1:    the same with P = (B Bᵀ + ρI)⁻¹
    HyperLISTA    the same with W = M B and M symmetric:         M = P B diag(μ) Bᵀ P,    (H ∘ H) μ = 1,    H = Bᵀ P B

Liu et al. 2019 and Chen et al. 2021 iterate towards these optima; the closed forms are ours. The first holds atom by atom.
For the second, the gradient of ½‖BᵀMB − I‖² − Σ_i ν_i b_iᵀMb_i is zero at M = P B (I + diag ν) Bᵀ P, and b_iᵀMb_i = 1 then
is Σ_j H_ij² μ_j = 1. An atom of zeros has w = 0.

The ridge is ours. White noise on x has ‖w_i‖² times its variance in Wᵀx, and without a ridge ‖w_i‖² is large: for Gaussian
atoms and d_x/d_s = ½ it is 2, that is 3 dB. feeds/na-alista iterates 1,000 times with a step that shrinks and stops before
the optimum, at ‖w_i‖² = 1.45, which has the effect of a ridge.
"""

import torch
from torch import Tensor


def coupled(B: Tensor, label: str, ridge: float = 0.0) -> Tensor:
    """Return ALISTA's W (d_x, d_s), with ρ = `ridge`. ValueError, which names the solver by its `label`, where there is nothing
    to minimise, and for a ridge below 0."""
    if not 0 <= ridge < float("inf"):
        raise ValueError(
            f"ridge, the weight of ‖W‖² beside ‖WᵀB‖², must be ≥ 0 and finite, got {ridge!r}"
        )
    P, atoms = _inverse(B, label, ridge)
    W = P @ atoms
    scale = (atoms * W).sum(0)
    return torch.where(scale > 0, W / torch.where(scale > 0, scale, 1), 0).to(B)


def symmetric(B: Tensor, label: str) -> Tensor:
    """Return HyperLISTA's W (d_x, d_s), M B with a symmetric M; ValueError as for `coupled`."""
    P, atoms = _inverse(B, label)
    H = atoms.T @ P @ atoms
    used = H.diagonal() > 0
    mu = torch.linalg.lstsq(H.square(), used.to(H)[:, None], driver="gelsd").solution
    return (P @ atoms @ (mu * H)).to(B)


def _inverse(B: Tensor, label: str, ridge: float = 0.0) -> tuple[Tensor, Tensor]:
    """Return P = (B Bᵀ + ρI)⁺ (d_x, d_x), with ρ = `ridge`, and B, both in float64 on the CPU; raise ValueError, which names the
    solver by its `label`, for fewer atoms than values a row."""
    d_x, d_s = B.shape
    if d_x > d_s:
        raise ValueError(
            f"{label} needs at least as many atoms as values a row, and B has {d_s} atoms of {d_x} values. Take more "
            "atoms: with fewer, W is the pseudo-inverse of B, whose first step is least squares: nothing is left to learn"
        )
    atoms = B.detach().double().cpu()
    gram = atoms @ atoms.T + ridge * torch.eye(d_x, dtype=atoms.dtype)
    return torch.linalg.pinv(gram, hermitian=True), atoms
