"""ADMM, the alternating direction method of multipliers: least squares and shrinkage take turns (Boyd et al. 2011, §6.4).

    c⁽ᵗ⁾ = (BᵀB + ρI)⁻¹ (Bᵀx + ρ (s⁽ᵗ⁻¹⁾ − u⁽ᵗ⁻¹⁾))
    v⁽ᵗ⁾ = α c⁽ᵗ⁾ + (1 − α) s⁽ᵗ⁻¹⁾ + u⁽ᵗ⁻¹⁾,    s⁽ᵗ⁾ = sh_{λ/ρ}(v⁽ᵗ⁾),    u⁽ᵗ⁾ = v⁽ᵗ⁾ − s⁽ᵗ⁾

u sums up by how much the two disagree. α = 1.7 relaxes. ρ is 1 in units of the mean ‖b_j‖²; it decides how fast this
converges, not where to. `lasso.solve` has the same iteration, compiled, for many samples with one small dictionary.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import arguments
from sc2viz.solvers.interface import Solver, Tied, Traits, register, shrunk
from sc2viz.solvers.ista import Drive

RELAX = 1.7


class ADMMState(NamedTuple):
    t: int
    codes: Tensor
    dual: Tensor  # u⁽ᵗ⁾, (n, d_s)


@register
class ADMM(Solver):
    name, label = "admm", "ADMM"
    summary = "Least squares and a soft threshold take turns until they agree."
    equation = (
        r"\begin{gathered} c^{(t)} = (B^\top B + \rho I)^{-1}\bigl(B^\top x + \rho\,(s^{(t-1)} - u^{(t-1)})\bigr) \\ "
        r"v^{(t)} = \alpha\, c^{(t)} + (1 - \alpha)\, s^{(t-1)} + u^{(t-1)} \\ "
        r"s^{(t)} = h_{\lambda/\rho}(v^{(t)}),\quad u^{(t)} = v^{(t)} - s^{(t)} \end{gathered}"
    )
    source = "Boyd, Parikh, Chu, Peleato & Eckstein 2011"
    traits = Traits(activation="shrinkage")
    h = shrunk

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None, *, rho: float = 1.0):
        """`rho`: ρ in units of the mean ‖b_j‖²."""
        super().__init__(Tied(B), steps, classes)
        arguments.positive("rho", rho)
        self.rho = rho

    def drive(self, x: Tensor, lam: Tensor) -> Drive:
        B = self.dictionary
        size = B.detach().square().sum(0).mean()
        rho = self.rho * torch.where(size > 0, size, 1.0)
        identity = torch.eye(B.shape[1], dtype=B.dtype, device=B.device)
        inverse = torch.linalg.inv(B.T @ B + rho * identity)
        return Drive(x @ B @ inverse, rho * inverse, lam / rho)

    def start(self, x: Tensor) -> ADMMState:
        codes = super().start(x).codes
        return ADMMState(0, codes, codes)

    def step(self, state: ADMMState, drive: Drive) -> ADMMState:
        c = torch.addmm(drive.fixed, state.codes - state.dual, drive.recurrent)
        v = RELAX * c + (1 - RELAX) * state.codes + state.dual
        codes = self.h(v, drive)
        return ADMMState(state.t + 1, codes, v - codes)
