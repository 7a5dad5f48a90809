"""LISTA: ISTA's network with learned matrices and thresholds, the same in every layer (Gregor & LeCun 2010).

    c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾),    θ_j = λτ exp(a_j + v_j z),    z = log₁₀λ + 1

Untrained it is ISTA. `preset`: "recommended" learns corrections around B; "paper" learns free matrices (weights.py)
and has no v. With `norm` (weights.py) every brightness is the same to it, and with `shorten` (shortening.py) F ≤ F(0) at
every t ≥ T.
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.solvers.interface import Corrected, Plain, Solver, State, register
from sc2viz.solvers.ista import ISTA
from sc2viz.solvers.shortening import Limit, limit, shortened
from sc2viz.solvers.traits import TAUGHT
from sc2viz.solvers.weights import brightness, learn_thresholds, thresholds


class LISTADrive(NamedTuple):
    fixed: Tensor  # W_d x, (n, d_s)
    recurrent: Tensor  # W_eᵀ, (d_s, d_s), or where there are two matrices [W_e W_m]ᵀ, (2 d_s, d_s)
    theta: Tensor
    limit: Limit | None


@register
class LISTA(ISTA):
    name, label = "lista", "LISTA"
    summary = "ISTA with learned matrices and thresholds."
    equation = r"s^{(t)} = h_{\theta}\bigl(W_e\, s^{(t-1)} + W_d\, x\bigr)"
    source = "Gregor & LeCun 2010"
    traits = replace(ISTA.traits, learned=True, untrained="equals ISTA", variants=TAUGHT)

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        preset: str = "recommended",
        norm: float | None = None,
        shorten: bool = False,
        positive: bool = False,
    ):
        """`norm`: a typical ‖x‖ of the pictures, with which it takes every brightness alike. `shorten`: whether a code
        that is worse than the code of zeros is scaled down from t = T on. `positive`: codes are kept ≥ 0."""
        Solver.__init__(self, Plain(B) if preset == "paper" else Corrected(B), steps, classes)
        if positive:
            self.traits = self.traits.of_codes_above_zero()
        learn_thresholds(self, B, preset, norm)
        self.shorten = shorten

    def drive(self, x: Tensor, lam: Tensor) -> LISTADrive:
        W = self.weights.matrices()
        recurrent = W.W_e if W.W_m is None else torch.cat((W.W_e, W.W_m), dim=1)
        theta = thresholds(self, lam, W.step, brightness(x, self.norm))
        return LISTADrive(x @ W.W_d.T, recurrent.T, theta, limit(self, x, lam))

    def step(self, state: State, drive: LISTADrive) -> State:
        new = super().step(state, drive)
        return new._replace(codes=shortened(new.codes, new.t, drive))
