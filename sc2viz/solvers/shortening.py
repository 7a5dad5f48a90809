"""A bound that a learned cell keeps by construction: from its T-th iteration on, no code is worse than the code of zeros.

    s⁽ᵗ⁾ = β h(c⁽ᵗ⁾) for t ≥ T,    β = (⟨x, B s⟩ − λ‖s‖₁)₊ / ‖B s‖² where F(s) > F(0), else 1,    s = h(c⁽ᵗ⁾)

Along a code, F(βs) = ½‖x‖² − β (⟨x, B s⟩ − λ‖s‖₁) + ½ β² ‖B s‖² is a parabola in β ≥ 0, and the β above is where it is
least, so that F(βs) ≤ F(0) = ½‖x‖². Whatever the weights, the picture, λ and t ≥ T, F(s⁽ᵗ⁾) ≤ F(0) follows, and with it
‖s⁽ᵗ⁾‖₁ ≤ ‖x‖²/2λ. Where F(s) > F(0), β is below ½. A code that is no worse than the code of zeros stays as it is, so that a
network keeps its codes on the pictures that it was trained on; its first iterations, in which learned networks take steps
so long that F rises, stay as they are, too. The codes of αx at αλ are α times those of x at λ if they are so without β.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from sc2viz.solvers.interface import Solver


class Limit(NamedTuple):
    """What F(0) and F(s) are computed from."""

    x: Tensor  # (n, d_x)
    lam: Tensor  # () or (n, 1)
    atoms: Tensor  # B, (d_x, d_s)
    steps: int  # T


def limit(solver: Solver, x: Tensor, lam: Tensor) -> Limit | None:
    """Return what bounds codes of x (n, d_x) at λ, () or (n, 1); None for a solver that does not shorten."""
    return Limit(x, lam, solver.dictionary, solver.steps) if solver.shorten else None


def shortened(codes: Tensor, t: int, drive: Any) -> Tensor:
    """Return codes (n, d_s) after iteration t, of which those with F above F(0) are scaled to their best length; all stay as they
    are where the drive has no limit, and for t < T."""
    limit: Limit | None = getattr(drive, "limit", None)
    if limit is None or t < limit.steps:
        return codes
    sums = codes @ limit.atoms.T
    gain = (limit.x * sums).sum(1, keepdim=True) - limit.lam * codes.abs().sum(1, keepdim=True)
    length = sums.square().sum(1, keepdim=True)
    best = gain.relu() / length.clamp_min(torch.finfo(codes.dtype).tiny)
    return torch.where(length > 2 * gain, best, 1.0) * codes
