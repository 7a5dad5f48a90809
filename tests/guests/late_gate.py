"""A solver whose gate leaves its range in the fourth iteration, beyond those that are tried when it is built."""

from sc2viz import solvers
from sc2viz.solvers import ISTA, Traits


@solvers.register
class LateGate(ISTA):
    name, label, summary, equation, source = (
        "late-gate",
        "Late gate",
        "ISTA with a gate.",
        "s",
        "made up for a test",
    )
    traits = Traits(gates={"forget_gate": "forget gate"})

    def step(self, state, drive):
        after = super().step(state, drive)
        return after._replace(
            forget_gate=after.codes.new_full((len(after.codes), 1), 1.5 if after.t == 4 else 0.5)
        )
