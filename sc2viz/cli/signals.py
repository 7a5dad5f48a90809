"""What Ctrl-C, SIGTERM and SIGHUP do to a command: it ends in order, and nothing is lost."""

import contextlib
import signal
from collections.abc import Callable, Iterator

from sc2viz import training


class Stops:
    """A signal ends the run after the step at hand. With `breaks`, a second one breaks off, unless a file is written."""

    def __init__(self, settings: training.Settings, breaks: bool):
        self.settings, self.breaks, self.writing = settings, breaks, False

    def __call__(self, *_) -> None:
        if self.settings.stop and self.breaks and not self.writing:
            raise KeyboardInterrupt
        self.settings.stop = True

    @contextlib.contextmanager
    def protected(self) -> Iterator[None]:
        """The time in which a file is written."""
        self.writing = True
        try:
            yield
        finally:
            self.writing = False


@contextlib.contextmanager
def handled(handler: Callable) -> Iterator[None]:
    """`handler` handles Ctrl-C, SIGTERM and SIGHUP."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):  # Windows has none
        numbers.append(signal.SIGHUP)
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, usual in previous.items():
            signal.signal(number, usual)
