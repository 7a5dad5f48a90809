"""Read .npy and .npz files of unknown origin: what a header or a directory claims is checked before it takes memory."""

import contextlib
import io
import math
import os
import zipfile
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

MOST_HEADER = 10_000  # bytes of the header of a .npy; NumPy has this limit too, but checks it after it has read the header
MOST_ENTRIES = 100  # members of a .npz
# Bytes of the list of members in a .npz, and so of anything that zipfile reads to find it
MOST_DIRECTORY = 1 << 17
MOST_NUMBERS = 1 << 62  # numbers that the header of a .npy may claim
# `limit_bytes`: bytes of memory for each byte of a file, and those that any file may take
DENSE, ROOM = 100, 1 << 30
Allowed = Callable[
    [tuple[int, ...], np.dtype], None
]  # raises ValueError for a shape and a dtype that are not wanted


class _Bounded(io.BufferedIOBase):
    """A binary file of which no more than MOST_DIRECTORY bytes are read at once."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int | None = -1) -> bytes:
        """Read at most `size` bytes; raise ValueError where that would be more than MOST_DIRECTORY."""
        size = MOST_DIRECTORY + 1 if size is None or size < 0 else size
        content = self._stream.read(min(size, MOST_DIRECTORY + 1))
        if len(content) > MOST_DIRECTORY:
            raise ValueError(f"its list of arrays may have at most {MOST_DIRECTORY >> 10} kB")
        return content


def archive(file: str | os.PathLike | BinaryIO) -> zipfile.ZipFile:
    """Open the .npz at a path or in a binary file object, and return it.

    ValueError for one with more than MOST_ENTRIES members, with a list of them of more than MOST_DIRECTORY bytes, and with
    a member that is compressed otherwise than NumPy does: only what is stored or deflated can be unpacked in small pieces.
    The list is found by `zipfile` itself, which is given no more bytes than that.
    """
    with (
        open(file, "rb")
        if isinstance(file, str | os.PathLike)
        else contextlib.nullcontext(file) as stream
    ):
        members = zipfile.ZipFile(_Bounded(stream)).infolist()
    if len(members) > MOST_ENTRIES:
        raise ValueError(f"it may hold at most {MOST_ENTRIES} arrays, got {len(members):,}")
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(
                f"{member.filename[:40]} is compressed in a way that NumPy does not write"
            )
    return zipfile.ZipFile(file)


def limit_bytes(archive: zipfile.ZipFile) -> int:
    """Return the memory that what is unpacked of a .npz may take where its reader has set no limit: DENSE times its size, or ROOM
    where that is more. Deflate makes up to 1,032 bytes of one."""
    return max(ROOM, DENSE * archive.fp.seek(0, os.SEEK_END))


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the arrays of a .npz by their names."""
    suffix = ".npy"
    return {
        info.filename.removesuffix(suffix): info
        for info in archive.infolist()
        if info.filename.endswith(suffix)
    }


def header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return (shape, whether columns are stored one after the other, dtype) of a .npy; the stream then stands at the numbers.

    ValueError for what is no .npy, for a header of more than MOST_HEADER bytes, and for more numbers than any memory holds.
    """
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(
            f"it is written in version {version} of the format, which is not known here"
        )
    is_first = version == (1, 0)
    prefix = stream.read(2 if is_first else 4)
    length = int.from_bytes(prefix, "little")
    if length > MOST_HEADER:
        raise ValueError(f"its header may have at most {MOST_HEADER:,} bytes, got {length:,}")
    read_header = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
    shape, fortran, dtype = read_header(io.BytesIO(prefix + stream.read(length)))
    if min(shape, default=0) < 0 or math.prod(shape) > MOST_NUMBERS:
        raise ValueError("its header claims a shape that no file has")
    return shape, fortran, dtype


def read(stream: BinaryIO, allowed: Allowed = lambda shape, dtype: None) -> np.ndarray:
    """Read the array of a .npy. ValueError as `header` says, for pickled objects, and for fewer numbers than it claims.

    allowed: is called with the shape and the dtype that the header claims, before any number is read.
    """
    shape, fortran, dtype = header(stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled")
    allowed(shape, dtype)
    count = math.prod(shape)
    content = stream.read(count * dtype.itemsize)
    if len(content) < count * dtype.itemsize:
        raise ValueError(f"it should hold {count:,} numbers but ends before")
    values = np.frombuffer(content, dtype, count)
    return values.reshape(shape, order="F" if fortran else "C")
