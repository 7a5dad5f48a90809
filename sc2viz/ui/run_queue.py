"""Runs of pages take turns: as many at a time as there are cores, in the order in which readers asked.

If all ran at once, each would be as slow as all of them together. A run that has taken `patience` seconds no longer counts,
so that a long one does not keep the others waiting. Work in the background stands back while a reader waits for a turn.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_TURN = 1.0  # seconds after which a run of a page no longer keeps others waiting


class Turns:
    """At most `places` threads at a time go through `taken`."""

    def __init__(self, places: int, patience: float = LONGEST_TURN):
        self.places, self.patience = places, patience
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._began: dict[object, float] = {}

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and give it back when the block ends."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            while self._waiting[0] is not ticket or (wait := self._until_free()) > 0:
                self._changed.wait(wait if self._waiting[0] is ticket else None)
            self._waiting.popleft()
            self._began[ticket] = time.monotonic()
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                del self._began[ticket]
                self._changed.notify_all()

    def stand_back(self, seconds: float) -> None:
        """Return once nobody waits for a turn, or after at most the seconds that are given."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, seconds)

    def _until_free(self) -> float:
        """Seconds until a place is free if no run ends before; 0 if one is free."""
        now = time.monotonic()
        rest = sorted(
            self.patience - (now - began)
            for began in self._began.values()
            if now - began < self.patience
        )
        return rest[-self.places] if len(rest) >= self.places else 0.0


PAGES = Turns(os.cpu_count() or 1)
