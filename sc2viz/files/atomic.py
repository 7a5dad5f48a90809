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
from pathlib import Path

ABANDONED = (
    3600.0  # seconds without a change after which a temporary file counts as left behind by a kill
)
SUFFIX = ".part"  # of temporary files and folders


def destination(path: str | os.PathLike) -> Path:
    """The file that a write to `path` reaches. ValueError for a folder, a device, a FIFO and whatever else is no file."""
    target = Path(os.path.realpath(Path(path).expanduser()))
    if target.exists() and not target.is_file():
        what = "a folder" if target.is_dir() else "no regular file"
        raise ValueError(f"{path} is {what} and cannot be written: give the name of a file")
    return target


def keep(
    outs: Sequence[str | os.PathLike],
    sources: Iterable[str | os.PathLike | None],
    beside: Path | None = None,
) -> None:
    """ValueError where a write to one of `outs` would replace a file that is read, by whatever path or link it is given.

    sources  the files that are read; those that are not there, and None, are left out
    beside   a folder that the write empties
    """
    found = [
        path
        for source in sources
        if source is not None and (path := Path(source).expanduser()).exists()
    ]
    known = {(status.st_dev, status.st_ino): path for path in found for status in [path.stat()]}
    for out in outs:
        target = Path(out).expanduser()
        status = target.stat() if target.exists() else None
        if status and (source := known.get((status.st_dev, status.st_ino))):
            raise ValueError(
                f"{out} is the file {source}, which is read, and would be replaced: give another name"
            )
        for source in found:
            folders = source.resolve().parents if target.is_dir() or beside else ()
            if target.resolve() in folders:
                raise ValueError(
                    f"{out} is a folder and cannot be written: give the name of a file"
                )
            if beside is not None and beside.resolve() in folders:
                raise ValueError(
                    f"{source} lies in {beside}, which writing {out} empties: move it, or give another name"
                )


class _Probed(Exception):
    """Ends `replacing` before anything is replaced."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """A new, empty file next to the destination; it takes the place of `path` when the block ends without an error."""
    target = destination(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    temporary = _beside(target)
    temporary.touch(exist_ok=False)  # a new file has the mode of the umask
    try:
        yield temporary
        with temporary.open("r+b") as written:
            os.fsync(written.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path: str | os.PathLike) -> Iterator[Path]:
    """A new, empty folder next to the destination; it takes the place of `path` when the block ends without an error. What
    the folder `path` has besides is copied into it first.

    ValueError for what is no folder, and for a folder that cannot be renamed. Only a kill between the two renames leaves
    nothing in the place of `path`; the old folder and the new one are then beside it.
    """
    target = Path(os.path.realpath(Path(path).expanduser()))
    if target.exists() and not target.is_dir():
        raise ValueError(f"{path} is no folder: give the name of a folder")
    if target.is_mount() or Path.cwd().is_relative_to(target):
        raise ValueError(
            f"{path} is mounted or holds the working directory, and cannot be replaced: give the name of a folder in it"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary, old = _beside(target), _beside(target)
    temporary.mkdir()

    def written(folder: str, names: list[str]) -> list[str]:
        place = temporary / Path(folder).relative_to(target)
        return [name for name in names if (place / name).is_file()]

    try:
        yield temporary
        if target.exists():
            shutil.copytree(target, temporary, symlinks=True, ignore=written, dirs_exist_ok=True)
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
    by: Callable[[str | os.PathLike], contextlib.AbstractContextManager] = replacing,
) -> None:
    """Write nothing to `path`, but find out whether it could be written; ValueError or OSError where it could not."""
    with contextlib.suppress(_Probed), by(path):
        raise _Probed


def write_bytes(path: str | os.PathLike, content: bytes) -> Path:
    """`content` as the file `path`, which is returned."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def _beside(target: Path) -> Path:
    """A name next to `target` that nothing else has."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{SUFFIX}")


def _sweep(target: Path) -> None:
    """Delete what killed writers of the same file or folder left behind."""
    for left in target.parent.glob(f".{target.name.translate(_PLAIN)}.????????{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


_PLAIN = str.maketrans(
    {special: f"[{special}]" for special in "*?["}
)  # what `glob` takes literally
