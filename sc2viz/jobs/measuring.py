"""A measurement that a reader asks for on a page, some rows after the other, and that ends when they leave."""

from collections.abc import Callable
from typing import Any

from sc2viz.jobs.scheduling import Scheduler, Work

Measure = Callable[[Callable[[int], None]], Any]


class Measuring(Work):
    """Rows that are measured. measure: is called with a function, which it calls with the number of rows
    that are done, often; what it returns is `found` in the end. rows: all of them."""

    doing, remedy = "measuring", "measure fewer rows"

    def __init__(self, measure: Measure, rows: int, scheduler: Scheduler):
        super().__init__(scheduler)
        self.total = rows
        self.found: Any = None  # None until all rows are done, and where the job was cancelled
        self._measure: Measure | None = measure

    def _do(self) -> None:
        self.report(0)
        self.found = self._measure(self.report)

    def _finish(self) -> None:
        self._measure = None  # and with it the rows
