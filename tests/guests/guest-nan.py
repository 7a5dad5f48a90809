"""A solver whose codes are not numbers."""

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits


@solvers.register
class NotANumber(ISTA):
    name, label, summary, equation, source = (
        "guest-nan",
        "NaN ISTA",
        "ISTA that divides by zero.",
        "s / 0",
        "made up for a test",
    )
    traits = Traits(learned=True)

    def step(self, state, drive):
        next_state = super().step(state, drive)
        return next_state._replace(codes=next_state.codes * float("nan"))
