"""A file that registers a solver and then fails."""

from sc2viz import solvers
from sc2viz.solvers import ISTA


@solvers.register
class Half(ISTA):
    name, label, summary, equation, source = "half", "Half", "Half done.", "s", "made up for a test"


raise RuntimeError("this file is broken on purpose")
