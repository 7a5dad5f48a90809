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
        next_state = super().step(state, drive)
        return next_state._replace(
            forget_gate=next_state.codes.new_full(
                (len(next_state.codes), 1), 1.5 if next_state.t == 4 else 0.5
            )
        )
