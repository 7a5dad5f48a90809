"""Hostile files and command lines: each case ends in a result that makes sense or in one clear error.

    SC2VIZ_FUZZ=16 pytest tests/test_fuzz.py            # sixteen times as many cases

A case changes something valid: bits, lengths, names, types and sizes. What may come of it is a result whose numbers are
finite, or a ValueError (of the command line: an exit with a message). Anything else is printed with the case's number, which
repeats it: an exception of another type, a NaN, a warning of NumPy, more memory than MEMORY, or more than LONGEST seconds.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import resource
import signal
import struct
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch

from sc2viz import checkpoints, data, solvers
from sc2viz.files import dictionaries
from sc2viz.files.rows import open_rows

LONGEST = 30  # seconds of a case
MEMORY = 200  # MB that the peak may grow over all cases of a kind
ODD = (None, True, -1, 0, 10**20, 1e308, float("nan"), "", "x" * 5000, "![](http://e.example/p.png)", [], [1], {}, {"a": 1},
       "\x00", "٣", "1e400", -0.0, 0.5)  # fmt: skip


class Wrong(AssertionError):
    """A case that ended in neither a sensible result nor a clear error."""


# Changes --------------------------------------------------------------------------------------------------------------


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut off, doubled, or replaced by a large number."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(found)) if found else 0
        match chance.randrange(6):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at:]
            case 2:
                found[at:at] = found[at : at + chance.randrange(1, 200)]
            case 3:
                found[at : at + 4] = struct.pack(
                    "<I", chance.choice((0, 2**31 - 1, 2**32 - 1, chance.randrange(2**32)))
                )
            case 4:
                del found[at : at + chance.randrange(1, 50)]
            case 5:
                found[at : at + 8] = struct.pack(
                    ">d", chance.choice((float("nan"), float("inf"), 1e300))
                )
    return bytes(found)


def replaced(value, chance: random.Random):
    """A JSON value in which one part, however deep, is another."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        changed = dict(value)
        if chance.random() < 0.15:
            del changed[key]
        else:
            changed[key] = replaced(value[key], chance)
        return changed
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], replaced(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


# Kinds: each takes a source of chance and a folder, and raises what the case raises ------------------------------------


@cache
def networks() -> tuple[bytes, ...]:
    B = torch.randn(6, 9, generator=torch.Generator().manual_seed(0)) / 4
    options = ("ista", {}), ("slstm", {}), ("lfista", {"preset": "paper"}), ("adaptive-ista", {})
    return tuple(
        checkpoints.dump(solvers.build(name, B, 3, **more), {"lam": 0.1, "loss": "sc2net"})
        for name, more in options
    )


def network(chance: random.Random, folder: Path) -> None:
    content = chance.choice(networks())
    length = int.from_bytes(content[:8], "little")
    if chance.random() < 0.7:
        header = json.loads(content[8 : 8 + length])
        if chance.random() < 0.8:
            said = replaced(json.loads(header["__metadata__"]["sc2viz"]), chance)
            header["__metadata__"]["sc2viz"] = json.dumps(said)
        else:
            header = replaced(header, chance)
        text = json.dumps(header).encode()
        content = len(text).to_bytes(8, "little") + text + content[8 + length :]
    else:
        content = damaged(content, chance)
    path = folder / "network.safetensors"
    path.write_bytes(content)
    found = []
    for load in (lambda: checkpoints.load_bytes(content), lambda: checkpoints.load(path)):
        with contextlib.suppress(ValueError):
            found.append(load())
    for solver in found:
        codes = solver(
            torch.full((2, len(solver.dictionary)), 0.3, dtype=solver.dictionary.dtype), 0.1
        )
        finite(codes, "codes")
    if not found:
        checkpoints.load_bytes(content)


@cache
def archives() -> tuple[bytes, ...]:
    rng, found = np.random.default_rng(0), []
    pictures = {
        "x_train": rng.integers(0, 256, (9, 4, 3), np.uint8),
        "x_test": rng.integers(0, 256, (3, 4, 3), np.uint8),
    }
    rows = {
        "x_train": rng.random((9, 5)),
        "x_test": rng.random((3, 5)),
        "y_train": np.arange(9) % 3,
        "y_test": np.arange(3),
    }
    for arrays in (pictures, rows, {"B": rng.random((5, 7), np.float32)}):
        for write in (np.savez, np.savez_compressed):
            stream = io.BytesIO()
            write(stream, **arrays)
            found.append(stream.getvalue())
    return tuple(found)


def archive(chance: random.Random, folder: Path) -> None:
    content = chance.choice(archives())
    if chance.random() < 0.6:  # an archive that is whole, of damaged arrays
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as fresh:
            for name in old.namelist():
                member = old.read(name)
                if chance.random() < 0.5:
                    shape = chance.choice(
                        (
                            "(-1, 5)",
                            f"({10**30},)",
                            "()",
                            "(9, 5)",
                            "(3, 0)",
                            "(2, 2, 2, 2, 2)",
                            "[1]",
                        )
                    )
                    kind = chance.choice(
                        ("<f8", "|O", "<U9", "<c16", "<f2", "<M8[s]", ">i4", "|V0", "<f4")
                    )
                    head = f"{{'descr': '{kind}', 'fortran_order': {chance.random() < 0.5}, 'shape': {shape}, }}\n".encode()
                    member = (
                        b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + member[128:]
                    )
                fresh.writestr(name, damaged(member, chance) if chance.random() < 0.5 else member)
        content = stream.getvalue()
    else:
        content = damaged(content, chance)
    path = folder / "data.npz"
    path.write_bytes(content)
    errors = []
    for read in (
        lambda: data.both_splits(io.BytesIO(content), "data.npz", 10**7),
        lambda: dictionaries.dictionary(content, 5),
        lambda: list(rows_of(path)),
    ):
        try:
            found = read()
        except ValueError as error:
            errors.append(error)
            continue
        for part in found:
            for tensor in (
                (part.pixels,)
                if isinstance(part, data.Images)
                else (part,)
                if isinstance(part, torch.Tensor)
                else ()
            ):
                finite(tensor, "numbers")
    if len(errors) == 3:
        raise errors[0]


def rows_of(path: Path):
    with warnings.catch_warnings():
        rows = open_rows(path)
        yield from rows.batches(0, len(rows), 4)


KINDS: dict[str, Callable[[random.Random, Path], None]] = {
    "networks": network,
    "archives": archive,
}


# Running --------------------------------------------------------------------------------------------------------------


def finite(values: torch.Tensor, what: str) -> None:
    if not torch.isfinite(values).all():
        raise Wrong(f"{what} are not finite")


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )


def run(kind: str, cases: int, seed: int = 0) -> tuple[int, list[str]]:
    """(how many cases were refused, what is wrong with others) of so many cases of one kind."""
    refused, wrong = 0, []

    def hangs(*_) -> None:
        raise Wrong(f"it takes more than {LONGEST} s")

    usual = signal.signal(signal.SIGALRM, hangs)
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            before = None
            for case in range(cases):
                signal.alarm(LONGEST)
                try:
                    KINDS[kind](random.Random(f"{seed}/{kind}/{case}"), Path(folder))
                except ValueError:
                    refused += 1
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    wrong.append(
                        f"{kind}, seed {seed}, case {case}: {type(error).__name__}: {str(error)[:300]}"
                    )
                finally:
                    signal.alarm(0)
                before = before or peak()  # after one case: it loads what all share
            if peak() - before > MEMORY:
                wrong.append(f"{kind}, seed {seed}: the memory grew by {peak() - before:.0f} MB")
    finally:
        signal.signal(signal.SIGALRM, usual)
    return refused, wrong
