"""ISTA, a recurrent network without training (Eq. 5–6; Daubechies et al. 2004).

c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    s⁽ᵗ⁾ = sh_{λτ}(c̃⁽ᵗ⁾)
W_e = I − τBᵀB,    W_d = τBᵀ,    τ = 1/‖B‖₂²

`positive` keeps codes ≥ 0, by s⁽ᵗ⁾ = max(0, c̃⁽ᵗ⁾ − λτ).

With a mask M, True where x was observed:    c̃⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + τBᵀM(x − B s⁽ᵗ⁻¹⁾)
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.solvers.interface import Solver, State, Tied, Traits, register, shrunk, step_size


class Drive(NamedTuple):
    fixed: Tensor  # W_d x, (n, d_s)
    recurrent: Tensor  # W_eᵀ, (d_s, d_s)
    theta: Tensor  # λτ


class Masked(NamedTuple):
    """What fixes ½‖M(x − B s)‖² + λ‖s‖₁. Every sample has a Gram matrix of its own there, so that an iteration takes two
    products with B. The step τ stays, for ‖MB‖₂ ≤ ‖B‖₂."""

    fixed: Tensor  # τBᵀMx, (n, d_s)
    atoms: Tensor  # B, (d_x, d_s)
    weight: Tensor  # τM, (n, d_x)
    theta: Tensor  # λτ


def step_down(s: Tensor, drive: Drive | Masked) -> Tensor:
    """Return c̃ (n, d_s), a step down the gradient from codes s (n, d_s)."""
    if isinstance(drive, Masked):
        return s + drive.fixed - (drive.weight * (s @ drive.atoms.T)) @ drive.atoms
    return torch.addmm(drive.fixed, s, drive.recurrent)


@register
class ISTA(Solver):
    name, label = "ista", "ISTA"
    summary = "A step down the gradient, then a soft threshold."
    equation = (
        r"\begin{gathered} s^{(t)} = h_\theta\bigl(W_e\, s^{(t-1)} + W_d\, x\bigr) \\ "
        r"W_e = I - \tau B^\top B,\quad W_d = \tau B^\top \\ "
        r"\theta = \lambda\tau,\quad \tau = 1/\lVert B\rVert_2^2 \end{gathered}"
    )
    source = "Eq. (5)–(6); Daubechies, Defrise & De Mol 2004"
    traits = Traits(activation="shrinkage", family="paper")
    h = shrunk

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, positive: bool = False
    ):
        """`positive`: codes are kept ≥ 0."""
        super().__init__(Tied(B), steps, classes)
        if positive:
            self.traits = self.traits.of_codes_above_zero()

    def drive(self, x: Tensor, lam: Tensor, mask: Tensor | None = None) -> Drive | Masked:
        if mask is not None:
            B, tau = self.dictionary, step_size(self.dictionary)
            weight = tau * mask.to(x)
            return Masked((weight * x) @ B, B, weight, lam * tau)
        W = self.weights.matrices()
        return Drive(
            x @ W.W_d.T, W.W_e.T.contiguous(), lam * W.step
        )  # few rows are multiplied faster by it

    def step(self, state: State, drive: Drive | Masked) -> State:
        candidate = step_down(state.codes, drive)
        return State(state.t + 1, self.h(candidate, drive), candidate=candidate)
