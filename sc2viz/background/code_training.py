"""A network that learns in the background to find the true codes of one law, on the true atoms."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import torch

from sc2viz import training
from sc2viz.background.scheduling import Scheduler
from sc2viz.data import Images
from sc2viz.solvers import Solver
from sc2viz.training import losses

BATCHES, SIZE = 1600, 128  # as many as the networks that ship, of as many signals
LOOKS = 16  # events of a run, each of which looks at signals that are not trained on
HELD_OUT = 100  # such signals
TRIED = 2  # steps that are timed for an estimate
_log = logging.getLogger("sc2viz")


class CodeTraining:
    """A job of a scheduler (`scheduling.Work`). solver: built on the atoms of `rows`, which have a law; it is trained in
    place, at `lam` where it has a λ. batches: of fresh signals by that law."""

    def __init__(
        self, solver: Solver, rows: Images, lam: float, scheduler: Scheduler, batches: int = BATCHES, seed: int = 0
    ):
        self.solver, self.rows, self.lam, self.scheduler = solver, rows, lam, scheduler
        self.batches, self.seed = batches, seed
        self.step, self.nmse = 0, float("nan")  # batches that are done, and the NMSE after them on signals held out, in dB
        self.problem = ""  # why the training failed; "" while it has not
        self.done = self.cancelled = False
        self.gone: float | None = None  # when the reader of the job disconnected; None while they are here

    @property
    def nbytes(self) -> int:
        """The bytes that the job keeps."""
        return sum(part.nbytes for part in self.solver.state_dict().values())

    @property
    def share(self) -> float:
        """Which share of the batches is done, in [0, 1]."""
        return min(self.step / self.batches, 1.0)

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
        """Train until all batches are done; a thread of the scheduler calls this."""
        began = time.perf_counter()
        try:
            recipe = training.recipe(self.solver, losses.RECOVERING[0], "recommended")
            settings = replace(recipe, lam=self.lam, every=max(1, self.batches // LOOKS))
            apart = self.rows.fresh(HELD_OUT, self.seed, 1)
            for event in training.fit(self.solver, self.rows.fresh(SIZE, self.seed), losses.RECOVERING[0], settings=settings,
                                      epochs=self.batches, batch_size=SIZE, seed=self.seed, validation=apart):  # fmt: skip
                self.step, self.nmse = event.step, event.nmse
                began += self.scheduler.give_way()
                if not self.wants_to_train or time.perf_counter() - began > self.scheduler.limits.seconds:
                    break
        except Exception as error:
            _log.exception("a network could not be trained")
            self.problem = str(error) if isinstance(error, ValueError) else f"training failed ({type(error).__name__})"
        self.solver = self.solver.eval().requires_grad_(False)
        self.done = True


def seconds(solver: Solver, rows: Images) -> float:
    """About how long a training takes one core: the batches times a step at all layers, which are in use in half of them."""
    parameters = [each for each in solver.parameters() if each.requires_grad]
    if not parameters:
        return 0.0
    batch, times = rows.fresh(SIZE, 0), []
    for _ in range(TRIED):
        began = time.thread_time()
        loss = losses.recovery(solver, batch.pixels, torch.tensor(0.1), batch.codes).mean()
        torch.autograd.grad(loss, parameters, allow_unused=True)
        times.append(time.thread_time() - began)
    return 0.75 * BATCHES * min(times)
