"""What is read and written: files of unknown origin are checked before they are believed."""

import contextlib
import os


class Refused(ValueError):
    """A file was refused, and the message names it: readers pass it on, and name the file in all other exceptions."""


def stamp(path: str | os.PathLike) -> tuple[int, ...]:
    """What differs once a file has changed, by which caches know it; empty where there is none, as behind a dead link."""
    with contextlib.suppress(OSError):
        status = os.stat(path)
        return status.st_mtime_ns, status.st_size, status.st_ino
    return ()
