"""A solver that names an activation and never calls it."""

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import ISTA, State, Traits
from sc2viz.solvers.ista import step_down


@solvers.register
class WithoutH(ISTA):
    name, label, summary, equation, source = (
        "guest-no-h",
        "ISTA without h",
        "ISTA written out.",
        "s",
        "made up for a test",
    )
    traits = Traits(learned=True, activation="shrinkage")

    def step(self, state, drive):
        candidate = step_down(state.codes, drive)
        return State(state.t + 1, shrink(candidate, drive.theta), candidate=candidate)
