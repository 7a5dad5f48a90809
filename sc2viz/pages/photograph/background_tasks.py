"""Answers that are made in the background: coarse ones first, then fine ones, for as long as somebody waits for them.

A `Making` makes one answer, for all readers who look at it. Each session has a `Desk` with the works that it waits for. What
is made of a built-in picture goes into the store that all readers share, and what is made of a reader's own photograph into
that of their session.
"""

import contextlib
from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass, field, replace
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from torch import Tensor

from sc2viz.jobs.scheduling import Scheduler, Work
from sc2viz.photographs import Stopped
from sc2viz.ui import cache, schedulers, session, session_end
from sc2viz.ui.own import memory

_NOTHING = np.empty((0, 0), np.uint8)  # stands in the place of a picture that is not held
Told = Callable[
    [float], bool
]  # a function that is told the share that is done, and returns whether to go on


@dataclass(frozen=True, eq=False)
class MadePicture:
    """A picture that was made, and its numbers; nan where there is no such number."""

    picture: np.ndarray  # (h, w) or (h, w, 3) uint8
    psnr: float = np.nan  # dB
    ssim: float = np.nan
    non_zeros: float = np.nan  # numbers a pixel that the picture is made of
    seconds: float = np.nan  # of the processor, on one thread
    way: str = ""
    inner: float = np.nan  # PSNR in dB over the pixels that were missing
    atoms: float = np.nan  # in use, the mean of a patch, or of each position of filters
    each: str = "patch"  # what `atoms` is the mean of, as `photographs.Answer.each`


@dataclass(frozen=True, eq=False)
class Task:
    """An answer that is to be made; `key` stands for it."""

    key: Hashable
    make: Callable[[Told], MadePicture | Tensor]
    private: bool  # whether the result is the reader's alone
    quick: bool = True
    dictionary: bool = False  # whether the result is a dictionary that is learned


class Making(Work):
    """A task that is being done, by a thread of a scheduler, while any reader waits for it."""

    doing = "this"

    def __init__(self, task: Task, store: cache.Store, scheduler: Scheduler):
        super().__init__(scheduler)
        self.task, self.store = task, store
        self.result: MadePicture | Tensor | None = (
            None  # the picture or the dictionary that was made
        )
        self.readers: set[int] = set()  # the ids of desks that wait for the result

    @property
    def left(self) -> bool:
        return not self.readers

    def look(self) -> MadePicture | Tensor | None:
        """The result, where it was made by now, by this thread or another."""
        if self.result is None:
            self.result = self.store.peek(self.task.key)
            self.done = self.done or self.result is not None
        return self.result

    def ask(self, reader: int) -> None:
        """Note that a reader waits for this result, and submit the task."""
        self.readers.add(reader)
        if not self.done:
            self.start()

    def leave(self, reader: int) -> None:
        """Note that a reader waits no longer. Once nobody waits, the task ends after the block of patches at hand."""
        self.readers.discard(reader)
        if not self.readers:
            self.scheduler.withdraw(self)

    def _do(self) -> None:
        self.step = 0
        with contextlib.suppress(Stopped):
            result = self.task.make(self._told)
            self.store.get(self.task.key, lambda: result)
            self.result = result

    def _close(self) -> None:
        if (
            self.result is not None or self.problem
        ):  # else it was stopped, and another reader may ask for it
            super()._close()

    def _told(self, share: float) -> bool:
        self.step = share
        if not self._goes_on() and self.wants_to_train:
            raise ValueError(
                f"this takes more than {self.limits.seconds:.0f} s here: choose fewer megapixels"
            )
        return self.wants_to_train


# What is being made of built-in pictures, for all readers, by key.
_shared: WeakValueDictionary[Hashable, Making] = WeakValueDictionary()
_lock = Lock()  # guards `_shared`


Answer = MadePicture | Making  # a picture, or the making of it where it is not there yet


@dataclass(eq=False)
class Desk:
    """What one session waits for, and what its page shows: that is held here, though the store may have given it up.

    It counts in the memory of the session. Where the numbers of a result are enough, its picture is not held.
    """

    works: dict[Hashable, Making] = field(default_factory=dict)
    # Results without their pictures, where the numbers are enough.
    numbers: dict[Hashable, MadePicture] = field(default_factory=dict)
    view: Hashable = None  # stands for what the reader looks at
    stopped: Hashable = None  # the view whose fine answers the reader does not want
    waits: bool = False  # whether answers were missing when the page was drawn

    @property
    def nbytes(self) -> int:
        """The bytes of all results that are held."""
        return sum(
            memory.nbytes(work.result) for work in self.works.values() if work.result is not None
        )

    def ask(
        self, tasks: Sequence[Task], then: Sequence[Task], enough: Set[Hashable] = frozenset()
    ) -> tuple[list[Answer], list[Answer | None]]:
        """For each task its result, or the work on it; then the same for those of `then`, which are begun once all of
        `tasks` are done, and None where they are not.

        `enough`: the keys of tasks whose numbers are enough: their results may be without pictures. What was asked for
        before, and is not any more, is left.
        """
        before, self.works = self.works, {}
        known, self.numbers = self.numbers, {}
        first = [self._one(task, before, known, task.key in enough) for task in tasks]
        there = all(not isinstance(each, Making) or each.problem for each in first)
        second = [self._one(task, before, known, task.key in enough, begin=there) for task in then]
        for key in before.keys() - self.works.keys():
            before[key].leave(id(self))
        self.waits = not there or any(
            isinstance(each, Making) and not each.problem for each in second
        )
        cache.of_session().leave_room(self.nbytes)
        return first, second

    def there(self, task: Task) -> MadePicture | Tensor | None:
        """The result of a task, where there is one. It then is held until the next `ask`."""
        work = self.works.get(task.key) or self._work(task)
        if work.look() is not None:
            self.works[task.key] = work
        return work.result

    def stop(self) -> None:
        """Make no fine answers of the view at hand."""
        self.stopped = self.view

    def go_on(self) -> None:
        """Make the fine answers that the reader had stopped."""
        self.stopped = None

    def _one(
        self,
        task: Task,
        before: dict[Hashable, Making],
        known: dict[Hashable, MadePicture],
        enough: bool,
        begin: bool = True,
    ) -> MadePicture | Making | None:
        work = before.get(task.key) or self._work(task)
        work.look()
        if enough:
            numbers = (
                known.get(task.key)
                if work.result is None
                else replace(work.result, picture=_NOTHING)
            )
            if numbers is not None:
                self.numbers[task.key] = numbers
                return numbers
        if work.result is None:
            if not (begin or work.problem):
                return None
            work.ask(id(self))
        self.works[task.key] = work
        return work if work.result is None else work.result

    def leave(self) -> None:
        """Stop waiting for any result, because the reader has left."""
        for work in self.works.values():
            work.leave(id(self))

    @staticmethod
    def _work(task: Task) -> Making:
        if task.private:
            return Making(
                task,
                cache.of_session(),
                schedulers.scheduler("pictures" if task.quick else "long pictures"),
            )
        with _lock:
            work = _shared.get(task.key)
            if work is None:
                work = _shared[task.key] = Making(
                    task,
                    cache.shared(task.dictionary),
                    schedulers.scheduler("pictures" if task.quick else "long pictures"),
                )
            return work


def desk() -> Desk:
    """The session's desk. When its connection ends, nothing is waited for."""
    own = session.DESK.kept(Desk)
    session_end.then("photograph", own.leave)
    return own
