"""A solver that names none of its parameters to training."""

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits


@solvers.register
class Still(ISTA):
    name, label, summary, equation, source = (
        "still",
        "Still ISTA",
        "ISTA that learns nothing.",
        "s",
        "made up for a test",
    )
    traits = Traits(learned=True, untrained="equals ISTA")

    def parameter_groups(self):
        return []
