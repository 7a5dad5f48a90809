"""Encoders that are trained in the background, one after the other, and kept in the user's cache."""

from collections.abc import Sequence

import torch
from torch import Tensor

from sc2viz import lasso, solvers
from sc2viz.defaults import KINDS
from sc2viz.jobs import code_training
from sc2viz.jobs.scheduling import Job, Scheduler
from sc2viz.training.autoencoders import BATCH, EncoderRun, EncoderTrainer

EACH = 3e-3  # seconds that a step takes however small it is


class EncoderTraining(Job):
    """The networks of `runs`, which are trained. All readers share what is in the cache."""

    def __init__(self, runs: Sequence[EncoderRun], scheduler: Scheduler):
        super().__init__(scheduler)
        self.runs, self.total = list(runs), len(runs)

    def _do(self) -> None:
        trainer = EncoderTrainer()
        for run in self.runs:
            if not self._goes_on():
                break
            trainer.network(run)
            self.step += 1


def seconds(run: EncoderRun, rows: Tensor) -> float:
    """About how long a training takes one core: the time of a step, of a batch of `rows` (n, d_x), times the steps. There
    are about four training rows for each of these, and the optimiser takes about as long as the gradient."""
    kind, x = KINDS[run.kind], rows[:BATCH]
    noise = torch.randn(
        rows.shape[1], run.atoms, dtype=torch.float32, generator=torch.Generator().manual_seed(0)
    )
    solver = solvers.build(kind.solver, lasso.normalised(noise), kind.steps, **kind.options)
    own, lam = getattr(solver, "cost", None), torch.tensor(0.1, dtype=torch.float32)

    def cost() -> Tensor:
        return (
            own(x, lam)
            if own
            else lasso.honest_objective(x, solver(x, 0.1), solver.dictionary, 0.1)
        )

    steps = EncoderTrainer().configuration(run)["epochs"] * 4 * len(rows) / BATCH
    return steps * (2 * code_training.quickest(solver, cost) + EACH)
