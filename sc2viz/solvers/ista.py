"""ISTA, a recurrent network without training (Eq. 5–6; Daubechies et al. 2004).

c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    s⁽ᵗ⁾ = sh_{λτ}(c̃⁽ᵗ⁾)
W_e = I − τBᵀB,    W_d = τBᵀ,    τ = 1/‖B‖₂²
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.activations import shrink
from sc2viz.solvers.cell import Solver, State
from sc2viz.solvers.traits import Traits
from sc2viz.solvers.weights import Tied


class Drive(NamedTuple):
    fixed: Tensor  # W_d x, (n, d_s)
    recurrent: Tensor  # W_eᵀ, (d_s, d_s)
    theta: Tensor  # λτ


class ISTA(Solver):
    name, label = "ista", "ISTA"
    summary = "A step down the gradient, then a soft threshold."
    equation = (
        r"\begin{gathered} s^{(t)} = h_\theta\bigl(W_e\, s^{(t-1)} + W_d\, x\bigr) \\ "
        r"W_e = I - \tau B^\top B,\quad W_d = \tau B^\top \\ "
        r"\theta = \lambda\tau,\quad \tau = 1/\lVert B\rVert_2^2 \end{gathered}"
    )
    source = "Eq. (5)–(6); Daubechies, Defrise & De Mol 2004"
    traits = Traits(activation="shrinkage")

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Tied(B), steps, classes)

    def drive(self, x: Tensor, lam: Tensor) -> Drive:
        W = self.weights.matrices()
        return Drive(x @ W.W_d.T, W.W_e.T, lam * W.step)

    def step(self, state: State, drive: Drive) -> State:
        candidate = torch.addmm(drive.fixed, state.codes, drive.recurrent)
        return State(state.t + 1, self.h(candidate, drive), candidate=candidate)

    def h(self, c: Tensor, drive: Drive) -> Tensor:
        """The activation, shrinkage by θ, elementwise on c (n, d_s)."""
        return shrink(c, drive.theta)
