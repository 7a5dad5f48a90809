"""The ReLU autoencoder, which made sparse autoencoders known (Bricken et al. 2023; Cunningham et al. 2023).

    s = max(0, W (x − b) + c − λτ),    trained on ½‖x − b − D s‖² + λ‖s‖₁

One matrix product and a threshold. Its source has one bias, which is c − λτ here, so that the encoder follows the λ of the
call. With W = τDᵀ and c = 0, as it starts, this is the first step of ISTA with codes ≥ 0.
"""

import torch
from torch import Tensor

from sc2viz import lasso
from sc2viz.solvers.encoder import Encoder
from sc2viz.solvers.interface import Traits, register


@register
class ReLUSAE(Encoder):
    name, label = "relu-sae", "ReLU SAE"
    summary = "A sparse autoencoder: one matrix, then what is above a threshold."
    equation = r"s = \max\bigl(0,\; W (x - b) + c - \lambda\tau\bigr),\qquad x \approx b + D\, s"
    source = "Bricken et al. 2023; Cunningham et al. 2023"
    remarks = r"Its source has one bias, here $c - \lambda\tau$, so that it follows λ. Trained on its own F."
    traits = Traits(
        learned=True,
        untrained="equals the first step of ISTA with codes ≥ 0",
        positive=True,
        family="encoder",
    )

    def drive(self, x: Tensor, lam: Tensor) -> Tensor:
        return torch.relu(self.preactivation(x) - lam * self.weights.tau)

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        return lasso.objective(
            self.centred(x), self.drive(x, lam), self.dictionary, lam.squeeze(-1)
        )
