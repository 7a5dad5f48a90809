"""FISTA: ISTA's step from a point extrapolated along the last two codes (Beck & Teboulle 2009).

    y⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + m_t (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾),    c̃⁽ᵗ⁾ = W_e y⁽ᵗ⁾ + W_d x,    s⁽ᵗ⁾ = sh_{λτ}(c̃⁽ᵗ⁾)
    m_t = (k_{t−1} − 1)/k_t,    k₀ = k₁ = 1,    k_t = (1 + √(1 + 4k_{t−1}²))/2 from t = 2 on

The first two iterations are ISTA's.
"""

import math
from functools import cache

import torch

from sc2viz.solvers.interface import State, register
from sc2viz.solvers.ista import ISTA, Drive, Masked, step_down


def momentum(t: int) -> float:
    """Return FISTA's momentum m_t of iteration t = 1, 2, …; m₁ = m₂ = 0."""
    return momenta(1 << t.bit_length())[t - 1]  # of which few are computed


@cache
def momenta(steps: int) -> list[float]:
    """Return FISTA's momenta m_1, …, m_steps."""
    k = [1.0, 1.0]
    while len(k) <= steps:
        k.append((1 + math.sqrt(1 + 4 * k[-1] ** 2)) / 2)
    return [(k[t - 1] - 1) / k[t] for t in range(1, steps + 1)]


@register
class FISTA(ISTA):
    name, label = "fista", "FISTA"
    summary = "ISTA's step from a point beyond the last one."
    equation = (
        r"\begin{gathered} s^{(t)} = h_\theta\bigl(W_e\, y^{(t)} + W_d\, x\bigr) \\ "
        r"y^{(t)} = s^{(t-1)} + \tfrac{k_{t-1}-1}{k_t}\bigl(s^{(t-1)} - s^{(t-2)}\bigr) \\ "
        r"k_0 = k_1 = 1,\quad k_t = \tfrac12\bigl(1 + \sqrt{1 + 4k_{t-1}^2}\bigr),\ t > 1 \end{gathered}"
    )
    source = "Beck & Teboulle 2009"
    begins_as_codes = ("previous",)  # where codes are put in, the momentum starts anew

    def step(self, state: State, drive: Drive | Masked) -> State:
        ahead = torch.lerp(state.previous, state.codes, 1 + momentum(state.t + 1))
        candidate = step_down(ahead, drive)
        return State(
            state.t + 1,
            self.h(candidate, drive),
            previous=state.codes,
            candidate=candidate,
            point=ahead,
        )
