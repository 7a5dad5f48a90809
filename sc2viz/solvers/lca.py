"""LCA, the locally competitive algorithm: neurons that charge up and inhibit each other (Rozell et al. 2008).

    u⁽ᵗ⁾ = u⁽ᵗ⁻¹⁾ + η (Bᵀx − u⁽ᵗ⁻¹⁾ − (BᵀB − I) s⁽ᵗ⁻¹⁾),    s⁽ᵗ⁾ = sh_λ(u⁽ᵗ⁾)

u are membrane potentials, the cell here. At rest, u = s + Bᵀ(x − B s), which is the optimality condition of the Lasso.
By default η = τ = 1/‖B‖₂²; it converges for η < 2/‖B‖₂².
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import arguments
from sc2viz.solvers.interface import Solver, State, Tied, Traits, register, shrunk, step_size


class LCADrive(NamedTuple):
    fixed: Tensor  # ηBᵀx, (n, d_s)
    recurrent: Tensor  # η(I − BᵀB), (d_s, d_s)
    theta: Tensor  # λ
    eta: Tensor


@register
class LCA(Solver):
    name, label = "lca", "LCA"
    summary = "Neurons that are driven by the input and inhibit those with similar atoms."
    equation = (
        r"u^{(t)} = u^{(t-1)} + \eta\,\bigl(B^\top x - u^{(t-1)} - (B^\top B - I)\, s^{(t-1)}\bigr),\qquad "
        r"s^{(t)} = h_\lambda(u^{(t)})"
    )
    source = "Rozell, Johnson, Baraniuk & Olshausen 2008"
    traits = Traits(activation="shrinkage")
    h = shrunk
    begins_as_codes = ("cell",)

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, eta: float | None = None
    ):
        """`eta`: the step η; 1/‖B‖₂² by default."""
        super().__init__(Tied(B), steps, classes)
        if eta is not None:
            arguments.positive("eta, the step,", eta)
        self.eta = eta

    def drive(self, x: Tensor, lam: Tensor) -> LCADrive:
        B = self.dictionary
        eta = step_size(B) if self.eta is None else B.new_tensor(self.eta)
        identity = torch.eye(B.shape[1], dtype=B.dtype, device=B.device)
        return LCADrive(eta * (x @ B), eta * (identity - B.T @ B), lam, eta)

    def step(self, state: State, drive: LCADrive) -> State:
        u = (1 - drive.eta) * state.cell + torch.addmm(drive.fixed, state.codes, drive.recurrent)
        return State(state.t + 1, self.h(u, drive), cell=u)
