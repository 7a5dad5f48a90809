"""What a job keeps of its course, bounded: frames, close together at first, when most changes, and points of curves."""

from typing import Any, Generic, TypeVar

from sc2viz.jobs.scheduling import Job, Limits

Frame = TypeVar("Frame")


class Reel(Generic[Frame]):
    """Frames of `nbytes` each: the position of one is more than `growth` times that of the frame before."""

    def __init__(self, limits: Limits, nbytes: int, growth: float):
        self.limit = int(min(limits.frames, max(8, limits.frame_megabytes * 1e6 // nbytes)))
        self.growth = growth
        self.frame: Frame | None = None  # the last one, which is among them although it may go
        self._frames: list[Frame] = []
        self._position = 0.0

    def add(self, position: float, frame: Frame) -> None:
        self.frame = frame
        if not position:
            self._frames, self._position = [frame], position
        elif not self._frames or position > self.growth * self._position:
            self._frames = [*thin(self._frames, self.limit - 2), frame]
            self._position = position

    @property
    def frames(self) -> list[Frame]:
        """The frames from the start to now."""
        frames = list(self._frames)
        return frames if not frames or frames[-1] is self.frame else [*frames, self.frame]


class Filmed(Job):
    """A job that keeps frames of its course in a reel."""

    _reel: Reel[Any]

    @property
    def frame(self) -> Any:
        """The last frame; None before the first one."""
        return self._reel.frame

    @property
    def frames(self) -> list[Any]:
        """The frames from the start to now."""
        return self._reel.frames


def thin(items: list[Any], limit: int) -> list[Any]:
    """At most `limit` of the items, or 2, every second one dropped as often as that takes; the first and the last stay."""
    while len(items) > max(limit, 2):
        items = [*items[:-1:2], items[-1]]
    return items
