"""A folder of which one run at a time is the owner: the system takes its lock back when the run ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

LOCK = "lock"  # the file in a folder that is locked


class Taken(Exception):
    """Another run holds the folder."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, made where there is none, alone. At the end it is deleted if it is `empty`.

    `Taken` where another run, of this process or of another one, holds it; OSError where the folder cannot be made or its
    file system has no locks.
    """
    stream = _locked(folder)
    try:
        yield
    finally:
        over = [path.name for path in folder.glob("*")] == [LOCK]
        if fcntl is None:  # Windows deletes no file that is open, and has no fcntl
            stream.close()
        if over:  # deleted while it is locked, so that a run that begins afterwards keeps its own folder
            with contextlib.suppress(OSError):
                (folder / LOCK).unlink()
                folder.rmdir()
        stream.close()


def empty(folder: Path) -> None:
    """Delete everything in a folder but its lock."""
    for path in folder.glob("*"):
        if path.name != LOCK:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _locked(folder: Path) -> TextIO:
    """The lock of a folder, open and locked."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            stream = (folder / LOCK).open("a")
        except FileNotFoundError:  # another run ended after `mkdir` and deleted its folder
            continue
        try:
            _lock(stream)
            there = os.path.samestat(os.fstat(stream.fileno()), (folder / LOCK).stat())
        except FileNotFoundError:
            there = False
        except BaseException:
            stream.close()
            raise
        if there:
            return stream
        stream.close()  # the file that was locked has been deleted by a run that ended


def _lock(stream: TextIO) -> None:
    try:
        if fcntl is None:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise Taken from None
