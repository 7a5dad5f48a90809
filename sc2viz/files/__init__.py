"""What is read and written: files of unknown origin are checked before they are believed."""

import contextlib
import os
from collections.abc import Iterator


class Refused(ValueError):
    """A file was refused, and the message names it: readers pass it on, and name the file in all other exceptions."""


@contextlib.contextmanager
def reading(problem: str, remedy: str = "") -> Iterator[None]:
    """Raise every exception in the block, whose type depends on which bytes are wrong, as a `Refused` with the message "`problem`
    (the error)`remedy`"."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"{problem} ({error}){remedy}") from error


def stamp(path: str | os.PathLike) -> tuple[int, ...]:
    """Return numbers that differ once a file has changed, for the keys of caches: when it was changed, its size and its inode.
    Empty where there is no file, as behind a dead link."""
    with contextlib.suppress(OSError):
        status = os.stat(path)
        return status.st_mtime_ns, status.st_size, status.st_ino
    return ()
