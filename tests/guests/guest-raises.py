"""A solver that raises an exception in its third iteration."""

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits


@solvers.register
class Raises(ISTA):
    name, label, summary, equation, source = (
        "guest-raises",
        "Raising ISTA",
        "ISTA up to T = 2.",
        "s",
        "made up for a test",
    )
    traits = Traits(learned=True)

    def step(self, state, drive):
        if state.t == 2:
            raise RuntimeError("there is no third layer")
        return super().step(state, drive)
