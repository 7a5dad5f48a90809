"""Arrays of any size, read a batch of rows at a time. A number is read when its batch is asked for.

.npy or a member of a .npz  ──►  open_rows  ──►  Rows.batches
"""

import contextlib
import io
import math
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz.files import Refused, arrays, reading

# Bytes of an archive that are read and dropped at a time to reach a place further on
SKIPPED = 1 << 20


class Content(NamedTuple):
    """The content of a file that is in memory; it is opened like a path."""

    content: bytes
    name: str

    def open(self, mode: str = "rb") -> BinaryIO:
        """Return the content as a file that is open for reading; `mode` is there as in `Path.open`."""
        return io.BytesIO(self.content)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Rows:
    """An array with one sample per row: uint8 or floats, pictures in [0, 1]. Only `batches` reads the numbers."""

    path: Path | Content
    member: str | None  # the array's name in a .npz
    shape: tuple[int, ...]  # (n, …) in the file; `batches` flattens each row
    dtype: np.dtype
    fortran: bool  # whether the file stores columns one after the other
    offset: int  # bytes of the file before the first number

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def width(self) -> int:
        """The numbers of a row, d_x."""
        return math.prod(self.shape[1:])

    def batches(self, start: int, stop: int, size: int) -> Iterator[Tensor]:
        """Yield the rows from `start` to `stop`, at most `size` at a time: (m, d_x) float32, uint8 divided by 255.

        Raises ValueError for values that are not finite, for pictures with values outside [0, 1], and for a truncated file.
        """
        with contextlib.ExitStack() as stack:
            stream = stack.enter_context(self.path.open("rb"))
            if self.member is not None:
                stream = stack.enter_context(
                    stack.enter_context(arrays.archive(stream)).open(self.member)
                )
            for first in range(start, stop, size):
                yield self._checked(self._read(stream, first, min(size, stop - first)), first)

    def _go(self, stream: BinaryIO, place: int) -> None:
        """Go to a place of the file, in an archive forwards by reading: since Python 3.13, seek gives up its checksum."""
        while (
            self.member is not None
            and stream.tell() < place
            and stream.read(min(place - stream.tell(), SKIPPED))
        ):
            pass
        if stream.tell() != place:
            stream.seek(place)

    def _read(self, stream: BinaryIO, first: int, count: int) -> np.ndarray:
        """Read `count` rows from row `first` on out of an open file: (count, …) in the file's own dtype."""
        # The file is not memory-mapped, because mapped pages count as this process's memory until the kernel drops them.
        # the number of contiguous parts of the file that hold these rows
        columns = self.width if self.fortran else 1
        length = count * self.width // columns
        content = bytearray()
        with reading(f"{self.path} is damaged after row {first}", ": write it again"):
            for column in range(columns):
                index = column * len(self) + first if self.fortran else first * self.width
                self._go(stream, self.offset + index * self.dtype.itemsize)
                content += stream.read(length * self.dtype.itemsize)
            values = np.frombuffer(content, self.dtype)
            return values.reshape((count, *self.shape[1:]), order="F" if self.fortran else "C")

    def _checked(self, values: np.ndarray, first: int) -> Tensor:
        """Return rows, the first of which has the number `first`, as (m, d_x) float32; raise ValueError for values that `batches`
        refuses."""
        rows = torch.from_numpy(values.reshape(len(values), -1).astype(np.float32))
        if self.dtype == np.uint8:
            return rows.div_(255)
        low, high = (0, 1) if len(self.shape) > 2 else (-torch.inf, torch.inf)
        wrong = ~((rows >= low) & (rows <= high) & rows.isfinite()).all(1)
        if wrong.any():
            row = int(wrong.nonzero()[0])
            low, high = rows[row].min().item(), rows[row].max().item()
            within = " and lie in [0, 1]" if len(self.shape) > 2 else ""
            raise ValueError(
                f"values in {self.path} must be finite{within}, got [{low:g}, {high:g}] in row {first + row}: "
                f"scale it, or store uint8"
            )
        return rows


def open_rows(path: str | os.PathLike, key: str | None = None) -> Rows:
    """Open the array of a .npy, or the array `key` of a .npz, for reading in batches.

    `key` may be left out if the .npz contains one array. The array is uint8 or floats: rows (n, d_x) of any finite numbers,
    or pictures (n, h, w) or (n, h, w, channels) in [0, 1], which are flattened. Raises ValueError for any other file.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise ValueError(f"{path} does not exist: give the path of a .npy or .npz file")
    return _open(path, key)


def rows_of(content: bytes, name: str) -> Rows:
    """Open the array in the content of a file as `open_rows` does. name: what it is called in messages."""
    return _open(Content(content, name))


def _open(path: Path | Content, key: str | None = None) -> Rows:
    """Describe the array of a .npy, or the array `key` of a .npz, without its numbers; raise `Refused` for any other file."""
    remedy = ": write it with numpy.save or numpy.savez"
    with path.open("rb") as stream:
        if stream.read(2) != b"PK":
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            with reading(f"{path} is not a .npy or .npz file", remedy):
                return _describe(path, None, stream, size)
        with (
            reading(f"{path} cannot be read", remedy),
            arrays.archive(stream) as archive,
            archive.open(info := _choose(archive, key, path)) as member,
        ):
            return _describe(path, info.filename, member, info.file_size)


def _choose(archive: zipfile.ZipFile, key: str | None, path: Path | Content) -> zipfile.ZipInfo:
    """Return the member of a .npz that `key` names, or the only one for None; raise `Refused` where neither is there."""
    members = arrays.members(archive)
    if key is None and len(members) == 1:
        return next(iter(members.values()))
    if key not in members:
        names = ", ".join(sorted(members)[:10]) or "none"
        got = f", got {key}" if key else ""
        raise Refused(
            f"{path} contains the arrays {names}: choose one of them with key (on the command line --key){got}"
        )
    return members[key]


def _describe(path: Path | Content, member: str | None, stream: BinaryIO, size: int) -> Rows:
    """Return the `Rows` of a .npy of `size` bytes, itself or as a `member` of a .npz, by its header; raise `Refused` where it
    cannot be read in batches."""
    shape, fortran, dtype = arrays.header(stream)
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise Refused(
            f"{path} must contain rows (n, d_x) or pictures (n, h, w) or (n, h, w, channels), got {shape}"
        )
    if dtype != np.uint8 and not np.issubdtype(dtype, np.floating):
        raise Refused(f"{path} must contain uint8 or floats in [0, 1], got {dtype}: convert it")
    if fortran and member is not None:
        raise Refused(
            f"{member} in {path} is stored by columns and cannot be read in batches: save it as a .npy"
        )
    offset, claimed = stream.tell(), math.prod(shape) * dtype.itemsize
    if offset + claimed != size:
        raise Refused(
            f"{path} should have {claimed:,} bytes of numbers but has {size - offset:,}: write it again"
        )
    return Rows(path, member, shape, dtype, fortran, offset)
