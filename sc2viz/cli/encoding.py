"""`sc2viz encode`: code a file of any size in the memory of one batch.

    open_rows  ──►  Rows.batches  ──►  coder  ──►  codes.npz (scipy's CSR) or codes.npy (dense)

Rows are read in batches, and their codes are written to disk at once. They are collected in a hidden folder next to the
destination, and the finished file is renamed into its place. With torchrun each process codes a contiguous part of the
rows, and the first process joins the parts. The folder of a run that was stopped or killed stays, and the same call
continues it. The first process locks the folder while it runs, so that a second run on the same destination is refused.
"""

import argparse
import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from filelock import FileLock, Timeout
from numpy.lib import format as npy
from torch import Tensor, distributed
from tqdm import tqdm

from sc2viz import checkpoints, dictionary, lasso, solvers
from sc2viz.analysis import sweeps
from sc2viz.cli import dictionaries, torchrun
from sc2viz.files import atomic
from sc2viz.files.rows import Rows, open_rows
from sc2viz.solvers import Solver
from sc2viz.training import Processes

BATCH_NUMBERS = 1 << 22  # the most numbers of a batch, of rows or of codes
BATCH_ROWS = 8192  # the most rows of a batch
LOCK = "lock"  # the file in the hidden folder that the first process locks


def run(arguments: argparse.Namespace) -> None:
    """Code a file of any size and write the codes."""
    atomic.keep([arguments.out], [arguments.data, arguments.model, arguments.dictionary])
    if arguments.model and arguments.solver:
        raise ValueError(
            f"--solver {arguments.solver} needs --dictionary, and --model has its own atoms: leave one out"
        )
    is_exact = not (arguments.model or arguments.solver)
    if is_exact and arguments.steps:
        raise ValueError(
            f"--steps {arguments.steps} counts a solver's iterations, not those of exact codes: add --solver"
        )
    if arguments.positive and not is_exact:
        raise ValueError("--positive is for exact codes: leave it out")
    rows = open_rows(arguments.data, arguments.key)
    if arguments.model is not None:
        coder = checkpoints.load(arguments.model)
    else:
        coder = dictionaries.read(arguments.dictionary, rows.width)
    if arguments.solver:
        coder = solvers.build(arguments.solver, coder)
    with torchrun.processes() as (processes, device):
        is_first = processes.rank == 0
        codes = encode(
            rows,
            coder.to(device),
            arguments.lam,
            arguments.out,
            steps=arguments.steps,
            tol=arguments.tol,
            positive=arguments.positive,
            processes=processes,
        )
        with tqdm(total=len(rows), unit="rows", unit_scale=True, disable=not is_first) as bar:
            for done in codes:  # the other processes are about as far as this one
                bar.update(min(done * processes.count, len(rows)) - bar.n)
        if is_first:
            print(arguments.out)


def encode(
    rows: Rows,
    coder: Solver | Tensor,
    lam: float,
    out: str | os.PathLike,
    *,
    steps: int | None = None,
    tol: float = 1e-4,
    positive: bool = False,
    batch_size: int | None = None,
    processes: Processes | None = None,
) -> Iterator[int]:
    """Write the codes of `rows` to `out`; yield the number of rows that this process has coded so far.

    coder   a solver, which runs for `steps` iterations (default: its own number), with the safeguard where pages have it;
            or a dictionary (d_x, d_s), for which exact codes, ≥ 0 with `positive`, are computed to a relative duality gap
            of `tol`
    out     a name that ends in .npz for a sparse matrix (n, d_s) that `scipy.sparse.load_npz` reads, or in .npy for a
            dense array; both are float32

    The memory needed is that of one batch of at most 8192 rows, whatever the number of rows. It grows with d_s, because
    every solver needs matrices (d_s, d_s); exact codes need several of them in float64. While the parts are joined, the
    codes take twice their size on disk. All processes must see the folder of `out`. A run that was stopped is continued by
    the same call with as many processes. Raises ValueError for another file ending, for an `out` that is the file of the
    rows, for rows of the wrong length, for λ ≤ 0, and where `out` cannot be written or is written by another run.
    """
    out = Path(out).expanduser()
    B = coder if isinstance(coder, Tensor) else coder.dictionary.detach()
    is_sparse, folder = out.suffix == ".npz", _folder(out)
    if not (is_sparse or out.suffix == ".npy"):
        raise ValueError(f"out must end in .npz (sparse codes) or .npy (dense), got {out.name}")
    atomic.keep([out], [rows.path])
    if rows.width != len(B):
        raise ValueError(
            f"{rows.path} has {rows.width} values per row but the atoms have {len(B)}: they must agree"
        )
    lasso.as_lambda(lam, B)
    size = batch_size or min(max(1, BATCH_NUMBERS // max(B.shape)), BATCH_ROWS)
    rank, count = (processes.rank, processes.count) if processes else (0, 1)
    wait_for_all = distributed.barrier if count > 1 else lambda: None
    start, stop = (len(rows) * edge // count for edge in (rank, rank + 1))
    status = rows.path.stat()
    plan = {
        "rows": [
            str(rows.path.resolve()),
            rows.member,
            *rows.shape,
            status.st_size,
            status.st_mtime_ns,
        ],
        "by": dictionary.digest(coder) if isinstance(coder, Tensor) else solvers.digest(coder),
        "lam": lam,
        "steps": steps,
        "tol": tol,
        "positive": positive,
        "batch": size,
        "processes": count,
    }

    def code(x: Tensor) -> dict[str, np.ndarray]:
        """The values of dense codes; of sparse ones the non-zeros, their columns, and how many each row has."""
        x = x.to(B.device)
        with torch.inference_mode():
            if isinstance(coder, Solver):
                codes = sweeps.codes(coder, x, lam, steps)
            else:
                codes = lasso.solve(x, B, lam, tol=tol, positive=positive).codes
        codes = codes.float().cpu().numpy()
        if not is_sparse:
            return {"values": codes}
        used = codes != 0
        columns, counts = used.nonzero()[1].astype(np.int32), used.sum(1, dtype=np.int32)
        return {"values": codes[used], "columns": columns, "counts": counts}

    def work() -> Iterator[int]:
        with _alone(folder, out) if rank == 0 else contextlib.nullcontext():
            if rank == 0:
                _continue_or_begin(folder, plan)
            wait_for_all()
            first = start
            while first < stop and _batch(folder, first).exists():
                first = min(first + size, stop)
            if first > start:
                yield first - start
            try:
                for x in rows.batches(first, stop, size):
                    arrays = code(x)
                    with atomic.replacing(_batch(folder, first)) as file, file.open("wb") as stream:
                        np.savez(stream, **arrays)
                    first += len(x)
                    yield first - start
            except (
                ValueError
            ):  # a row cannot be coded, and a run that is continued would meet it again
                _empty(folder)
                raise
            wait_for_all()
            if rank == 0:
                merge = _merge_sparse if is_sparse else _merge_dense
                with atomic.replacing(out) as file:
                    merge(folder, file, (len(rows), B.shape[1]))
                _empty(folder)
        wait_for_all()

    return work()


def _folder(out: Path) -> Path:
    """The hidden folder next to `out` in which its codes are collected."""
    target = atomic.destination(out)
    return target.with_name(f".{target.name}.parts")


@contextlib.contextmanager
def _alone(folder: Path, out: Path) -> Iterator[None]:
    """Hold the folder of a run alone, and delete it in the end where nothing remains in it; ValueError where `out` cannot be
    written, and where another run holds the folder. The system takes a lock back when a run ends, however it ends."""
    atomic.probe(out)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        message = "wait until that has ended, or give another name"
        raise ValueError(f"{out} is being written by another run: {message}") from None
    try:
        yield
    finally:
        # Deleted while it is locked, so that no other run holds it
        if os.listdir(folder) == [LOCK]:
            shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        # Windows deletes no file that is open
        with contextlib.suppress(OSError):
            folder.rmdir()


def _empty(folder: Path) -> None:
    """Delete everything in a folder but its lock."""
    for path in folder.iterdir():
        if path.name != LOCK:
            path.unlink(missing_ok=True)


def _continue_or_begin(folder: Path, plan: dict) -> None:
    """Keep the parts of the same run if it was stopped; delete those of any other run."""
    text, path = json.dumps(plan), folder / "plan.json"
    if not path.exists() or path.read_text() != text:
        _empty(folder)
        atomic.write_bytes(path, text.encode())


def _batch(folder: Path, first: int) -> Path:
    """The file of the codes of a batch, by the number of its first row; it is there once it is whole."""
    return folder / f"{first:015}.npz"


def _pieces(folder: Path, key: str) -> Iterator[np.ndarray]:
    """Yield what all batches hold under `key`, in order."""
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as batch:
            yield batch[key]


def _merge_dense(folder: Path, file: Path, shape: tuple[int, int]) -> None:
    with file.open("wb") as stream:
        _write_array(stream, shape, np.float32, _pieces(folder, "values"))


def _merge_sparse(folder: Path, file: Path, shape: tuple[int, int]) -> None:
    """Write the members that `scipy.sparse.save_npz` writes for a CSR array."""
    n_values = sum(int(counts.sum()) for counts in _pieces(folder, "counts"))
    index = np.int32 if n_values <= np.iinfo(np.int32).max else np.int64
    with zipfile.ZipFile(file, "w") as archive:
        for name, length, dtype, pieces in (
            ("data", n_values, np.float32, _pieces(folder, "values")),
            ("indices", n_values, index, _pieces(folder, "columns")),
            ("indptr", shape[0] + 1, index, _running_sum(_pieces(folder, "counts"))),
        ):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                _write_array(stream, (length,), dtype, pieces)
        for name, value in (("format", b"csr"), ("shape", np.array(shape)), ("_is_array", True)):
            with archive.open(f"{name}.npy", "w") as stream:
                npy.write_array(stream, np.asarray(value), allow_pickle=False)


def _running_sum(pieces: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    total = np.zeros(1, np.int64)
    yield total
    for counts in pieces:
        sums = total + counts.cumsum(dtype=np.int64)
        total = sums[-1:]
        yield sums


def _write_array(
    stream: BinaryIO, shape: tuple[int, ...], dtype: type, pieces: Iterator[np.ndarray]
) -> None:
    header = {"descr": npy.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(stream, header)
    for array in pieces:
        stream.write(array.astype(dtype, copy=False).tobytes())
