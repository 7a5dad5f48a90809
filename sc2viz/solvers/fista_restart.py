"""FISTA with adaptive restart: its momentum starts anew where it points uphill (O'Donoghue & Candès 2015).

    y⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + m_t (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾),    s⁽ᵗ⁾ = sh_{λτ}(W_e y⁽ᵗ⁾ + W_d x)
    m_t = (k_{t−1} − 1)₊/k_t,    k_t = (1 + √(1 + 4k_{t−1}²))/2,    k_0 = 0
    k_t becomes 0 where ⟨y⁽ᵗ⁾ − s⁽ᵗ⁾, s⁽ᵗ⁾ − s⁽ᵗ⁻¹⁾⟩ > 0

This is the gradient scheme of the source's Section 3.2 for a proximal step: (y − s)/τ stands for the gradient. Every sample
restarts by itself. Up to the first restart the codes are FISTA's.
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.solvers.fista import FISTA
from sc2viz.solvers.interface import register
from sc2viz.solvers.ista import Drive, Masked, step_down


class RestartState(NamedTuple):
    t: int
    codes: Tensor
    previous: Tensor  # s⁽ᵗ⁻¹⁾
    k: Tensor  # k_t, (n, 1); 0 after a restart
    candidate: Tensor | None = None
    point: Tensor | None = None  # y⁽ᵗ⁾


@register
class FISTARestart(FISTA):
    name, label = "fista-restart", "FISTA, restarted"
    summary = "FISTA whose momentum starts anew where it points uphill."
    equation = (
        r"\begin{gathered} s^{(t)} = h_\theta\bigl(W_e\, y^{(t)} + W_d\, x\bigr) \\ "
        r"y^{(t)} = s^{(t-1)} + \tfrac{(k_{t-1}-1)_+}{k_t}\bigl(s^{(t-1)} - s^{(t-2)}\bigr) \\ "
        r"k_t = \tfrac12\bigl(1 + \sqrt{1 + 4k_{t-1}^2}\bigr),\quad k_0 = 0 \\ "
        r"k_t := 0\ \text{where}\ \bigl\langle y^{(t)} - s^{(t)},\, s^{(t)} - s^{(t-1)}\bigr\rangle > 0 \end{gathered}"
    )
    source = "O’Donoghue & Candès 2015"
    traits = replace(FISTA.traits, family="classic")

    def start(self, x: Tensor) -> RestartState:
        codes = super().start(x).codes
        return RestartState(0, codes, codes, x.new_zeros(len(x), 1))

    def step(self, state: RestartState, drive: Drive | Masked) -> RestartState:
        k = (1 + torch.sqrt(1 + 4 * state.k.square())) / 2
        ahead = torch.lerp(state.previous, state.codes, 1 + torch.relu(state.k - 1) / k)
        candidate = step_down(ahead, drive)
        codes = self.h(candidate, drive)
        uphill = ((ahead - codes) * (codes - state.codes)).sum(1, keepdim=True) > 0
        return RestartState(
            state.t + 1, codes, state.codes, torch.where(uphill, 0, k), candidate, ahead
        )
