"""A measurement that a reader asks for on a page, some rows after the other, and that ends when they leave."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from sc2viz.background.asked_training import AskedTraining
from sc2viz.background.scheduling import Enough, Scheduler

Measure = Callable[[Callable[[int], None]], Any]


class AskedMeasuring(AskedTraining):
    """A job of a scheduler (`scheduling.Work`). measure: is called with a function, which it calls with the number of rows
    that are done, often; what it returns is `found` in the end. rows: all of them."""

    doing = "measuring"

    def __init__(self, measure: Measure, rows: int, scheduler: Scheduler):
        super().__init__(scheduler)
        self.rows = rows
        self.found: Any = None  # None until all rows are done, and where the job was cancelled
        self._measure: Measure | None = measure

    @property
    def share(self) -> float:
        """Which share of the rows is done, in [0, 1]."""
        return self.step / max(1, self.rows)

    def _train(self) -> None:
        try:
            with contextlib.suppress(Enough):
                self._report(0)
                self.found = self._measure(self._report)
            if self.found is None and self.wants_to_train:
                raise ValueError(
                    f"{self.step:,} of {self.rows:,} rows took the {self.scheduler.limits.seconds:g} seconds that there "
                    "are: measure fewer rows"
                )
        finally:
            self._measure = None  # and with it the rows

    def _report(self, rows: int) -> None:
        self.step = rows
        if not self._goes_on():
            raise Enough
