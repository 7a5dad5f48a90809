"""The matching pursuit autoencoder: every iteration adds the atom most like what is left (Costa et al. 2025).

    r = x − b − D s⁽ᵗ⁻¹⁾,    j = argmax_j d_jᵀr / ‖d_j‖,    s_j⁽ᵗ⁾ = s_j⁽ᵗ⁻¹⁾ + max(0, d_jᵀr) / ‖d_j‖²

T counts atoms, and an atom may be chosen again. The encoder has no weights of its own: D and b are trained through the
pursuit, on ½‖x − b − D s‖². This is Mallat & Zhang's (1993) pursuit with codes ≥ 0.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.solvers.encoder import Autoencoder, Decoder
from sc2viz.solvers.interface import State, Traits, register


class PursuitDrive(NamedTuple):
    x: Tensor  # x − b, (n, d_x)
    atoms: Tensor  # D, (d_x, d_s)
    norms: Tensor  # ‖d_j‖, (d_s,); 1 for an atom of zeros, which is never chosen before another


@register
class MPSAE(Autoencoder):
    name, label = "mp-sae", "MP SAE"
    summary = "A sparse autoencoder that adds the atom most like what is left, again and again."
    equation = (
        r"j = \arg\max_j\; d_j^\top r / \lVert d_j\rVert,\quad r = x - b - D\, s^{(t-1)},\qquad "
        r"s_j^{(t)} = s_j^{(t-1)} + \max(0,\, d_j^\top r) / \lVert d_j\rVert^2"
    )
    source = "Costa, Fel, Lubana, Tolooshams & Ba 2025"
    traits = Traits(
        uses_lambda=False, aims_at="sparsity", counts="atoms", positive=True, family="encoder"
    )

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Decoder(B), steps, classes)

    def drive(self, x: Tensor, lam: Tensor) -> PursuitDrive:
        norms = self.dictionary.norm(dim=0)
        return PursuitDrive(self.centred(x), self.dictionary, torch.where(norms > 0, norms, 1))

    def step(self, state: State, drive: PursuitDrive) -> State:
        likeness = (drive.x - state.codes @ drive.atoms.T) @ drive.atoms / drive.norms
        best, atom = likeness.max(1, keepdim=True)
        return State(
            state.t + 1, state.codes.scatter_add(1, atom, torch.relu(best) / drive.norms[atom])
        )

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        return self.fit(x, self(x, lam.squeeze(-1)))
