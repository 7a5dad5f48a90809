"""LISTA: ISTA's network with learned matrices and thresholds, the same in every layer (Gregor & LeCun 2010).

    c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾),    θ_j = λτ exp(a_j + v_j z),    z = log₁₀λ + 1

Untrained it is ISTA. `preset`: "recommended" learns corrections around B; "paper" learns free matrices (weights.py)
and has no v. With `norm` (weights.py) every brightness is the same to it.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from sc2viz.solvers.cell import Solver
from sc2viz.solvers.ista import ISTA, Drive
from sc2viz.solvers.registry import register
from sc2viz.solvers.traits import TAUGHT
from sc2viz.solvers.weights import Corrected, Plain, brightness, learn_thresholds, thresholds


@register
class LISTA(ISTA):
    name, label = "lista", "LISTA"
    summary = "ISTA with learned matrices and thresholds."
    equation = r"s^{(t)} = h_{\theta}\bigl(W_e\, s^{(t-1)} + W_d\, x\bigr)"
    source = "Gregor & LeCun 2010"
    traits = replace(ISTA.traits, learned=True, untrained="equals ISTA", variants=TAUGHT)

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None, *, preset: str = "recommended",
                 norm: float | None = None, positive: bool = False):  # fmt: skip
        """`norm`: a typical ‖x‖ of the pictures, with which it takes every brightness alike. `positive`: codes are kept
        ≥ 0."""
        Solver.__init__(self, Plain(B) if preset == "paper" else Corrected(B), steps, classes)
        if positive:
            self.traits = self.traits.of_codes_above_zero()
        learn_thresholds(self, B, preset, norm)

    def drive(self, x: Tensor, lam: Tensor) -> Drive:
        W = self.weights.matrices()
        return Drive(x @ W.W_d.T, W.W_e.T, thresholds(self, lam, W.step, brightness(x, self.norm)))
