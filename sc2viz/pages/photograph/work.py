"""Answers that are made in the background: coarse ones first, then fine ones, for as long as somebody waits for them.

A `Work` makes one answer, for all readers who look at it. Each session has a `Desk` with the works that it waits for. What
is made of a built-in picture goes into the store that all readers share, and what is made of a reader's own photograph into
that of their session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
import streamlit as st

from sc2viz import jobs
from sc2viz.photographs import Stopped
from sc2viz.ui import cache

_log = logging.getLogger("sc2viz")
Told = Callable[[float], bool]  # is told the share that is done, and says whether to go on


@dataclass(frozen=True, eq=False)
class Result:
    """A picture that was made, and its numbers; nan where there is no such number."""

    picture: np.ndarray  # (h, w) or (h, w, 3) uint8
    psnr: float = np.nan  # dB
    ssim: float = np.nan
    non_zeros: float = np.nan  # a pixel
    seconds: float = np.nan  # of the processor, on one thread
    way: str = ""
    inner: float = np.nan  # dB of what was missing


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be made: `key` stands for it."""

    key: Hashable
    make: Callable[[Told], Result]
    private: bool  # whether it is the reader's alone
    quick: bool = True


class Work:
    """A task that is being done, by a thread of a scheduler, while any reader waits for it."""

    def __init__(self, task: Task, store: cache.Store, scheduler: jobs.Scheduler):
        self.task, self.store, self.scheduler = task, store, scheduler
        self.share = 0.0  # that is done
        self.result: Result | None = None
        self.problem = ""  # why it failed
        self.readers: set[int] = set()  # of the desks that wait
        self.closed = False

    @property
    def done(self) -> bool:
        return self.result is not None or bool(self.problem)

    @property
    def wants_to_train(self) -> bool:
        """Whether the scheduler is to run it (again)."""
        return bool(self.readers) and not self.done and not self.closed

    def wait(self, reader: int) -> None:
        """A reader waits for it."""
        self.readers.add(reader)
        if not self.done:
            self.scheduler.submit(self)

    def leave(self, reader: int) -> None:
        """A reader waits no longer. Without any, the work ends after the block of patches at hand."""
        self.readers.discard(reader)
        if not self.readers:
            self.scheduler.withdraw(self)

    def train(self) -> None:
        """Do it; a thread of the scheduler calls this."""
        self._began = time.perf_counter()
        try:
            result = self.task.make(self._told)
            self.store.get(self.task.key, lambda: result)
            self.result = result
        except Stopped:
            self.share = 0.0
        except Exception as error:
            _log.exception("a photograph could not be worked on")
            self.problem = str(error) if isinstance(error, ValueError) else f"This failed ({type(error).__name__})."

    def end(self) -> None:
        """The server ends."""
        self.closed = True

    def _told(self, share: float) -> bool:
        self.share = share
        if time.perf_counter() - self._began > self.scheduler.limits.seconds:
            raise ValueError(f"This takes more than {self.scheduler.limits.seconds:.0f} s here: choose fewer megapixels.")
        return self.wants_to_train


_shared: WeakValueDictionary[Hashable, Work] = WeakValueDictionary()  # the works on built-in pictures
_lock = Lock()  # guards it


@dataclass(eq=False)
class Desk:
    """What one session waits for."""

    works: dict[Hashable, Work] = field(default_factory=dict)
    view: Hashable = None  # what the reader looks at
    stopped: Hashable = None  # the view whose fine answers the reader does not want
    waits: bool = False  # whether answers were missing when the page was drawn

    def ask(self, tasks: Sequence[Task], then: Sequence[Task]) -> tuple[list[Result | Work], list[Result | Work]]:
        """For each task its result, or the work on it; then for those of `then`, if all results of `tasks` are there.

        What was asked for before, and is not any more, is left.
        """
        before, self.works = self.works, {}
        first = [self._one(task, before) for task in tasks]
        there = all(isinstance(each, Result) or each.problem for each in first)
        second = [self._one(task, before) for task in then] if there else []
        for key in before.keys() - self.works.keys():
            before[key].leave(id(self))
        self.waits = any(isinstance(each, Work) and not each.problem for each in (*first, *second))
        return first, second

    def stop(self) -> None:
        """Make no fine answers of the view at hand."""
        self.stopped = self.view

    def go_on(self) -> None:
        """Make them after all."""
        self.stopped = None

    def _one(self, task: Task, before: dict[Hashable, Work]) -> Result | Work:
        store = cache.of_session() if task.private else cache.SHARED
        work = before.get(task.key) or self._work(task, store)
        work.result = work.result or store.peek(task.key)
        if work.result is None:
            work.wait(id(self))
        self.works[task.key] = work  # which holds its result, though the store may have given it up
        return work.result or work

    def leave(self) -> None:
        """Wait for nothing any more."""
        for work in self.works.values():
            work.leave(id(self))

    @staticmethod
    def _work(task: Task, store: cache.Store) -> Work:
        if task.private:
            return Work(task, store, _scheduler(task.quick))
        with _lock:
            work = _shared.get(task.key)
            if work is None:
                work = _shared[task.key] = Work(task, store, _scheduler(task.quick))
            return work


def desk() -> Desk:
    """The session's desk. When its connection ends, nothing is waited for."""
    own = st.session_state.setdefault("_desk", Desk())
    _tether()["desk"] = own
    return own


@st.cache_resource(show_spinner=False)
def _scheduler(quick: bool) -> jobs.Scheduler:
    """Two, so that long works do not keep quick ones waiting."""
    return jobs.Scheduler(jobs.Limits.from_environment())


def _cut(tether: dict) -> None:
    if "desk" in tether:
        tether.pop("desk").leave()


@st.cache_resource(scope="session", on_release=_cut, show_spinner=False)
def _tether() -> dict:
    return {}
