"""ISTA on x − b: a solver whose reconstructions begin from an offset b, as an autoencoder's do."""

from torch import nn

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits

START = 0.1  # of every entry of b before training


@solvers.register
class OffsetISTA(ISTA):
    name, label = "guest-offset", "Offset ISTA"
    summary = "ISTA on what is left of the picture without a learned offset."
    equation = r"s^{(t)} = h_{\lambda\tau}\bigl(s^{(t-1)} + \tau B^\top (x - b - B s^{(t-1)})\bigr)"
    source = "Bricken et al. 2023, whose pre-encoder bias b is"
    traits = Traits(learned=True, untrained="is ISTA on x − 0.1", activation="shrinkage")

    def __init__(self, B, steps=10, classes=None):
        super().__init__(B, steps, classes)
        self.offset = nn.Parameter(B.new_full((len(B),), START))

    def drive(self, x, lam, mask=None):
        return super().drive(self.centred(x), lam, mask)
