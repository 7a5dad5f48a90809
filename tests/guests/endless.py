"""A solver that passes the trial on two rows and never ends an iteration on more."""

from sc2viz import solvers
from sc2viz.solvers import ISTA


@solvers.register
class Endless(ISTA):
    name, label = "endless", "Endless"
    summary = "ISTA that never ends."
    equation = r"s^{(t)} = s^{(t)}"
    source = "made up for a test"

    def step(self, state, drive):
        while len(state.codes) != 2:
            pass
        return super().step(state, drive)
