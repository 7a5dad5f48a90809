"""Write files and folders whole or not at all: beside their destination first, then renamed onto it.

A kill at any moment leaves the old one or the new one. Symbolic links are followed, what is replaced keeps its mode, and
what is new gets that of the umask.
"""

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import escape
from pathlib import Path

from sc2viz.files import stamp

ABANDONED = (
    3600.0  # seconds without a change after which a temporary file counts as left behind by a kill
)
SUFFIX = ".part"  # of temporary files and folders


def destination(path: str | os.PathLike) -> Path:
    """Return the file that a write to `path` reaches. ValueError for a folder, a device, a FIFO and whatever else is no file."""
    target = Path(path).expanduser().resolve()
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "no regular file"
        raise ValueError(f"{path} is {kind} and cannot be written: give the name of a file")
    return target


def keep(outs: Sequence[str | os.PathLike], sources: Iterable[str | os.PathLike | None]) -> None:
    """Raise ValueError where a write to one of `outs` would replace one of the files `sources`, which are read, by whatever path
    or link it is given. Sources that are not there, and None, are left out."""
    by_stamp = {stamp(Path(source).expanduser()): source for source in filter(None, sources)}
    by_stamp.pop((), None)
    for out in outs:
        if source := by_stamp.get(stamp(Path(out).expanduser())):
            raise ValueError(
                f"{out} is the file {source}, which is read, and would be replaced: give another name"
            )


class _Probed(Exception):
    """Ends `replacing` before anything is replaced."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a new, empty file next to the destination; it takes the place of `path` when the block ends without an error."""
    target = destination(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    temporary = _beside(target)
    temporary.touch(exist_ok=False)  # a new file has the mode of the umask
    try:
        yield temporary
        with temporary.open("r+b") as stream:
            os.fsync(stream.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a new, empty folder next to the destination, which takes the place of `path` when the block ends without an error.
    Files of the folder `path` that the block has not written are copied into it first, so that none is lost.

    ValueError for what is no folder, and for a folder that cannot be renamed. Only a kill between the two renames leaves
    nothing in the place of `path`; the old folder and the new one are then beside it.
    """
    target = Path(path).expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise ValueError(f"{path} is no folder: give the name of a folder")
    if target.is_mount() or Path.cwd().is_relative_to(target):
        raise ValueError(
            f"{path} is mounted or holds the working directory, and cannot be replaced: give the name of a folder in it"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary, old = _beside(target), _beside(target)
    temporary.mkdir()

    def list_written(folder: str, names: list[str]) -> list[str]:
        """Return those of these names in a folder of `path` that the block has written itself, which are not copied."""
        place = temporary / Path(folder).relative_to(target)
        return [name for name in names if (place / name).is_file()]

    try:
        yield temporary
        if target.exists():
            shutil.copytree(
                target, temporary, symlinks=True, ignore=list_written, dirs_exist_ok=True
            )
            target.rename(old)
        temporary.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for folder in (temporary, old):
            shutil.rmtree(folder, ignore_errors=True)
    _sweep(target)


def probe(
    path: str | os.PathLike,
    replace: Callable[[str | os.PathLike], contextlib.AbstractContextManager] = replacing,
) -> None:
    """Raise ValueError or OSError where `path` could not be written by `replace`; nothing is written."""
    with contextlib.suppress(_Probed), replace(path):
        raise _Probed


def write_bytes(path: str | os.PathLike, content: bytes) -> Path:
    """Write `content` as the file `path`, whole or not at all, and return the path."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def _beside(target: Path) -> Path:
    """Return a name next to `target` that nothing else has."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{SUFFIX}")


def _sweep(target: Path) -> None:
    """Delete what killed writers of the same file or folder left behind."""
    for path in target.parent.glob(f".{escape(target.name)}.????????{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
