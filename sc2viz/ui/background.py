"""Work in the background of the server: it stands back while a reader waits for a page."""

from collections.abc import Callable

from sc2viz import jobs
from sc2viz.ui import turns


def scheduler(prepare: Callable[[], None] = lambda: None) -> jobs.Scheduler:
    """One of its own for a kind of work. prepare: called before each job, in its thread."""
    return jobs.Scheduler(jobs.Limits.from_environment(), prepare, turns.PAGES.stand_back)
