"""A learned solver with an activation of its own: the firm threshold, which leaves large values alone."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits


class Drive(NamedTuple):
    fixed: Tensor
    recurrent: Tensor
    theta: Tensor
    upper: Tensor


@solvers.register
class FirmISTA(ISTA):
    name, label = "firm-ista", "Firm ISTA"
    summary = "ISTA with the firm threshold."
    equation = r"h(c) = \operatorname{sign}(c)\,\frac{\mu(|c|-\theta)_+}{\mu-\theta}\ \text{up to}\ |c| = \mu"
    source = "Gao & Bruce 1997"
    traits = Traits(
        learned=True,
        untrained="has a threshold that lets large codes pass",
        activation="firm threshold",
    )

    def __init__(self, B, steps=10, classes=None):
        super().__init__(B, steps, classes)
        self.log_ratio = nn.Parameter(B.new_full((B.shape[1],), 3.0))  # μ = θ(1 + eʳ)

    def drive(self, x, lam):
        base = super().drive(x, lam)
        return Drive(*base, base.theta * (1 + torch.exp(self.log_ratio)))

    def h(self, c, drive):
        size = c.abs()
        firm = drive.upper * (size - drive.theta).clamp_min(0) / (drive.upper - drive.theta)
        return torch.sign(c) * torch.minimum(firm, size)
