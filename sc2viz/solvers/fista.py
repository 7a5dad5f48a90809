"""FISTA: ISTA's step from a point extrapolated along the last two codes (Beck & Teboulle 2009).

    y⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + m_t (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾),    c̃⁽ᵗ⁾ = W_e y⁽ᵗ⁾ + W_d x,    s⁽ᵗ⁾ = sh_{λτ}(c̃⁽ᵗ⁾)
    m_t = (k_{t−1} − 1)/k_t,    k₀ = k₁ = 1,    k_t = (1 + √(1 + 4k_{t−1}²))/2 from t = 2 on

The first two iterations are ISTA's.
"""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor

from sc2viz.activations import shrink
from sc2viz.solvers.cell import State
from sc2viz.solvers.ista import ISTA, Drive


@cache
def momentum(t: int) -> float:
    """m_t of iteration t = 1, 2, …; m₁ = m₂ = 0."""
    return (_sequence(t - 1) - 1) / _sequence(t)


@cache
def _sequence(t: int) -> float:
    k = 1.0  # k₀ and k₁
    for _ in range(t - 1):
        k = (1 + math.sqrt(1 + 4 * k * k)) / 2
    return k


class FISTA(ISTA):
    name = "fista"

    def start(self, x: Tensor) -> State:
        state = super().start(x)
        return state._replace(previous=state.codes)

    def step(self, state: State, drive: Drive) -> State:
        ahead = torch.lerp(state.previous, state.codes, 1 + momentum(state.t + 1))
        candidate = torch.addmm(drive.fixed, ahead, drive.recurrent)
        return State(state.t + 1, shrink(candidate, drive.theta), previous=state.codes, candidate=candidate)
