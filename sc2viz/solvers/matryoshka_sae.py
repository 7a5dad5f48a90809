"""The Matryoshka autoencoder: the first atoms alone must reconstruct x as well (Bussmann, Nabeshima, Karvonen & Nanda 2025).

    s = BatchTopK(max(0, W (x − b) + c)),    trained on the mean over m of ½‖x − b − D_{1…m} s_{1…m}‖²

m is d_s/16, d_s/8, d_s/4, d_s/2 and d_s, the nested dictionaries of the authors' code (bartbussmann/matryoshka_sae), which
counts b alone as a further one. The k n largest entries of a batch, the threshold of coding and the term that revives atoms
are those of BatchTopK (topk_sae.py).
"""

import torch
from torch import Tensor

from sc2viz.solvers.interface import register
from sc2viz.solvers.topk_sae import TopKSAE

NESTED = 5  # dictionaries, of which each has half as many atoms as the next


@register
class MatryoshkaSAE(TopKSAE):
    name, label = "matryoshka-sae", "Matryoshka SAE"
    summary = "A sparse autoencoder whose first atoms alone must reconstruct as well."
    equation = (
        r"\begin{gathered} s = \operatorname{BatchTopK}\bigl(\max(0,\; W (x - b) + c)\bigr) \\ "
        r"x \approx b + D_{1\ldots m}\, s_{1\ldots m},\quad m = \tfrac{d_s}{16}, \tfrac{d_s}{8}, \ldots, d_s \end{gathered}"
    )
    source = "Bussmann, Nabeshima, Karvonen & Nanda 2025"

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, k: int | None = None
    ):
        """`k`: how many codes of a sample are not zero on average; d_s/10 rounded up by default."""
        super().__init__(B, steps, classes, k=k, batch=True)

    def fit(self, x: Tensor, codes: Tensor) -> Tensor:
        """Return the mean over the nested dictionaries of ½‖x − b − D s‖² with their atoms alone: (n,)."""
        sizes = sorted({-(-codes.shape[1] // 2**halved) for halved in range(NESTED)})
        residual, first, costs = self.centred(x), 0, []
        for m in sizes:
            residual = residual - codes[:, first:m] @ self.dictionary[:, first:m].T
            costs.append(0.5 * residual.square().sum(1))
            first = m
        return torch.stack(costs).mean(0)
