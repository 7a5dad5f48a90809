"""AMP, approximate message passing: ISTA with steps of length 1 and a memory of its error (Donoho, Maleki & Montanari 2009).

    v⁽ᵗ⁾ = x − B s⁽ᵗ⁻¹⁾ + (1/d_x) ‖s⁽ᵗ⁻¹⁾‖₀ v⁽ᵗ⁻¹⁾,    v⁽⁰⁾ = 0
    s⁽ᵗ⁾ = sh_{θ_t}(s⁽ᵗ⁻¹⁾ + Bᵀv⁽ᵗ⁾),    θ_t = α ‖v⁽ᵗ⁾‖₂/√d_x

The last term of v, Onsager's, keeps what is wrong in s + Bᵀv like white noise of the standard deviation ‖v‖/√d_x, if the
entries of B are independent and of variance 1/d_x: `analysis.state_evolution` then says the error of every iteration. On
other dictionaries it may run away. By default α is the minimax one of d_x/d_s. It has no λ; where it comes to
rest with norms of 1, it solves the Lasso for λ = θ (1 − ‖s‖₀/d_x).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.activations import shrink
from sc2viz.solvers.interface import Solver, Tied, Traits, register


class MessageState(NamedTuple):
    t: int
    codes: Tensor
    residual: Tensor  # v⁽ᵗ⁾, (n, d_x)
    candidate: Tensor | None = None


def find_minimax_alpha(B: Tensor, label: str) -> float:
    """Return AMP's minimax α, whose error on the worst codes is least at δ = d_x/d_s: the z > 0 with 2φ(z) / (z + 2(φ(z) − z
    Φ(−z))) = δ, as on Donoho and Tanner's curve (`analysis.phase_transition`). ValueError, which names the solver by its `label`,
    where δ ≥ 1."""
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


@register
class AMP(Solver):
    name, label = "amp", "AMP"
    summary = "ISTA with a residual that remembers, so that its error looks like white noise."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + B^\top v^{(t)}\bigr),\quad "
        r"\theta_t = \alpha\, \lVert v^{(t)}\rVert_2/\sqrt{d_x} \\ "
        r"v^{(t)} = x - B\, s^{(t-1)} + \tfrac{1}{d_x}\lVert s^{(t-1)}\rVert_0\, v^{(t-1)} \end{gathered}"
    )
    source = "Donoho, Maleki & Montanari 2009"
    remarks = "It is made for atoms with independent entries; on others it may run away."
    traits = Traits(uses_lambda=False, aims_at="code", evolution=True)

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, alpha: float | None = None
    ):
        """`alpha`: the threshold in units of ‖v‖/√d_x; the minimax one of d_x/d_s by default."""
        super().__init__(Tied(B), steps, classes)
        if alpha is not None and not 0 <= alpha < math.inf:
            raise ValueError(
                f"alpha, of the threshold, must be ≥ 0 and finite, got {alpha}: leave it out for the default"
            )
        self.alpha = find_minimax_alpha(B, self.label) if alpha is None else float(alpha)

    def start(self, x: Tensor) -> MessageState:
        return MessageState(0, super().start(x).codes, x.new_zeros(x.shape))

    def step(self, state: MessageState, drive: Tensor) -> MessageState:
        return self.pass_on(state, drive, self.dictionary, self.alpha)

    def pass_on(
        self,
        state: MessageState,
        x: Tensor,
        W: Tensor,
        alpha: Tensor | float,
        beta: Tensor | float = 1.0,
        previous_beta: Tensor | float = 1.0,
    ) -> MessageState:
        """Return the state after one iteration with the matrix W (d_x, d_s), the threshold α in units of ‖v‖/√d_x, and the
        factors β_t and β_{t−1} of codes, which are 1 in AMP."""
        share = (state.codes != 0).to(x).sum(1, keepdim=True) / x.shape[1]
        v = x - state.codes @ self.dictionary.T + previous_beta * share * state.residual
        # ‖v‖/√d_x, of v in units of its largest entry: squares of a v that runs away would be infinite long before v is,
        # and an infinite threshold makes every code zero.
        top = v.abs().amax(1, keepdim=True).clamp_min(torch.finfo(v.dtype).tiny)
        size = top * torch.linalg.vector_norm(v / top, dim=1, keepdim=True) / math.sqrt(v.shape[1])
        candidate = state.codes + v @ W
        return MessageState(state.t + 1, beta * shrink(candidate, alpha * size), v, candidate)
