"""LFISTA: FISTA's network learned, with a second matrix on the codes before the last (Moreau & Bruna 2017), tied.

    c̃⁽ᵗ⁾ = (1 + m_t) W_e s⁽ᵗ⁻¹⁾ − m_t W_m s⁽ᵗ⁻²⁾ + W_d x,    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾),    θ_j = λτ exp(a_j + v_j z)

z = log₁₀λ + 1. Untrained, W_m = W_e and m_t is FISTA's: it is FISTA. Beyond the iterations it has, m_t stays at the last.
The preset "paper" has no v. With `norm` (weights.py) every brightness is the same to it, and with `shorten` (shortening.py)
F ≤ F(0) at every t ≥ T. With `shared`, W_m is W_e, so that an iteration takes one product instead of two.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from sc2viz.solvers.fista import momenta
from sc2viz.solvers.interface import State, register
from sc2viz.solvers.lista import LISTA, LISTADrive
from sc2viz.solvers.shortening import shortened


@register
class LFISTA(LISTA):
    name, label = "lfista", "LFISTA"
    summary = "FISTA with learned matrices, thresholds and momentum."
    equation = (
        r"\tilde c^{(t)} = (1 + m_t)\, W_e\, s^{(t-1)} - m_t\, W_m\, s^{(t-2)} + W_d\, x,\qquad "
        r"s^{(t)} = h_{\theta}(\tilde c^{(t)})"
    )
    source = "Moreau & Bruna 2017"
    remarks = (
        "Here all layers share their matrices, and each layer has one number $m_t$ of its own."
    )
    traits = replace(LISTA.traits, untrained="equals FISTA for its own T")
    begins_as_codes = ("previous",)  # where codes are put in, the momentum starts anew

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        preset: str = "recommended",
        shared: bool = False,
        norm: float | None = None,
        shorten: bool = False,
    ):
        """`shared`: W_m is W_e. `norm`: a typical ‖x‖ of the pictures, with which it takes every brightness alike.
        `shorten`: whether a code that is worse than the code of zeros is scaled down from t = T on."""
        super().__init__(B, steps, classes, preset=preset, norm=norm, shorten=shorten)
        if not shared:
            self.weights = type(self.weights)(B, momentum=True)
        self.m = nn.Parameter(B.new_tensor(momenta(steps)))

    def step(self, state: State, drive: LISTADrive) -> State:
        m = self.m[min(state.t, len(self.m) - 1)]
        if len(drive.recurrent) == state.codes.shape[1]:  # one matrix for both
            history = torch.lerp(state.previous, state.codes, 1 + m)
        else:
            history = torch.cat(((1 + m) * state.codes, -m * state.previous), dim=1)
        candidate = torch.addmm(drive.fixed, history, drive.recurrent)
        codes = shortened(self.h(candidate, drive), state.t + 1, drive)
        return State(state.t + 1, codes, previous=state.codes, candidate=candidate)
