"""Results that several readers may wait for: each is made once, in the background, and nobody makes what nobody waits for."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from sc2viz.jobs.scheduling import Job, Scheduler


@dataclass(frozen=True, eq=False)
class Task:
    """A result that is to be made: `key` stands for it, and `make` is told whom to call with the share that is done. `store`,
    a `ui.cache.Store`, keeps it as long as there is room."""

    key: Hashable
    make: Callable[[Callable[[float], None]], Any]
    store: Any
    scheduler: Scheduler


class SharedJob(Job):
    """A job that makes one result for all who wait for it, `readers`, and ends once nobody does."""

    doing, remedy = "this", "choose fewer megapixels"

    def __init__(self, task: Task):
        super().__init__(task.scheduler)
        self.task = task
        self.readers: set[int] = set()

    @property
    def is_abandoned(self) -> bool:
        """Whether nobody waits for the result any more."""
        return not self.readers

    def enter(self, reader: int) -> None:
        """Note that a reader waits for the result, and begin to make it unless it is made or being made."""
        self.readers.add(reader)
        if not self.done:
            self.start()

    def leave(self, reader: int) -> None:
        """Note that a reader waits no longer. Once nobody waits, the job ends at its next report."""
        self.readers.discard(reader)
        if self.is_abandoned:
            self.scheduler.withdraw(self)

    def _do(self) -> None:
        """Make the result, and put it into the task's store."""
        self.step = 0
        result = self.task.make(self.report)
        self.task.store.get(self.task.key, lambda: result)
        self.result = result

    def _close(self) -> None:
        """End the job where it has a result or a problem. Stopped without either it is not `done`, and can be started for
        another reader."""
        if self.result is not None or self.problem:  # else another reader may still want it
            super()._close()


# What is being made for any reader. A store of one session has keys of its own.
_jobs: WeakValueDictionary[tuple[int, Hashable], SharedJob] = WeakValueDictionary()
_lock = Lock()  # guards `_jobs`


class Desk:
    """What one reader waits for, and the results that they look at, which are held though their store may drop them."""

    def __init__(self) -> None:
        self.jobs: dict[Hashable, SharedJob] = {}
        self.results: dict[Hashable, Any] = {}
        self.numbers: dict[Hashable, Any] = {}  # what is kept of results that are not
        self.view: Hashable = None  # stands for what the reader looks at
        self.stopped: Hashable = None  # the view of which the reader does not want later results
        self.is_first = True  # whether some of the first results are missing

    def find(self, task: Task) -> Any:
        """Return the result of a task; None where there is none yet."""
        if task.key in self.results:
            return self.results[task.key]
        job = self.jobs.get(task.key)
        return task.store.peek(task.key) if job is None or job.result is None else job.result

    def ask(self, tasks: Iterable[Task], later: Iterable[Task] = ()) -> None:
        """Hold the results of tasks, and begin what is missing: of `later` once all of `tasks` are done. What was asked for
        before, and is not any more, is let go."""
        tasks, later = list(tasks), list(later)
        results = {task.key: self.find(task) for task in (*tasks, *later)}
        results = {key: result for key, result in results.items() if result is not None}
        jobs = {task.key: self._job(task) for task in tasks if task.key not in results}
        self.is_first = not all(job.problem for job in jobs.values())
        if not self.is_first:
            jobs |= {task.key: self._job(task) for task in later if task.key not in results}
        for key in self.jobs.keys() - jobs.keys():
            self.jobs[key].leave(id(self))
        self.jobs, self.results = jobs, results
        for job in jobs.values():
            job.enter(id(self))

    @property
    def pending(self) -> list[SharedJob]:
        """The jobs that the reader waits for and that have not failed."""
        return [job for job in self.jobs.values() if not job.problem]

    def leave(self) -> None:
        """Wait for nothing any more, because the reader has left or stopped it."""
        for job in self.jobs.values():
            job.leave(id(self))

    # The desk as one job, whose progress a page shows (ui/progress.py)

    place, cancelled = None, False

    @property
    def done(self) -> bool:
        """Whether a page has something new to show."""
        return not self.pending or any(job.done for job in self.pending)

    @property
    def is_stopped(self) -> bool:
        """Whether the reader has stopped the later results of the view at hand."""
        return self.stopped is not None and self.stopped == self.view

    @property
    def share(self) -> float:
        """The share of the pending work that is done, in [0, 1]."""
        return sum(job.share for job in self.pending) / max(1, len(self.pending))

    def cancel(self) -> None:
        """Make no later results of the view at hand."""
        self.stopped = self.view
        self.leave()
        self.jobs = {}

    def go_on(self) -> None:
        """Want the later results again that the reader had stopped; the next `ask` begins them."""
        self.stopped = None

    def _job(self, task: Task) -> SharedJob:
        """Return the job that makes a task's result: the one that the reader waits for, one of another reader, or a new one,
        which is not started here."""
        if task.key in self.jobs:
            return self.jobs[task.key]
        with _lock:
            job = _jobs.get((id(task.store), task.key))
            if job is None:
                job = _jobs[id(task.store), task.key] = SharedJob(task)
            return job
