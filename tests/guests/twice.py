"""A second solver of a name that is taken."""

from sc2viz import solvers
from sc2viz.solvers import ISTA


@solvers.register
class Impostor(ISTA):
    name, label, summary, equation, source = (
        "ista",
        "Impostor",
        "Not ISTA.",
        "s",
        "made up for a test",
    )
