"""GLISTA: a gain gate and an overshoot gate, which leave [0, 1] (Wu, Guo, Li & Zhang 2020)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, Tied, Traits


class Gated(NamedTuple):
    t: int
    codes: Tensor
    gain: Tensor | None = None
    overshoot: Tensor | None = None


@solvers.register
class Glista(Solver):
    name, label = "guest-glista", "GLISTA"
    summary = "ISTA whose codes are enlarged before a step, and which goes beyond it."
    equation = (
        r"g = 1 + a_t (1 - (D \lvert s\rvert)_+)_+,\qquad "
        r"\tilde s = h(g \odot s + W (x - B (g \odot s))),\qquad s = o \odot \tilde s + (1 - o) \odot s"
    )
    source = "Wu, Guo, Li & Zhang 2020"
    traits = Traits(
        learned=True,
        untrained="overshoots at small codes",
        uses_lambda=False,
        aims_at="code",
        activation="shrinkage",
        gates={"gain": ("gain gate g", 1, 6), "overshoot": ("overshoot gate o", 0, 2)},
    )

    def __init__(self, B, steps=10, classes=None):
        super().__init__(Tied(B), steps, classes)
        tau = self.weights.matrices().step
        self.W, self.theta = (
            nn.Parameter((tau * B.T).contiguous()),
            nn.Parameter((0.4 * tau).clone()),
        )
        self.a, self.D = (
            nn.Parameter(B.new_full((steps,), 5.0)),
            nn.Parameter(B.new_full((B.shape[1],), 50.0)),
        )
        self.to_overshoot = nn.Parameter(B.new_zeros(B.shape[1]))

    def drive(self, x, lam):
        return x

    def start(self, x):
        return Gated(0, x.new_zeros(len(x), self.dictionary.shape[1]))

    def step(self, state, drive):
        s = state.codes
        gain = 1 + self.a[min(state.t, len(self.a) - 1)].clamp(0, 5) * torch.relu(
            1 - torch.relu(self.D * s.abs())
        )
        enlarged = gain * s
        new = self.h(enlarged + (drive - enlarged @ self.dictionary.T) @ self.W.T, drive)
        overshoot = (2 * torch.sigmoid(self.to_overshoot)).expand_as(s)
        return Gated(state.t + 1, overshoot * new + (1 - overshoot) * s, gain, overshoot)

    def h(self, c, drive):
        return shrink(c, self.theta)
