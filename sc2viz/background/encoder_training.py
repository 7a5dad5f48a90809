"""Networks of `reproduce sae` that are trained in the background, one after the other, and kept in the user's cache."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import torch
from torch import Tensor

from sc2viz import lasso, solvers
from sc2viz.background.scheduling import Scheduler
from sc2viz.reproduction.autoencoders import BATCH, KINDS, SAERun, SAERunner

TRIED = 2  # steps that are timed for an estimate
EACH = 3e-3  # seconds that a step takes however small it is

_log = logging.getLogger("sc2viz")


class EncoderTraining:
    """A job of a scheduler (`scheduling.Work`), which trains the networks of `runs`. All readers share what is in the
    cache."""

    def __init__(self, runs: Sequence[SAERun], scheduler: Scheduler):
        self.runs, self.scheduler = list(runs), scheduler
        self.step = 0  # networks that are done
        self.problem = ""  # why the training failed; "" while it has not
        self.done = self.cancelled = False
        self.gone: float | None = None  # when the reader of the job disconnected; None while they are here

    @property
    def share(self) -> float:
        """Which share of the networks is done, in [0, 1]."""
        return self.step / max(1, len(self.runs))

    @property
    def wants_to_train(self) -> bool:
        away = self.gone is not None and time.monotonic() - self.gone > self.scheduler.limits.away
        return not (self.done or self.cancelled or away)

    def start(self) -> None:
        self.scheduler.submit(self)

    def end(self) -> None:
        self.cancelled = True

    cancel = end

    def train(self) -> None:
        """Train until all networks are done, or the job has ended; a thread of the scheduler calls this."""
        runner, began = SAERunner(), time.perf_counter()
        try:
            for run in self.runs:
                if not self.wants_to_train or time.perf_counter() - began > self.scheduler.limits.seconds:
                    break
                runner.network(run)
                self.step += 1
                began += self.scheduler.give_way()
        except Exception as error:
            _log.exception("a network could not be trained")
            self.problem = str(error) if isinstance(error, ValueError) else f"training failed ({type(error).__name__})"
        self.done = True


def seconds(run: SAERun, rows: Tensor) -> float:
    """About how long a training takes one core: the time of a step, of a batch of `rows` (n, d_x), times the steps. There
    are about four training rows for each of these, and the optimiser takes about as long as the gradient."""
    kind, x = KINDS[run.kind], rows[:BATCH]
    noise = torch.randn(rows.shape[1], run.atoms, generator=torch.Generator().manual_seed(0))
    solver = solvers.build(kind.solver, lasso.normalised(noise), kind.steps, **kind.options)
    parameters = [each for each in solver.parameters() if each.requires_grad]
    own, times = getattr(solver, "cost", None), []
    for _ in range(TRIED):
        began = time.thread_time()
        cost = own(x, torch.tensor(0.1)) if own else lasso.honest_objective(x, solver(x, 0.1), solver.dictionary, 0.1)
        torch.autograd.grad(cost.mean(), parameters, allow_unused=True)
        times.append(time.thread_time() - began)
    steps = SAERunner().configuration(run)["epochs"] * 4 * len(rows) / BATCH
    return steps * (2 * min(times) + EACH)
