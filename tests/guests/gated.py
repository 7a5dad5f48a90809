"""A gated solver that inherits from no other, with a gate of its own name and a state of its own."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, Tied, Traits


class Gated(NamedTuple):
    t: int
    codes: Tensor
    memory: Tensor
    update_gate: Tensor | None = None


@solvers.register
class GRUISTA(Solver):
    name, label = "gru-ista", "GRU-ISTA"
    summary = "ISTA with an update gate."
    equation = r"m^{(t)} = (1 - z^{(t)}) \odot m^{(t-1)} + z^{(t)} \odot \tilde c^{(t)}"
    source = "made up for a test"
    traits = Traits(
        learned=True, untrained="moves half as far as ISTA", gates={"update_gate": "update gate z"}
    )

    def __init__(self, B, steps=10, classes=None):
        super().__init__(Tied(B), steps, classes)
        self.bias = nn.Parameter(B.new_zeros(B.shape[1]))
        self.on_codes = nn.Parameter(B.new_zeros(B.shape[1]))

    def drive(self, x, lam):
        W = self.weights.matrices()
        return x @ W.W_d.T, W.W_e.T, lam * W.step

    def start(self, x):
        codes = x.new_zeros(len(x), self.dictionary.shape[1])
        return Gated(0, codes, codes)

    def step(self, state, drive):
        fixed, recurrent, theta = drive
        gate = torch.sigmoid(self.bias + self.on_codes * state.codes)
        memory = (1 - gate) * state.memory + gate * (fixed + state.codes @ recurrent)
        return Gated(state.t + 1, shrink(memory, theta), memory, gate)
