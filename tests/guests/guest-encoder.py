"""A TopK encoder of one step: codes are computed in `drive`, and every iteration returns them."""

import torch
from torch import nn

from sc2viz import solvers
from sc2viz.solvers import Solver, State, Tied, Traits


@solvers.register
class TopKEncoder(Solver):
    name, label = "guest-encoder", "TopK encoder"
    summary = "One matrix, then the k largest entries."
    equation = r"s = \operatorname{TopK}(W x + b)"
    source = "Gao et al. 2024"
    traits = Traits(
        learned=True, untrained="correlates with the atoms", uses_lambda=False, aims_at="sparsity"
    )

    def __init__(self, B, steps=1, classes=None, *, k=8):
        super().__init__(Tied(B), steps, classes)
        self.k, self.W, self.b = (
            min(k, B.shape[1]),
            nn.Parameter(B.T.clone()),
            nn.Parameter(B.new_zeros(B.shape[1])),
        )

    def drive(self, x, lam):
        a = torch.relu(x @ self.W.T + self.b)
        return torch.zeros_like(a).scatter(1, a.topk(self.k).indices, a.topk(self.k).values)

    def step(self, state, drive):
        return State(state.t + 1, drive)
