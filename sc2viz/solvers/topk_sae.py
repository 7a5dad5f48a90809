"""The TopK autoencoder: the k largest entries stay (Gao et al. 2024), or those of a batch (Bussmann et al. 2024).

    s = TopK(max(0, W (x − b) + c)),    trained on ½‖x − b − D s‖² + α ½‖e − D s_dead‖²,    e = x − b − D s

With W = τDᵀ, as it starts, this is the first step of iterative hard thresholding with codes ≥ 0. The second term of the
loss revives atoms: s_dead has the largest entries among atoms that are dead, at most d_x/2 of them, α = 1/32, and e is held
fixed. (The released code, openai/sparse_autoencoder, divides both terms by variances, which is left out here.)

With `batch`, training keeps the n·k largest entries of a batch of n rows. Coding keeps the entries above a threshold: the
running mean, over batches, of the smallest entry that was kept. Before training it keeps k of each row.
"""

import torch
from torch import Tensor

from sc2viz.solvers.encoder import Encoder
from sc2viz.solvers.iht import choose_k
from sc2viz.solvers.interface import Traits, register

REVIVAL = 1 / 32  # α
DEAD_AFTER = 100  # An atom is dead after the rows in which the average atom has been used so often, d_s/k rows for each.
MEMORY = 0.99  # of the running mean of the threshold


def keep_largest(z: Tensor, k: int) -> Tensor:
    """Return z (n, m) with the k largest entries of every row as they are and 0 in the place of the others."""
    entries = z.topk(min(k, z.shape[1]), dim=1)
    return torch.zeros_like(z).scatter(1, entries.indices, entries.values)


@register
class TopKSAE(Encoder):
    name, label = "topk-sae", "TopK SAE"
    summary = "A sparse autoencoder that keeps the $k$ largest entries."
    equation = (
        r"s = \operatorname{TopK}\bigl(\max(0,\; W (x - b) + c)\bigr),\qquad x \approx b + D\, s"
    )
    source = "Gao et al. 2024; Bussmann, Leask & Nanda 2024"
    traits = Traits(
        learned=True,
        untrained="equals the first step of IHT with codes ≥ 0",
        uses_lambda=False,
        aims_at="sparsity",
        positive=True,
        family="encoder",
    )

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        k: int | None = None,
        batch: bool = False,
    ):
        """`k`: how many codes of a sample are not zero, at most; d_s/10 rounded up by default. `batch`: that many on
        average, of a batch in training and by a threshold afterwards."""
        super().__init__(B, steps, classes)
        self.k, self.batch = choose_k(k, B), batch
        self.register_buffer(
            "unused", B.new_zeros(B.shape[1])
        )  # training rows since each atom was used
        self.register_buffer("threshold", B.new_zeros(()))  # 0: none yet

    def drive(self, x: Tensor, lam: Tensor) -> Tensor:
        z = torch.relu(self.preactivation(x))
        return (
            torch.where(z > self.threshold, z, 0)
            if self.batch and self.threshold > 0
            else keep_largest(z, self.k)
        )

    def cost(self, x: Tensor, lam: Tensor) -> Tensor:
        z = torch.relu(self.preactivation(x))
        rows = z.reshape(1, -1) if self.batch else z
        codes = keep_largest(rows, self.k * len(z) // len(rows)).reshape(z.shape)
        if torch.is_grad_enabled():
            self._note(codes.detach())
        dead = self.unused > DEAD_AFTER * codes.shape[1] / self.k
        cost, count = self.fit(x, codes), int(dead.sum())
        if not count:
            return cost
        residual = (self.centred(x) - codes @ self.dictionary.T).detach()
        revived = keep_largest(z[:, dead], max(1, min(count, x.shape[1] // 2)))
        return cost + REVIVAL * 0.5 * (
            residual - revived @ self.dictionary[:, dead].T
        ).square().sum(1)

    @torch.no_grad()
    def _note(self, codes: Tensor) -> None:
        """Count the rows since each atom was used, and follow the smallest entry of a batch that was kept."""
        self.unused.add_(len(codes)).masked_fill_((codes > 0).any(0), 0)
        if self.batch and (codes > 0).any():
            smallest = codes[codes > 0].min()
            is_first = self.threshold == 0
            self.threshold.copy_(
                smallest if is_first else torch.lerp(smallest, self.threshold, MEMORY)
            )
