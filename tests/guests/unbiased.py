"""An LSTM of Eq. (8) from another file, whose gates have no biases."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.solvers import ISTA, State, Traits


class Drive(NamedTuple):
    fixed: Tensor
    recurrent: Tensor
    theta: Tensor
    x: Tensor


@solvers.register
class Unbiased(ISTA):
    name, label = "unbiased", "Unbiased LSTM"
    summary = "Adaptive ISTA whose gates see the code and the picture, without biases."
    equation = r"i^{(t)} = \sigma(W_{is}\, s^{(t-1)} + W_{ix}\, x)"
    source = "made up for a test"
    traits = Traits(
        learned=True,
        untrained="has gates of one half",
        gates={"input_gate": "input gate", "forget_gate": "forget gate"},
        activation="shrinkage",
        takes_mask=False,
    )

    def __init__(self, B, steps=10, classes=None):
        super().__init__(B, steps, classes)
        d_x, d_s = B.shape
        self.W_is, self.W_fs = (nn.Parameter(0.1 * torch.eye(d_s)) for _ in "if")
        self.W_ix, self.W_fx = (nn.Parameter(B.new_full((d_s, d_x), 0.01)) for _ in "if")

    def start(self, x):
        state = super().start(x)
        return state._replace(cell=state.codes)

    def drive(self, x, lam):
        return Drive(*super().drive(x, lam), x)

    def step(self, state, drive):
        s, x = state.codes, drive.x
        i, f = (
            torch.sigmoid(s @ self.W_is.T + x @ self.W_ix.T),
            torch.sigmoid(s @ self.W_fs.T + x @ self.W_fx.T),
        )
        candidate = drive.fixed + s @ drive.recurrent
        cell = f * state.cell + i * candidate
        return State(state.t + 1, self.h(cell, drive), None, cell, candidate, i, f)
