"""What a job keeps of its course, bounded: frames, close together at first, when most changes, and points of curves."""

from typing import Any

from sc2viz.jobs.scheduling import Job


class Filmed(Job):
    """A job that keeps frames of its course: the position of one is more than `growth` times that of the frame before."""

    growth: float
    frame: Any = None  # the last one, which is among `frames` although it may go; None before it
    _frames: list[Any] = []  # is replaced as a whole
    _position = 0.0

    def keep_frame(self, position: float, frame: Any) -> None:
        """Make a frame the last one. It stays among `frames` where its position is far enough from that of the frame before;
        position 0 drops those before. Where there are too many, every second one goes."""
        self.frame = frame
        if not position or position > self.growth * self._position:
            limit = max(8, self.limits.frame_megabytes * 1e6 // frame.nbytes)
            earlier = thin(self._frames, min(self.limits.frames, limit) - 2) if position else []
            self._frames, self._position = [*earlier, frame], position

    @property
    def frames(self) -> list[Any]:
        """The frames from the start to now, in a new list."""
        frames = self._frames
        return [*frames] if not frames or frames[-1] is self.frame else [*frames, self.frame]


def thin(items: list[Any], limit: float) -> list[Any]:
    """Return at most `limit` of the items, or 2, every second one dropped as often as that takes; the first and the last
    stay."""
    while len(items) > max(limit, 2):
        items = [*items[:-1:2], items[-1]]
    return items
