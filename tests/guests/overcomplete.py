"""A solver that some dictionaries do not suit: it has no use for fewer atoms than values."""

from sc2viz import solvers
from sc2viz.solvers import ISTA


@solvers.register
class Overcomplete(ISTA):
    name, label, summary = (
        "overcomplete-ista",
        "Overcomplete ISTA",
        "ISTA for at least as many atoms as values.",
    )
    equation, source = r"d_s \ge d_x", "made up for a test"

    def __init__(self, B, steps=10, classes=None):
        if B.shape[0] > B.shape[1]:
            raise ValueError(
                f"d_x must be at most d_s, got {B.shape[0]} > {B.shape[1]}: take a dictionary of more atoms"
            )
        super().__init__(B, steps, classes)
