"""Run work while readers look: `Job`, which every job is, and the `Scheduler` that runs jobs in threads.

The `Scheduler` runs a limited number of jobs at a time, each in a thread, and the others wait in a queue. A job goes on
between the runs of the page, which only reads it. `Scheduler._lock` guards the queue and the set of running jobs.
"""

import atexit
import contextlib
import logging
import math
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

# What the environment calls limits that have another name here
VARIABLES = {"threads": "AT_ONCE", "absence": "AWAY"}
ENDING = 10.0  # seconds that jobs may take to end when the server ends
_log = logging.getLogger("sc2viz")


@dataclass(frozen=True)
class Limits:
    """The limits on jobs. An environment variable such as SC2VIZ_TRAIN_AT_ONCE=4 sets each of them."""

    threads: int = 2  # jobs that train at the same time, each in one thread; the others wait
    seconds: float = 600.0  # that a job may train, not counting pauses
    megabytes: float = 500.0  # of memory that a job may need
    nice: int = 15  # the priority of jobs' threads on Linux; pages have 0, the highest, and 19 is the lowest
    absence: float = 20.0  # seconds that a job goes on training after its reader has disconnected
    frames: int = 48  # that a job keeps at most
    frame_megabytes: float = 8.0  # that the frames of a job take together; at least eight are kept

    @classmethod
    def from_environment(cls) -> "Limits":
        """Return the limits that the environment sets. Raises ValueError, which names the variable, if one is not a positive
        number."""
        limits = {}
        for field in fields(cls):
            name = f"SC2VIZ_TRAIN_{VARIABLES.get(field.name, field.name.upper())}"
            text = os.environ.get(name, field.default)
            try:
                value = float(text)
            except ValueError:
                value = math.nan
            if not 0 < value < math.inf:
                raise ValueError(f"{name} must be a number > 0, got {text!r}")
            limits[field.name] = max(1, int(value)) if type(field.default) is int else value
        return cls(**limits)


class Job:
    """Work that a scheduler runs in a thread. `work` is called with the job: it does it piece by piece, calls `report` between
    two pieces, and returns the `result`. A derived class does it in `_do` instead.

    doing      what fails, in a message
    remedy     what helps where the seconds that a job may take are used up
    step       pieces that are done, of `total`
    result     what was made; None until all is done, and where the job was cancelled
    problem    why it failed; "" while it has not
    done       whether it has ended, however that was
    cancelled  whether nobody wants the rest of it
    gone       when its reader disconnected; None while they are here
    """

    step: float = 0
    total = 1
    doing, remedy = "training", ""

    def __init__(
        self,
        scheduler: "Scheduler",
        work: Callable[["Job"], Any] | None = None,
        total: int = 1,
        doing: str = doing,
        remedy: str = remedy,
    ):
        self.scheduler, self._work, self.result = scheduler, work, None
        if work is not None:
            self.total, self.doing, self.remedy = total, doing, remedy
        self.problem = ""
        self.done = self.cancelled = False
        self.gone: float | None = None
        self._began = 0.0
        self._ended = threading.Event()

    @property
    def limits(self) -> Limits:
        """The limits of its scheduler."""
        return self.scheduler.limits

    @property
    def share(self) -> float:
        """Which share of the work is done, in [0, 1]."""
        return min(self.step / max(1, self.total), 1.0)

    @property
    def is_abandoned(self) -> bool:
        """Whether its reader has been gone for too long."""
        return self.gone is not None and time.monotonic() - self.gone > self.limits.absence

    @property
    def wants_to_train(self) -> bool:
        """Whether the scheduler is to run it (again)."""
        return not (self.done or self.cancelled or self.is_abandoned)

    @property
    def place(self) -> int | None:
        """Its place in the queue, counted from 1; None if it is not waiting."""
        return self.scheduler.place(self)

    def start(self) -> None:
        """Put the job into the queue, from which it begins once there is a thread for it."""
        self.scheduler.submit(self)

    def cancel(self) -> None:
        """Have the job stop after the piece at hand, because nobody wants the rest."""
        self.cancelled = True

    def end(self) -> None:
        """Have the job stop soon, because the server ends."""
        self.cancel()

    def train(self) -> None:
        """Work in the calling thread, one of the scheduler's, for as long as there is something to do."""
        self._began = time.perf_counter()
        try:
            with contextlib.suppress(Enough):
                self._do()
        except Exception as error:
            self.problem = self._describe_failure(error)
        self._finish()
        self._close()

    def wait(self, seconds: float) -> None:
        """Return when the job has ended, or after at most this many seconds."""
        self._ended.wait(seconds)

    def report(self, step: float) -> None:
        """Note how many pieces are done, between two of them. The job ends here where nobody waits for it any more, and
        fails where its seconds are used up."""
        self.step = step
        if not self._goes_on():
            if self.wants_to_train:
                raise ValueError(f"this takes more than {self.limits.seconds:g} s: {self.remedy}")
            raise Enough

    def _do(self) -> None:
        """Do the work, in the scheduler's thread: call `work` and keep what it returns as `result`."""
        self.result = self._work(self)

    def _finish(self) -> None:
        """Do what is to be done in the end, however that was, before `done` is set."""
        self._work = None  # and with it what it holds

    def _close(self) -> None:
        """Note that the job has ended, and wake those who wait for that."""
        self.done = True
        self._ended.set()

    def _goes_on(self) -> bool:
        """Whether there is time for another piece, and somebody who waits for it."""
        return self.wants_to_train and time.perf_counter() - self._began <= self.limits.seconds

    def _describe_failure(self, error: Exception) -> str:
        """Return what a reader is told of an error: its message where it is a ValueError; else the server's log has the
        rest."""
        if isinstance(error, ValueError):
            return str(error)
        _log.error("%s failed", self.doing, exc_info=error)
        return f"{self.doing} failed ({type(error).__name__})"


class Enough(Exception):
    """A job ends within a piece, with what it has."""


class Scheduler:
    """Runs jobs in threads: `limits.threads` at a time, the others in the order in which they were submitted.

    Before the interpreter ends it ends the jobs, because a thread that is still inside torch then would abort the process.
    `prepare` is called before each job, in its thread.
    """

    def __init__(self, limits: Limits, prepare: Callable[[], None] = lambda: None):
        self.limits, self.prepare = limits, prepare
        self.closed = False
        self._queue: deque[Job] = deque()
        self._running: dict[Job, threading.Thread] = {}
        self._lock = threading.Lock()
        atexit.register(self.close)

    def submit(self, job: Job) -> None:
        """Put a job into the queue, unless it runs or waits there already, or the server ends."""
        with self._lock:
            if not self.closed and job not in self._running and job not in self._queue:
                self._queue.append(job)
                self._admit()

    def withdraw(self, job: Job) -> None:
        """Remove a job from the queue, if it waits there; one that runs goes on."""
        with self._lock:
            if job in self._queue:
                self._queue.remove(job)

    def place(self, job: Job) -> int | None:
        """Return the job's place in the queue, counted from 1; None if it is not waiting."""
        with self._lock:
            return self._queue.index(job) + 1 if job in self._queue else None

    def runs(self, job: Job) -> bool:
        """Whether the job is training now."""
        return job in self._running

    def close(self, seconds: float = ENDING) -> None:
        """End all jobs, each after its step or batch at hand, and wait for that at most `seconds`; no job can be submitted
        any more."""
        with self._lock:
            self.closed = True
            self._queue.clear()
            threads = list(self._running.values())
            for job in self._running:
                job.end()
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _admit(self) -> None:
        """Begin the jobs that wait first, each in a thread of its own, while there is room. The caller holds the lock."""
        while self._queue and len(self._running) < self.limits.threads:
            job = self._queue.popleft()
            self._running[job] = threading.Thread(
                target=self._run, args=(job,), name="training", daemon=True
            )
            self._running[job].start()

    def _run(self, job: Job) -> None:
        """Run a job in this thread, at a low priority, and then begin the next one."""
        if (
            sys.platform == "linux"
        ):  # where each thread has a priority of its own, so that pages can come first
            with contextlib.suppress(OSError):  # raised by hosts that do not allow another priority
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self.limits.nice)
        try:
            self.prepare()
            job.train()
        finally:
            with self._lock:
                del self._running[job]
                if (
                    job.wants_to_train and not self.closed
                ):  # the job was started again after `train` had returned
                    self._queue.append(job)
                self._admit()
