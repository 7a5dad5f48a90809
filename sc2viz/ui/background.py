"""Work in the background of the server: it stands back while a reader waits for a page."""

from collections.abc import Callable

from sc2viz.background import scheduling
from sc2viz.ui import turns


def scheduler(prepare: Callable[[], None] = lambda: None) -> scheduling.Scheduler:
    """A scheduler for one kind of work. prepare: called before each job, in its thread."""
    return scheduling.Scheduler(scheduling.Limits.from_environment(), prepare, turns.PAGES.stand_back)
