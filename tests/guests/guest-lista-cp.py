"""LISTA-CP: a matrix and a threshold of its own for every layer (Chen, Liu, Wang & Yin 2018)."""

from typing import NamedTuple

from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, State, Tied, Traits


class Drive(NamedTuple):
    x: Tensor
    theta: Tensor  # of the layer at hand, where h is called


@solvers.register
class ListaCP(Solver):
    name, label = "guest-lista-cp", "LISTA-CP"
    summary = "A learned matrix and a learned threshold in every layer."
    equation = r"s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + W_t^\top (x - B s^{(t-1)})\bigr)"
    source = "Chen, Liu, Wang & Yin 2018"
    traits = Traits(
        learned=True,
        untrained="is ISTA at one λ",
        uses_lambda=False,
        aims_at="code",
        activation="shrinkage",
    )

    def __init__(self, B, steps=10, classes=None):
        super().__init__(Tied(B), steps, classes)
        tau = self.weights.matrices().step
        self.W = nn.Parameter((tau * B).expand(steps, -1, -1).clone())
        self.theta = nn.Parameter((0.4 * tau).expand(steps).clone())

    def drive(self, x, lam):
        return Drive(x, self.theta[-1])

    def step(self, state, drive):
        layer = min(state.t, len(self.theta) - 1)
        c = state.codes + (drive.x - state.codes @ self.dictionary.T) @ self.W[layer]
        return State(state.t + 1, self.h(c, drive._replace(theta=self.theta[layer])), candidate=c)

    def h(self, c, drive):
        return shrink(c, drive.theta)
