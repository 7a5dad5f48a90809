"""NA-ALISTA: ALISTA whose step and threshold come from an LSTM, for every sample anew (Behrens, Sauder & Jung 2021).

    r = x − B s⁽ᵗ⁻¹⁾,    q = Wᵀr,    e = (log ‖r‖₁/‖r⁽¹⁾‖₁, log ‖q‖₁/‖q⁽¹⁾‖₁)
    (h, c) = LSTM(e, (h, c)),    (γ, ϑ) = softplus(A h + a),    s⁽ᵗ⁾ = h_{θ,p}(s⁽ᵗ⁻¹⁾ + γ q),    θ = ϑ ‖q‖₁/d_s

W is ALISTA's and h_{θ,p} has support selection, as in the authors' code. There the two norms are standardised by the first
batch, and θ is the output itself; here both are in units of the sample, so that the codes of αx are α times those of x. It
is trained for the true codes of one sparsity and noise, and has no λ. It starts near γ = ϑ = 1.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz.solvers.analytic import coupled
from sc2viz.solvers.interface import Solver, Tied, Traits, register
from sc2viz.solvers.selection import select, share

HIDDEN = 128  # the size of the LSTM, as in the paper
START = 1.0, 1.0  # γ and ϑ


class NAState(NamedTuple):
    t: int
    codes: Tensor
    hidden: Tensor  # h and c of the LSTM, (n, HIDDEN)
    memory: Tensor
    first: Tensor | None = None  # ‖r⁽¹⁾‖₁ and ‖q⁽¹⁾‖₁, (n, 2)
    gamma: Tensor | None = None  # (n, 1), as θ
    theta: Tensor | None = None


@register
class NAALISTA(Solver):
    name, label = "na-alista", "NA-ALISTA"
    summary = "ALISTA whose steps and thresholds an LSTM chooses for every sample."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta^{(t)}}\bigl(s^{(t-1)} + \gamma^{(t)}\, W^\top r\bigr),\quad "
        r"r = x - B\, s^{(t-1)} \\ (\gamma^{(t)}, \theta^{(t)}) = "
        r"\operatorname{LSTM}\bigl(\lVert r\rVert_1, \lVert W^\top r\rVert_1\bigr) \end{gathered}"
    )
    source = "Behrens, Sauder & Jung 2021"
    remarks = "The largest codes that pass $\\theta$ are not shrunk by it."
    traits = Traits(
        learned=True,
        untrained="takes about the same step in every layer",
        uses_lambda=False,
        aims_at="code",
    )
    computed = ("W",)
    rate_scales = dict.fromkeys(("to_gates", "recurrent", "bias", "A", "a"), 3.0)

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        seed: int = 0,
        ridge: float = 0.0,
    ):
        """`seed`: of the LSTM's random weights. `ridge`: ALISTA's, of W."""
        super().__init__(Tied(B), steps, classes)
        self.register_buffer("W", coupled(B, self.label, ridge))
        generator, reach = torch.Generator().manual_seed(seed), HIDDEN**-0.5
        sizes = {
            "to_gates": (4 * HIDDEN, 2),
            "recurrent": (4 * HIDDEN, HIDDEN),
            "bias": (4 * HIDDEN,),
            "A": (2, HIDDEN),
        }
        for name, size in sizes.items():
            numbers = (2 * torch.rand(size, generator=generator, dtype=torch.float32) - 1) * reach
            self.register_parameter(name, nn.Parameter(numbers.to(B)))
        self.a = nn.Parameter(
            B.new_tensor([math.log(math.expm1(start)) for start in START])
        )  # softplus of it is START

    def start(self, x: Tensor) -> NAState:
        hidden = x.new_zeros(len(x), HIDDEN)
        return NAState(0, super().start(x).codes, hidden, hidden)

    def step(self, state: NAState, drive: Tensor) -> NAState:
        residual = drive - state.codes @ self.dictionary.T
        q = residual @ self.W
        tiny = torch.finfo(q.dtype).tiny
        norms = torch.stack((residual.abs().sum(1), q.abs().sum(1)), 1).clamp_min(tiny)
        first = norms if state.first is None else state.first
        gates = (
            functional.linear((norms / first).log(), self.to_gates, self.bias)
            + state.hidden @ self.recurrent.T
        )
        i, f, new, o = gates.chunk(4, dim=1)
        memory = f.sigmoid() * state.memory + i.sigmoid() * new.tanh()
        hidden = o.sigmoid() * memory.tanh()
        gamma, relative = functional.softplus(functional.linear(hidden, self.A, self.a)).split(
            1, dim=1
        )
        theta = relative * norms[:, 1:] / q.shape[1]
        codes = select(state.codes + gamma * q, theta, share(state.t + 1))
        return NAState(state.t + 1, codes, hidden, memory, first, gamma, theta)
