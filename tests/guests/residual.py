"""A solver whose state carries the residual, which is (n, d_x)."""

from typing import NamedTuple

from torch import Tensor, nn

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, Tied, Traits


class WithResidual(NamedTuple):
    t: int
    codes: Tensor
    residual: Tensor


@solvers.register
class ResidualISTA(Solver):
    name, label = "residual-ista", "Residual ISTA"
    summary = "ISTA that carries its residual, with one learned factor on it."
    equation = r"r^{(t)} = x - B s^{(t)}"
    source = "made up for a test"
    traits = Traits(learned=True, untrained="equals ISTA")

    def __init__(self, B, steps=10, classes=None):
        super().__init__(Tied(B), steps, classes)
        self.factor = nn.Parameter(B.new_ones(()))

    def drive(self, x, lam):
        return x, lam, self.weights.matrices().step

    def start(self, x):
        return WithResidual(0, x.new_zeros(len(x), self.dictionary.shape[1]), x)

    def step(self, state, drive):
        x, lam, tau = drive
        codes = shrink(
            state.codes + self.factor * tau * state.residual @ self.dictionary, lam * tau
        )
        return WithResidual(state.t + 1, codes, x - codes @ self.dictionary.T)
