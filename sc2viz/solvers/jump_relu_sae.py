"""The JumpReLU autoencoder: entries above a threshold stay as they are (Rajamanoharan et al. 2024).

    s_j = z_j if z_j > θ_j, else 0,    z = W (x − b) + c,    θ_j = √(2λτ) exp(a_j)
    trained on ½‖x − b − D s‖² + λ‖s‖₀

λ is the price of a non-zero here. With W = τDᵀ and a = 0, as it starts, this is the first step of iterative hard
thresholding for that problem, because √(2λτ) is the threshold of λ‖s‖₀ at the step τ. A step function has no gradient in θ;
a straight-through one takes its place, with a rectangular kernel K of width ε:

    ∂s_j/∂θ_j = −(θ_j/ε) K((z_j − θ_j)/ε),    ∂‖s‖₀/∂θ_j = −(1/ε) K((z_j − θ_j)/ε)

ε is the threshold at the start, √(2λτ), as in the source, where both are 0.001.
"""

import torch
from torch import Tensor, nn

from sc2viz.solvers.encoder import Encoder
from sc2viz.solvers.interface import Traits, register


class _Jump(torch.autograd.Function):
    """z where z > θ, else 0; and 1 there, which has no gradient in z, else 0."""

    @staticmethod
    def forward(ctx, z: Tensor, theta: Tensor, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(z, theta, epsilon)
        return torch.where(z > theta, z, 0), (z > theta).to(z)

    @staticmethod
    def backward(ctx, grad: Tensor, of_count: Tensor):
        z, theta, epsilon = ctx.saved_tensors
        kernel = ((z - theta).abs() < epsilon / 2) / epsilon  # K((z − θ)/ε)/ε
        for_theta = -kernel * (theta * grad + of_count)
        return grad * (z > theta), for_theta.sum_to_size(theta.shape), None


@register
class JumpReLUSAE(Encoder):
    name, label = "jump-relu-sae", "JumpReLU SAE"
    summary = "A sparse autoencoder that keeps what is above a threshold as it is."
    equation = (
        r"s_j = z_j\,[z_j > \theta_j],\qquad z = W (x - b) + c,\qquad \theta_j = \sqrt{2\lambda\tau}\, e^{a_j},\qquad "
        r"x \approx b + D\, s"
    )
    source = "Rajamanoharan et al. 2024"
    remarks = r"λ is the price of a non-zero, $\lambda\lVert s\rVert_0$. Its source has free thresholds and none follows λ."
    traits = Traits(
        learned=True,
        untrained="equals the first step of hard thresholding",
        aims_at="sparsity",
        positive=True,
        family="encoder",
    )

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(B, steps, classes)
        self.a = nn.Parameter(B.new_zeros(B.shape[1]))

    def _terms(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the activation takes: z (n, d_s), the thresholds θ, (d_s,) or (n, d_s), and the width ε of its kernel, ()
        or (n, 1)."""
        epsilon = (2 * lam * self.weights.tau).sqrt()
        return self.preactivation(x), epsilon * torch.exp(self.a), epsilon

    def drive(self, x: Tensor, lam: Tensor) -> Tensor:
        return _Jump.apply(*self._terms(x, lam))[0]

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        codes, used = _Jump.apply(*self._terms(x, lam))
        return self.fit(x, codes) + (lam * used).sum(1)
