"""HyperLISTA: steps, thresholds, momentum and selection follow the residual by three numbers (Chen, Liu, Wang & Yin 2021).

    r = x − B s⁽ᵗ⁻¹⁾
    s⁽ᵗ⁾ = h_{θ,p}(s⁽ᵗ⁻¹⁾ + Wᵀr + c₂ ‖s⁽ᵗ⁻¹⁾‖₀ (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾))
    θ = c₁ ‖B⁺r‖₁,    p = c₃ log(‖B⁺x‖₁ / ‖B⁺r‖₁), within [0, 1]        of every sample

W is HyperLISTA's (analytic.py), h_{θ,p} has support selection (selection.py). This is the form of the authors' code with
its options for three numbers (github.com/VITA-Group/HyperLISTA, adaptive_mm_alista.py), with the step 1 in the place of
their γ. The three numbers are found by search on true codes, without gradients, for one sparsity and noise. The authors'
grid has 11 × 11 × 21 places, c₁ and c₂ from .001 to .01; here a coarse one, which is wider because the step is, is narrowed
round its best place. It has no λ.
"""

import itertools
from typing import Any

import torch
from torch import Tensor

from sc2viz.solvers.analytic import symmetric
from sc2viz.solvers.interface import Solver, State, Tied, Traits, register
from sc2viz.solvers.selection import select

LOW, HIGH = (2e-3, 1e-4, 0.05), (5e-2, 1e-2, 1.0)  # of c₁, c₂, c₃, which the first round spans
PLACES = 5, 3, 3  # of each number in a round
ROWS = (
    48,
    96,
    192,
    1024,
)  # that each round is searched on: few rows have none of the rare ones that a large c₁ loses


@register
class HyperLISTA(Solver):
    name, label = "hyperlista", "HyperLISTA"
    summary = "Three numbers in all, from which threshold, momentum and selection follow for every sample."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta,p}\bigl(s^{(t-1)} + W^\top r + "
        r"c_2 \lVert s^{(t-1)}\rVert_0\, (s^{(t-1)} - s^{(t-2)})\bigr) \\ "
        r"r = x - B\, s^{(t-1)},\quad \theta = c_1 \lVert B^+ r\rVert_1 \\ "
        r"p = c_3 \log\bigl(\lVert B^+ x\rVert_1 / \lVert B^+ r\rVert_1\bigr) \end{gathered}"
    )
    source = "Chen, Liu, Wang & Yin 2021"
    remarks = "$p$ is the share of the codes that are not shrunk where they pass $\\theta$."
    traits = Traits(
        learned=True,
        untrained="has numbers from the middle of their range",
        uses_lambda=False,
        aims_at="code",
    )
    computed = ("W", "inverse")
    begins_as_codes = ("previous",)  # where codes are put in, the momentum starts anew

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Tied(B), steps, classes)
        self.register_buffer("W", symmetric(B, self.label))
        self.register_buffer("inverse", torch.linalg.pinv(B.detach()))  # B⁺, (d_s, d_x)
        middle = [(low * high) ** 0.5 for low, high in zip(LOW, HIGH, strict=True)]
        self.register_buffer("c", B.new_tensor(middle))  # c₁, c₂, c₃

    def drive(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor]:
        return x, self._length(x)

    def _length(self, r: Tensor) -> Tensor:
        """Return ‖B⁺r‖₁ of every row of r (n, d_x), (n, 1)."""
        return (r @ self.inverse.T).abs().sum(1, keepdim=True).clamp_min(torch.finfo(r.dtype).tiny)

    def step(self, state: State, drive: tuple[Tensor, Tensor]) -> State:
        (x, length_of_x), s = drive, state.codes
        residual = x - s @ self.dictionary.T
        length = self._length(residual)
        momentum = self.c[1] * (s != 0).sum(1, keepdim=True)
        candidate = s + residual @ self.W + momentum * (s - state.previous)
        p = (self.c[2] * (length_of_x / length).log()).clamp(0, 1)
        return State(
            state.t + 1, select(candidate, self.c[0] * length, p), previous=s, candidate=candidate
        )

    @torch.no_grad()
    def fit_by_search(self, images: Any, lam: float) -> None:
        """Find c₁, c₂, c₃ with the least error of the true codes of the first rows of `images`, in logarithms: a grid of
        `PLACES` in each round, about the best place of the last one and half as wide. ValueError without true codes."""
        if images.codes is None:
            raise ValueError(
                f"{self.label} is fitted to true codes, and {images.name} has none: take synthetic"
            )
        low, high = (self.c.new_tensor(ends).log() for ends in (LOW, HIGH))
        middle, reach = (low + high) / 2, (high - low) / 2
        for rows in ROWS:
            best = float("inf")
            x, true = images.pixels[:rows].to(self.c), images.codes[:rows].to(self.c)
            for place in itertools.product(
                *(torch.linspace(-1, 1, places).tolist() for places in PLACES)
            ):
                best_numbers = self.c.clone()
                self.c.copy_((middle + reach * self.c.new_tensor(place)).exp())
                error = (self(x, lam) - true).square().sum().item()
                if error < best:
                    best = error
                else:
                    self.c.copy_(best_numbers)
            middle, reach = self.c.log(), reach / 2
