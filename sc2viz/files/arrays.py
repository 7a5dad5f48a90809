"""Read .npy and .npz files of unknown origin: what a header or a directory claims is checked before it takes memory."""

from __future__ import annotations

import io
import math
import os
import zipfile
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

MOST_HEADER = 10_000  # bytes of the header of a .npy; NumPy has this limit too, but checks it after it has read the header
MOST_ENTRIES = 100  # members of a .npz; zipfile takes half a kilobyte of memory for each
MOST_DIRECTORY = 1 << 20  # bytes of the list of members in a .npz
MOST_NUMBERS = 1 << 62  # numbers that the header of a .npy may claim
_END, _COMMENT = b"PK\x05\x06", 1 << 16  # the record at the end of a zip, and the longest comment after it


def archive(file: str | os.PathLike | BinaryIO) -> zipfile.ZipFile:
    """The .npz at a path or in a binary file object, opened. ValueError for one with more than MOST_ENTRIES members."""
    if isinstance(file, str | os.PathLike):
        with open(file, "rb") as stream:
            _check_directory(stream)
    else:
        _check_directory(file)
    return zipfile.ZipFile(file)


def _check_directory(stream: BinaryIO) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _COMMENT - 22))
    tail = stream.read()
    stream.seek(0)
    found = tail.rfind(_END)
    if found < 0:
        return  # the file is no zip, and the message of zipfile says so
    entries, directory = (int.from_bytes(tail[found + at : found + at + n], "little") for at, n in ((10, 2), (12, 4)))
    if entries > MOST_ENTRIES or directory > MOST_DIRECTORY:
        raise ValueError(f"it may hold at most {MOST_ENTRIES} arrays, and its list of them at most 1 MB")


def header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """(shape, whether columns are stored one after the other, dtype) of a .npy; the stream then stands at the numbers.

    ValueError for what is no .npy, for a header of more than MOST_HEADER bytes, and for more numbers than any memory holds.
    """
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"it is written in version {version} of the format, which is not known here")
    length = stream.read(2 if version == (1, 0) else 4)
    if int.from_bytes(length, "little") > MOST_HEADER:
        raise ValueError(f"its header may have at most {MOST_HEADER:,} bytes, got {int.from_bytes(length, 'little'):,}")
    text = io.BytesIO(length + stream.read(int.from_bytes(length, "little")))
    shape, fortran, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(text)
    if min(shape, default=0) < 0 or math.prod(shape) > MOST_NUMBERS:
        raise ValueError("its header claims a shape that no file has")
    return shape, fortran, dtype


def read(stream: BinaryIO) -> np.ndarray:
    """The array of a .npy. ValueError as `header` says, for pickled objects, and for fewer numbers than it claims."""
    shape, fortran, dtype = header(stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled")
    count = math.prod(shape)
    content = stream.read(count * dtype.itemsize)
    if len(content) < count * dtype.itemsize:
        raise ValueError(f"it should hold {count:,} numbers but ends before")
    values = np.frombuffer(content, dtype, count)
    return values.reshape(shape, order="F" if fortran else "C")
