"""Networks of `reproduce sae` that are trained in the background, one after the other, and kept in the user's cache."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from sc2viz.background.scheduling import Scheduler
from sc2viz.reproduction.autoencoders import SAERun, SAERunner

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
        runner = SAERunner()
        try:
            for run in self.runs:
                if not self.wants_to_train:
                    break
                runner.network(run)
                self.step += 1
                self.scheduler.give_way()
        except Exception as error:
            _log.exception("a network could not be trained")
            self.problem = str(error) if isinstance(error, ValueError) else f"training failed ({type(error).__name__})"
        self.done = True
