"""LISTA: ISTA's network with its matrices and thresholds learned, the same in every layer (Gregor & LeCun 2010).

    c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾),    θ_j = λτ e^{a_j}

Untrained it is ISTA. `preset`: "recommended" learns corrections around B; "paper" learns free matrices (weights.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sc2viz.solvers.cell import Solver
from sc2viz.solvers.ista import ISTA, Drive
from sc2viz.solvers.weights import Corrected, Plain


class LISTA(ISTA):
    name = "lista"

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None, *, preset: str = "recommended"):
        Solver.__init__(self, Corrected(B) if preset == "recommended" else Plain(B), steps, classes)
        self.a = nn.Parameter(B.new_zeros(B.shape[1]))

    def drive(self, x: Tensor, lam: Tensor) -> Drive:
        W = self.weights.matrices()
        return Drive(x @ W.W_d.T, W.W_e.T, lam * W.step * torch.exp(self.a))
