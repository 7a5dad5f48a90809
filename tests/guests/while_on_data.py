"""A solver whose Python depends on the data: it halves a step until no code changes by more than one."""

import torch

from sc2viz import solvers
from sc2viz.solvers import ISTA


@solvers.register
class Halving(ISTA):
    name, label, summary, equation, source = (
        "halving",
        "Halving ISTA",
        "ISTA in halves.",
        "s",
        "made up for a test",
    )

    def step(self, state, drive):
        next_state = super().step(state, drive)
        step = next_state.codes - state.codes
        while (large := step.abs().amax(1, keepdim=True) > 1).any():
            step = torch.where(large, step / 2, step)
        return next_state._replace(codes=state.codes + step)
