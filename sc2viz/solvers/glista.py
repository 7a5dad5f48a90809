"""GLISTA: LISTA-CP with two gates, which enlarge codes that are too small (Wu, Guo, Li & Zhang 2020).

    gain         g_j = 1 + a_t (1 − (ν_t |s_j|)₊)₊                        enlarges small codes before the step
    step         s̃ = h(g ⊙ s + W_tᵀ(x − B (g ⊙ s)))                       h: threshold θ_t with support selection
    overshoot    o_j = 1 + b_t θ_{t−1} m_j / (|s̃_j − s_j| + 0.1),    s⁽ᵗ⁾ = o ⊙ s̃ + (1 − o) ⊙ s

s is s⁽ᵗ⁻¹⁾; m is 0 where the layer before did not shrink s_j and 1 elsewhere; θ_0 is θ_1. These are the gates "relu" and
"inv" of the authors' code (github.com/wukailun/GLISTA, GLISTA_cp.py). There the sign before b is −, a and b start at one
number, and neither gate is bounded; here a and b start at 0, so that it starts as LISTA-CP with support selection,
0 ≤ a ≤ 5 and 0 ≤ o ≤ 2. It is trained for the true codes of one sparsity and noise, and has no λ.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sc2viz.solvers.interface import Traits, register
from sc2viz.solvers.lista_cp import LISTACP
from sc2viz.solvers.selection import select, share

LARGEST, NEAR = 5.0, 0.1  # of a; and how near |s̃ − s| is to nothing for the overshoot gate


class GLISTAState(NamedTuple):
    t: int
    codes: Tensor
    bound: Tensor  # θ_{t−1} m, (n, d_s)
    candidate: Tensor | None = None  # s̃
    gain: Tensor | None = None
    overshoot: Tensor | None = None


@register
class GLISTA(LISTACP):
    name, label = "glista", "GLISTA"
    summary = "LISTA-CP with a gate that enlarges small codes and one that goes beyond the step."
    equation = (
        r"\begin{gathered} g = 1 + a_t\,(1 - (\nu_t \lvert s\rvert)_+)_+ \\ "
        r"\tilde s = h_{\theta_t}\bigl(g \odot s + W_t^\top (x - B\,(g \odot s))\bigr) \\ "
        r"o = 1 + \frac{b_t\, \theta_{t-1}}{\lvert \tilde s - s\rvert + 0.1},\quad "
        r"s^{(t)} = o \odot \tilde s + (1 - o) \odot s \end{gathered}"
    )
    source = "Wu, Guo, Li & Zhang 2020"
    remarks = "Where the layer before did not shrink a code, its overshoot gate is 1."
    traits = Traits(
        learned=True,
        untrained="equals LISTA-CP with support selection",
        uses_lambda=False,
        aims_at="code",
        gates={"gain": ("gain gate", 1, 1 + LARGEST), "overshoot": ("overshoot gate", 0, 2)},
    )
    rate_scales = LISTACP.rate_scales | dict.fromkeys(("a", "b", "nu"), 20.0)

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, analytic: bool = False
    ):
        """`analytic`: every W_t starts as ALISTA's W instead of as τB."""
        super().__init__(B, steps, classes, analytic=analytic)
        self.a, self.b = (nn.Parameter(B.new_zeros(steps)) for _ in range(2))
        self.nu = nn.Parameter(B.new_ones(steps))

    def start(self, x: Tensor) -> GLISTAState:
        codes = super().start(x).codes
        return GLISTAState(0, codes, self.log_theta[0].exp().expand_as(codes))

    def step(self, state: GLISTAState, drive: Tensor) -> GLISTAState:
        layer, s = min(state.t, len(self.a) - 1), state.codes
        gain = 1 + self.a[layer].clamp(0, LARGEST) * torch.relu(
            1 - torch.relu(self.nu[layer] * s.abs())
        )
        enlarged, theta = gain * s, self.log_theta[layer].exp()
        c = enlarged + (drive - enlarged @ self.dictionary.T) @ self.W[layer]
        candidate = select(c, theta, share(state.t + 1))
        overshoot = (1 + self.b[layer] * state.bound / ((candidate - s).abs() + NEAR)).clamp(0, 2)
        codes = overshoot * candidate + (1 - overshoot) * s
        bound = torch.where(candidate.detach() == c.detach(), 0, theta)
        return GLISTAState(state.t + 1, codes, bound, candidate, gain, overshoot)
