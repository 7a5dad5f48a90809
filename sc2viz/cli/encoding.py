"""Code files of any size in the memory of one batch: rows are read in batches, and their codes are written to disk at once.

    .npy or a member of a .npz  ──►  Rows.batches  ──►  coder  ──►  codes.npz (scipy's CSR) or codes.npy (dense)

The codes are collected in a hidden folder next to the destination, and the finished file is renamed into its place. With
torchrun each process codes a contiguous part of the rows, and the first process joins the parts. The folder of a run that
was stopped or killed stays, and the same call continues it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor, distributed

from sc2viz import lasso
from sc2viz.files import arrays, atomic
from sc2viz.solvers import Solver
from sc2viz.training import Processes

BATCH, MOST_ROWS = 1 << 22, 8192  # the most numbers and rows of a batch
PIECE = 1 << 20  # numbers copied at a time when parts are joined
SKIPPED = 1 << 20  # bytes of an archive that are read at a time to come forwards
PART = ("values", "columns", "counts")  # the files that a process writes for sparse codes; dense codes need the first alone


# Rows in --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """An array on disk with one sample per row: uint8 or floats, pictures in [0, 1]. Only `batches` reads the numbers."""

    path: Path
    member: str | None  # the array's name in a .npz
    shape: tuple[int, ...]  # (n, …); each row is flattened
    dtype: np.dtype
    fortran: bool  # whether the file stores columns one after the other
    offset: int  # bytes before the numbers

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def width(self) -> int:
        return int(np.prod(self.shape[1:]))

    def batches(self, start: int, stop: int, size: int) -> Iterator[Tensor]:
        """Yield the rows from `start` to `stop`, at most `size` at a time: (m, d_x) float32, uint8 divided by 255.

        Raises ValueError for values that are not finite, for pictures with values outside [0, 1], and for a truncated file.
        """
        with contextlib.ExitStack() as stack:
            if self.member is None:
                stream = stack.enter_context(self.path.open("rb"))
            else:
                stream = stack.enter_context(stack.enter_context(zipfile.ZipFile(self.path)).open(self.member))
            for first in range(start, stop, size):
                yield self._checked(self._read(stream, first, min(size, stop - first)), first)

    def _go(self, stream: BinaryIO, place: int) -> None:
        """Go to a place of the file, in an archive forwards by reading: since Python 3.13, seek gives up its checksum."""
        while self.member is not None and stream.tell() < place and stream.read(min(place - stream.tell(), SKIPPED)):
            pass
        if stream.tell() != place:
            stream.seek(place)

    def _read(self, stream: BinaryIO, first: int, count: int) -> np.ndarray:
        # The file is not memory-mapped, because mapped pages count as this process's memory until the kernel drops them.
        columns = self.width if self.fortran else 1  # the number of contiguous parts of the file that hold these rows
        length = count * self.width // columns
        content = bytearray()
        try:
            for column in range(columns):
                index = column * len(self) + first if self.fortran else first * self.width
                self._go(stream, self.offset + index * self.dtype.itemsize)
                content += stream.read(length * self.dtype.itemsize)
            values = np.frombuffer(content, self.dtype)
            return values.reshape((count, *self.shape[1:]), order="F" if self.fortran else "C")
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise ValueError(f"{self.path} is damaged after row {first} ({error}): write it again") from None

    def _checked(self, values: np.ndarray, first: int) -> Tensor:
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
    try:
        with path.open("rb") as stream:
            if stream.read(2) != b"PK":
                stream.seek(0)
                return _described(path, None, stream, path.stat().st_size)
        with arrays.archive(path) as archive:
            info = _member(archive, key, path)
            with archive.open(info) as stream:
                return _described(path, info.filename, stream, info.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise ValueError(f"{path} cannot be read ({error}): write it with numpy.save or numpy.savez") from None


def _member(archive: zipfile.ZipFile, key: str | None, path: Path) -> zipfile.ZipInfo:
    held = {info.filename.removesuffix(".npy"): info for info in archive.infolist() if info.filename.endswith(".npy")}
    if key is None and len(held) == 1:
        return next(iter(held.values()))
    if key not in held:
        names = ", ".join(sorted(held)[:10]) or "none"
        got = f", got {key}" if key else ""
        raise ValueError(f"{path} contains the arrays {names}: choose one of them with key (on the command line --key){got}")
    return held[key]


def _described(path: Path, member: str | None, stream: BinaryIO, size: int) -> Rows:
    try:
        shape, fortran, dtype = arrays.header(stream)
    except Exception as error:  # its type depends on which bytes are wrong
        raise ValueError(f"{path} is not a .npy or .npz file ({error}): write one with numpy.save or numpy.savez") from None
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise ValueError(f"{path} must contain rows (n, d_x) or pictures (n, h, w) or (n, h, w, channels), got {shape}")
    if dtype != np.uint8 and not np.issubdtype(dtype, np.floating):
        raise ValueError(f"{path} must contain uint8 or floats in [0, 1], got {dtype}: convert it")
    if fortran and member is not None:
        raise ValueError(f"{member} in {path} is stored by columns and cannot be read in batches: save it as a .npy")
    offset, claimed = stream.tell(), int(np.prod(shape, dtype=object)) * dtype.itemsize
    if offset + claimed != size:
        raise ValueError(f"{path} should have {claimed:,} bytes of numbers but has {size - offset:,}: write it again")
    return Rows(path, member, shape, dtype, fortran, offset)


# Codes out ------------------------------------------------------------------------------------------------------------


def encode(rows: Rows, by: Solver | Tensor, lam: float, out: str | os.PathLike, *, steps: int | None = None,
           tol: float = 1e-4, batch_size: int | None = None,
           processes: Processes | None = None) -> Iterator[int]:  # fmt: skip
    """Write the codes of `rows` to `out`; yield the number of rows that this process has coded so far.

    by      a solver, which runs for `steps` iterations (default: its own number), or a dictionary (d_x, d_s), for which
            exact codes are computed to a relative duality gap of `tol`
    out     a name that ends in .npz for a sparse matrix (n, d_s) that `scipy.sparse.load_npz` reads, or in .npy for a
            dense array; both are float32

    The memory needed is that of one batch of at most 8192 rows, whatever the number of rows. It grows with d_s, because
    every solver needs matrices (d_s, d_s); exact codes need several of them in float64. While the parts are joined, the
    codes take twice their size on disk. All processes must see the folder of `out`. A run that was stopped is continued by
    the same call with as many processes. Raises ValueError for another file ending, for rows of the wrong length, for
    λ ≤ 0, and where `out` cannot be written.
    """
    out = Path(out).expanduser()
    B = by if isinstance(by, Tensor) else by.dictionary.detach()
    if out.suffix not in (".npz", ".npy"):
        raise ValueError(f"out must end in .npz (sparse codes) or .npy (dense), got {out.name}")
    if rows.width != len(B):
        raise ValueError(f"{rows.path} has {rows.width} values per row but the atoms have {len(B)}: they must agree")
    lasso.as_lambda(lam, B)
    if batch_size is None:
        batch_size = min(max(1, BATCH // max(B.shape)), MOST_ROWS)
    if batch_size < 1:
        raise ValueError(f"batch_size must be ≥ 1, got {batch_size}")

    def code(x: Tensor) -> Tensor:
        x = x.to(B.device)
        return by(x, lam, steps) if isinstance(by, Solver) else lasso.solve(x, B, lam, tol=tol).codes

    status = rows.path.stat()
    plan = {"rows": [str(rows.path.resolve()), rows.member, *rows.shape, status.st_size, status.st_mtime_ns],
            "by": _digest(by), "lam": lam, "steps": steps, "tol": tol, "batch": batch_size,
            "processes": 1 if processes is None else processes.count}  # fmt: skip
    return _encode(rows, code, B.shape[1], out, batch_size, processes, plan)


def _digest(by: Solver | Tensor) -> str:
    """Names a solver by its options and numbers, or a dictionary by its numbers."""
    numbers = {"B": by} if isinstance(by, Tensor) else by.state_dict()
    found = hashlib.sha256(repr(None if isinstance(by, Tensor) else sorted(by.config.items())).encode())
    for key, value in numbers.items():
        found.update(key.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def _encode(rows: Rows, code: Callable[[Tensor], Tensor], d_s: int, out: Path, size: int, processes: Processes | None,
            plan: dict) -> Iterator[int]:  # fmt: skip
    rank, count = (0, 1) if processes is None else (processes.rank, processes.count)
    start, stop = (len(rows) * edge // count for edge in (rank, rank + 1))
    sparse = out.suffix == ".npz"
    folder = _shared_folder(out, plan, processes)
    try:
        with _Part(folder, rank, PART if sparse else PART[:1]) as part:
            if part.rows:
                yield part.rows
            for x in rows.batches(start + part.rows, stop, size):
                with torch.inference_mode():
                    codes = code(x).float().cpu().numpy()
                kept = codes != 0 if sparse else ...
                values = [codes[kept]]
                if sparse:
                    values += kept.nonzero()[1].astype(np.int32), kept.sum(1, dtype=np.int32)
                part.add(len(x), values)
                yield part.rows
        if processes is not None:
            distributed.barrier()
        if rank == 0:
            (_merge_sparse if sparse else _merge_dense)(folder, count, (len(rows), d_s))
            with atomic.replacing(out) as whole:
                os.replace(folder / "whole", whole)
        if processes is not None:
            distributed.barrier()
    except ValueError:  # a row that cannot be coded, which continuing would meet again
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


class _Part:
    """What one process has coded: a file for each of `keys`, and in `<rank>.done` the rows in them and their sizes."""

    def __init__(self, folder: Path, rank: int, keys: tuple[str, ...]):
        self.note, self.paths = folder / f"{rank}.done", [folder / f"{rank}.{key}" for key in keys]
        self.rows, sizes = 0, [0] * len(keys)
        with contextlib.suppress(OSError, ValueError):
            self.rows, *sizes = json.loads(self.note.read_text())
        if any(not path.exists() or path.stat().st_size < size for path, size in zip(self.paths, sizes, strict=True)):
            self.rows, sizes = 0, [0] * len(keys)  # killed while the parts were joined
        for path, size in zip(self.paths, sizes, strict=True):
            path.touch()
            os.truncate(path, size)  # a batch of which only a part was written is coded again

    def __enter__(self) -> _Part:
        self.streams = [path.open("ab") for path in self.paths]
        return self

    def __exit__(self, *_) -> None:
        for stream in self.streams:
            stream.close()

    def add(self, rows: int, values: list[np.ndarray]) -> None:
        for stream, array in zip(self.streams, values, strict=True):
            stream.write(array.tobytes())
            stream.flush()
        self.rows += rows
        atomic.write_bytes(self.note, json.dumps([self.rows, *(stream.tell() for stream in self.streams)]).encode())


def _shared_folder(out: Path, plan: dict, processes: Processes | None) -> Path:
    """The hidden folder next to `out`, the same for all processes: empty, or that of the same run if it was stopped."""
    target = atomic.destination(out)
    folder = target.with_name(f".{target.name}.parts")
    if processes is None or processes.rank == 0:
        atomic.probe(out)
        noted, before = json.dumps(plan), ""
        with contextlib.suppress(OSError, ValueError):
            before = (folder / "plan.json").read_text()
        if before != noted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            atomic.write_bytes(folder / "plan.json", noted.encode())
    if processes is not None:
        distributed.barrier()
    return folder


def _pieces(folder: Path, count: int, key: str, dtype: type) -> Iterator[np.ndarray]:
    """Yield what all processes wrote under `key`, in order and in pieces; delete each part after reading it."""
    for rank in range(count):
        path = folder / f"{rank}.{key}"
        with path.open("rb") as stream:
            while len(piece := np.fromfile(stream, dtype, PIECE)):
                yield piece
        path.unlink()


def _merge_dense(folder: Path, count: int, shape: tuple[int, int]) -> None:
    with (folder / "whole").open("wb") as stream:
        _write_array(stream, shape, np.float32, _pieces(folder, count, "values", np.float32))


def _merge_sparse(folder: Path, count: int, shape: tuple[int, int]) -> None:
    """Write the members that `scipy.sparse.save_npz` writes for a CSR array."""
    n_values = sum((folder / f"{rank}.values").stat().st_size for rank in range(count)) // np.float32().itemsize
    index = np.int32 if n_values <= np.iinfo(np.int32).max else np.int64
    with zipfile.ZipFile(folder / "whole", "w") as archive:
        for name, length, dtype, pieces in (
            ("data", n_values, np.float32, _pieces(folder, count, "values", np.float32)),
            ("indices", n_values, index, _pieces(folder, count, "columns", np.int32)),
            ("indptr", shape[0] + 1, index, _running_sum(_pieces(folder, count, "counts", np.int32))),
        ):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                _write_array(stream, (length,), dtype, pieces)
        for name, value in (("format", b"csr"), ("shape", np.array(shape)), ("_is_array", True)):
            with archive.open(f"{name}.npy", "w") as stream:
                npy.write_array(stream, np.asarray(value), allow_pickle=False)


def _running_sum(pieces: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    total = np.zeros(1, np.int64)
    yield total
    for piece in pieces:
        sums = total + piece.cumsum(dtype=np.int64)
        total = sums[-1:]
        yield sums


def _write_array(stream: BinaryIO, shape: tuple[int, ...], dtype: type, pieces: Iterator[np.ndarray]) -> None:
    header = {"descr": npy.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(stream, header)
    for piece in pieces:
        stream.write(piece.astype(dtype, copy=False).tobytes())
