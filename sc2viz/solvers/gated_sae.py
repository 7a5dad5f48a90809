"""The gated autoencoder: one threshold says which atoms are in use, and another path how much (Rajamanoharan et al. 2024).

    π = W (x − b) + c − λτ,    s_j = max(0, e^{r_j} w_jᵀ(x − b) + m_j) where π_j > 0, else 0
    trained on ½‖x − b − D s‖² + λ‖max(0, π)‖₁ + ½‖x − b − D max(0, π)‖², with D and b held fixed in the last term

λ prices what opens the gate alone, so that the codes themselves are not shrunk. Its source has one bias, which is c − λτ
here, so that the gate follows the λ of the call, and no ½. With W = τDᵀ and c = r = m = 0, as it starts, these are the first
step of ISTA with codes ≥ 0, its non-zeros without the threshold taken off.
"""

import torch
from torch import Tensor, nn

from sc2viz.solvers.encoder import Encoder
from sc2viz.solvers.interface import Traits, register


@register
class GatedSAE(Encoder):
    name, label = "gated-sae", "Gated SAE"
    summary = "A sparse autoencoder that decides which atoms are in use apart from how much."
    equation = (
        r"\begin{gathered} s_j = \max\bigl(0,\; e^{r_j} w_j^\top (x - b) + m_j\bigr)\,[\pi_j > 0] \\ "
        r"\pi = W (x - b) + c - \lambda\tau,\qquad x \approx b + D\, s \end{gathered}"
    )
    source = "Rajamanoharan et al. 2024"
    remarks = r"λ is the price of the gate, $\lambda\lVert(\pi)_+\rVert_1$. Its source has one bias, here $c - \lambda\tau$."
    traits = Traits(
        learned=True,
        untrained="keeps what the first step of ISTA with codes ≥ 0 keeps",
        aims_at="sparsity",
        positive=True,
        family="encoder",
    )

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(B, steps, classes)
        self.r, self.m = (nn.Parameter(B.new_zeros(B.shape[1])) for _ in range(2))

    def _paths(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor]:
        """Return π, which opens the gate where it is above 0, and the codes s, (n, d_s) each."""
        z = self.centred(x) @ self.weights.W.T
        gate = z + self.weights.c - lam * self.weights.tau
        return gate, torch.where(gate > 0, torch.relu(self.r.exp() * z + self.m), 0)

    def drive(self, x: Tensor, lam: Tensor) -> Tensor:
        return self._paths(x, lam)[1]

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        gate, codes = self._paths(x, lam)
        opened = torch.relu(gate)
        fixed = x - self.offset.detach() - opened @ self.dictionary.detach().T
        return self.fit(x, codes) + (lam * opened).sum(1) + 0.5 * fixed.square().sum(1)
