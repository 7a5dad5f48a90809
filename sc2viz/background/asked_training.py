"""What a reader asks for on a page that takes long, a training for the most part, and that ends when they leave."""

from __future__ import annotations

import logging
import time

from sc2viz.background.scheduling import Scheduler

_log = logging.getLogger("sc2viz")


class AskedTraining:
    """A job of a scheduler (`scheduling.Work`). A derived class trains piece by piece in `_train`, and goes on while
    `_goes_on` says so."""

    doing = "training"  # what fails, in a message

    def __init__(self, scheduler: Scheduler):
        self.scheduler = scheduler
        self.step = 0  # pieces that are done
        self.problem = ""  # why the training failed; "" while it has not
        self.done = self.cancelled = False
        self.gone: float | None = None  # when the reader of the job disconnected; None while they are here
        self._began = 0.0

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
        """Train until all is done, or the job has ended; a thread of the scheduler calls this."""
        self._began = time.perf_counter()
        try:
            self._train()
        except Exception as error:
            _log.exception("%s failed", self.doing)
            self.problem = str(error) if isinstance(error, ValueError) else f"{self.doing} failed ({type(error).__name__})"
        self.done = True

    def _train(self) -> None:
        raise NotImplementedError

    def _goes_on(self) -> bool:
        """Let readers' pages run first; whether there is time for another piece, and somebody who waits for it."""
        self._began += self.scheduler.give_way()
        return self.wants_to_train and time.perf_counter() - self._began <= self.scheduler.limits.seconds
