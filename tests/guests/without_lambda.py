"""A solver that does not use λ: hard thresholding to the k largest entries."""

import torch

from sc2viz import solvers
from sc2viz.solvers import ISTA, State, Traits


@solvers.register
class TopK(ISTA):
    name, label = "top-k", "Top-k"
    summary = "A gradient step, then the k largest entries are kept."
    equation = r"s^{(t)} = H_k\bigl(s^{(t-1)} + \tau B^\top (x - B s^{(t-1)})\bigr)"
    source = "Blumensath & Davies 2008"
    traits = Traits(uses_lambda=False, aims_at="sparsity", takes_mask=False)

    def __init__(self, B, steps=10, classes=None, *, k=None):
        super().__init__(B, steps, classes)
        self.k = k or -(-B.shape[1] // 10)

    def step(self, state, drive):
        candidate = torch.addmm(drive.fixed, state.codes, drive.recurrent)
        code = torch.zeros_like(candidate).scatter(
            1, candidate.abs().topk(self.k, dim=1).indices, 1.0
        )
        return State(state.t + 1, candidate * code)
