"""IHT, iterative hard thresholding: a step down the gradient, then all but the k largest codes become zero.

    s⁽ᵗ⁾ = H_k(s⁽ᵗ⁻¹⁾ + τ Bᵀ(x − B s⁽ᵗ⁻¹⁾)),    τ = 1/‖B‖₂²        H_k keeps the k entries of largest |·|

With this τ, ½‖x − B s‖² never rises (Blumensath & Davies 2008). By default k is a tenth of d_s, rounded up.
"""

import torch
from torch import Tensor

from sc2viz import arguments
from sc2viz.solvers.interface import State, Traits, register
from sc2viz.solvers.ista import ISTA, Drive, Masked, step_down


def choose_k(k: int | None, B: Tensor) -> int:
    """Return how many codes of a sample stay: k, at most d_s, or for None a tenth of d_s, rounded up; raise ValueError for k <
    1."""
    d_s = B.shape[1]
    if k is None:
        return -(-d_s // 10)
    arguments.whole_number("k", k)
    return min(int(k), d_s)


@register
class IHT(ISTA):
    name, label = "iht", "IHT"
    summary = "A step down the gradient, then all but the $k$ largest codes become zero."
    equation = (
        r"s^{(t)} = H_k\bigl(s^{(t-1)} + \tau B^\top (x - B\, s^{(t-1)})\bigr),\qquad H_k: \text{the } k \text{ largest "
        r"entries stay},\qquad \tau = 1/\lVert B\rVert_2^2"
    )
    source = "Blumensath & Davies 2008"
    traits = Traits(uses_lambda=False, aims_at="sparsity", family="greedy")

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, k: int | None = None
    ):
        """`k`: how many codes of a sample are not zero, at most; d_s/10 rounded up by default."""
        super().__init__(B, steps, classes)
        self.k = choose_k(k, B)

    def step(self, state: State, drive: Drive | Masked) -> State:
        candidate = step_down(state.codes, drive)
        largest = candidate.abs().topk(self.k, dim=1).indices
        codes = torch.zeros_like(candidate).scatter(1, largest, candidate.gather(1, largest))
        return State(state.t + 1, codes, candidate=candidate)
