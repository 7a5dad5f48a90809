"""The records of runs: what was asked for, what was measured, and on which machine.

BaseRun     what is measured; a kind of runs has its own fields, and one file, in which every line is the record of a run
load, save  all records of a kind; `put` writes one of them
Experiment  carries out the runs of a kind, and measures none again that is there
"""

import base64
import json
import platform
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from filelock import FileLock

from sc2viz import checkpoints, files
from sc2viz.files import atomic

RESULTS = checkpoints.PRETRAINED / "results"

Record = dict[str, Any]
Say = Callable[[str], None]
R = TypeVar("R", bound="BaseRun")


@dataclass(frozen=True)
class BaseRun:
    """What is measured. A kind of runs derives from this and adds its fields."""

    FILE: ClassVar[str]  # of the records of this kind, in a folder of results
    HEAD: ClassVar[str] = ""  # with which names begin
    OTHERS: ClassVar[tuple[str, ...]] = ()  # the heads of other kinds in the same file

    @property
    def name(self) -> str:
        """All fields in one. The record of the run and the command that repeats it are called so."""
        return self.HEAD + "_".join(str(getattr(self, field.name)) for field in fields(self))

    def exists(self) -> bool:
        """Whether there is such a run."""
        return True

    @classmethod
    def named(cls: type[R], name: str) -> R:
        """The run with this name; ValueError where there is none."""
        own, parts = fields(cls), name.removeprefix(cls.HEAD).split("_")
        numbers = [field.type in (int, "int") for field in own]
        if len(parts) == len(own) and all(
            part.isdecimal() for part, number in zip(parts, numbers, strict=True) if number
        ):
            run = cls(
                *(
                    int(part) if number else part
                    for part, number in zip(parts, numbers, strict=True)
                )
            )
            if run.name == name and run.exists():
                return run
        raise ValueError(
            f"there is no run {name!r}: a name is {cls.HEAD}{'_'.join(field.name for field in own)}"
        )


# Files ----------------------------------------------------------------------------------------------------------------


def load(kind: type[R], folder: Path = RESULTS) -> dict[R, Record]:
    """The records of all runs of a kind in `folder`, in the order of their names; not to be changed.

    The file is read again where it has changed. ValueError names its line that is broken.
    """
    path = Path(folder) / kind.FILE
    return _read(kind, path, *stamp(kind, folder)) if path.exists() else {}


def stamp(kind: type[BaseRun], folder: Path = RESULTS) -> tuple[int, ...]:
    """What differs once the records of a kind have changed; empty where there are none."""
    return files.stamp(Path(folder) / kind.FILE)


@lru_cache(maxsize=16)
def _read(kind: type[R], path: Path, *_stamp: int) -> dict[R, Record]:
    found: dict[R, Record] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        with files.reading(
            f"line {number} of {path} is not a readable result", ": delete it and repeat its run"
        ):
            record = json.loads(line)
            if not all(isinstance(record[key], dict) for key in ("configuration", "metrics")):
                raise ValueError("it is no record")
            if (name := str(record["run"])).startswith(kind.OTHERS):
                continue
            run = kind.named(name)
            if run in found:
                raise ValueError(f"{run.name} has two lines")
        found[run] = record
    return found


def save(kind: type[BaseRun], records: Mapping[Any, Record], folder: Path = RESULTS) -> None:
    """Write all records of a kind, a line a run, whole or not at all. Those of other kinds in the file stay."""
    path = Path(folder) / kind.FILE
    there = map(json.loads, path.read_bytes().splitlines()) if kind.OTHERS and path.exists() else ()
    named = {record["run"]: record for record in there if record["run"].startswith(kind.OTHERS)}
    named |= {run.name: record for run, record in records.items()}
    atomic.write_bytes(
        path,
        "".join(
            f"{json.dumps(named[name], ensure_ascii=False)}\n" for name in sorted(named)
        ).encode(),
    )


def put(run: BaseRun, record: Record, folder: Path = RESULTS) -> None:
    """Write the record of a run in the place of an earlier one. Processes that share the file wait for each other."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with FileLock(Path(folder) / f"{run.FILE}.lock"):
        save(type(run), load(type(run), folder) | {run: record}, folder)


# Carrying out ---------------------------------------------------------------------------------------------------------


class Experiment:
    """Carries out the runs of a kind. A subclass says on what the results of a run depend, and how it is measured.

    Records are in `folder`, and networks in the user's cache. What is there is used again, so that work that was
    interrupted goes on where it stopped. `say` receives progress messages.
    """

    def __init__(self, folder: Path = RESULTS, say: Say = lambda line: None):
        self.folder, self.say = Path(folder), say

    def configuration(self, run: Any) -> dict[str, Any]:
        """Everything on which the results of a run depend."""
        raise NotImplementedError

    def measure(self, run: Any, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a run measures, and the notes of its training: seconds and curve, if any. again: use no earlier result."""
        raise NotImplementedError

    def perform(self, run: Any, again: bool = False) -> Record:
        """The record of a run: read if it exists with the same configuration, else measured and written."""
        configuration, found = self.configuration(run), load(type(run), self.folder).get(run)
        if found and not again and found["configuration"] == configuration:
            return found
        began = time.perf_counter()
        metrics, made = self.measure(run, again)
        record = {
            "run": run.name,
            "command": f"python -m sc2viz reproduce {run.name} --again",
            "configuration": configuration,
            "metrics": rounded(metrics),
            "curve": made.get("curve", []),
            "seconds": {
                "training": round(made.get("seconds", 0.0), 1),
                "all": round(time.perf_counter() - began, 1),
            },
            "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}",
        }
        put(run, record, self.folder)
        return record


def rounded(value: Any) -> Any:
    """Round the numbers of a record to seven digits; NaN, which JSON does not have, becomes None."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.7g}") if np.isfinite(value) else None
    return value


def packed(values: np.ndarray) -> str:
    """Numbers (n,) as text to three digits (float16), or truth values, which take a sixth of a byte or less."""
    content = np.packbits(values) if values.dtype == bool else values.astype("<f2")
    return base64.b64encode(zlib.compress(content.tobytes(), 9)).decode()


def unpacked(text: str, rows: int | None = None) -> np.ndarray:
    """The inverse of `packed`: numbers (n,) float64, or with `rows` so many truth values."""
    content = zlib.decompress(base64.b64decode(text))
    if rows is None:
        return np.frombuffer(content, "<f2").astype(float)
    return np.unpackbits(np.frombuffer(content, np.uint8), count=rows).astype(bool)
