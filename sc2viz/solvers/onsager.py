"""What AMP and LAMP share: a residual with Onsager's correction, and a threshold in units of its size.

v⁽ᵗ⁾ = x − B s⁽ᵗ⁻¹⁾ + (β_{t−1}/d_x) ‖s⁽ᵗ⁻¹⁾‖₀ v⁽ᵗ⁻¹⁾,    v⁽⁰⁾ = 0
s⁽ᵗ⁾ = β_t sh_{θ_t}(s⁽ᵗ⁻¹⁾ + Wᵀv⁽ᵗ⁾),    θ_t = α ‖v⁽ᵗ⁾‖₂/√d_x
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.activations import shrink
from sc2viz.solvers.interface import Solver


class MessageState(NamedTuple):
    t: int
    codes: Tensor
    residual: Tensor  # v⁽ᵗ⁾, (n, d_x)
    candidate: Tensor | None = None


def minimax(B: Tensor, label: str) -> float:
    """The α whose error is least for the worst codes, at δ = d_x/d_s: z > 0 with 2φ(z) / (z + 2(φ(z) − z Φ(−z))) = δ, as on
    Donoho and Tanner's curve (`analysis.phase_transition`). ValueError, which names the solver by its `label`, where δ ≥ 1.
    """
    d_x, d_s = B.shape
    if d_x >= d_s:
        raise ValueError(
            f"{label} needs more atoms than values a row, and B has {d_s} atoms of {d_x} values: take more, "
            "because with so few its threshold is 0"
        )
    low, high = 0.0, 40.0
    for _ in range(60):
        z = (low + high) / 2
        density, beyond = (
            math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
            math.erfc(z / math.sqrt(2)) / 2,
        )
        low, high = (
            (z, high) if 2 * density * d_s > d_x * (z + 2 * (density - z * beyond)) else (low, z)
        )
    return high


class MessagePassing(Solver):
    """A solver whose residual v remembers the one before."""

    def start(self, x: Tensor) -> MessageState:
        return MessageState(0, super().start(x).codes, x.new_zeros(x.shape))

    def pass_on(
        self,
        state: MessageState,
        x: Tensor,
        W: Tensor,
        alpha: Tensor | float,
        beta: Tensor | float = 1.0,
        previous_beta: Tensor | float = 1.0,
    ) -> MessageState:
        """The state after one iteration with the matrix W (d_x, d_s), α, β_t and β_{t−1}."""
        share = (state.codes != 0).to(x).sum(1, keepdim=True) / x.shape[1]
        v = x - state.codes @ self.dictionary.T + previous_beta * share * state.residual
        # ‖v‖/√d_x, of v in units of its largest entry: squares of a v that runs away would be infinite long before v is,
        # and an infinite threshold makes every code zero.
        top = v.abs().amax(1, keepdim=True).clamp_min(torch.finfo(v.dtype).tiny)
        size = top * torch.linalg.vector_norm(v / top, dim=1, keepdim=True) / math.sqrt(v.shape[1])
        candidate = state.codes + v @ W
        return MessageState(state.t + 1, beta * shrink(candidate, alpha * size), v, candidate)
