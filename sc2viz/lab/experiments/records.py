"""The records of runs: what was asked for, what was measured, and on which machine.

load, save  all records of a study; every line of a file is the record of a run
Experiment  carries out the runs of a study, and measures none again that is there
"""

import base64
import json
import platform
import time
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock

from sc2viz import checkpoints, files
from sc2viz.files import atomic
from sc2viz.lab.experiments.protocols import TABLE, Numbers, Run

RESULTS = checkpoints.PRETRAINED / "results"

Record = Numbers
Records = dict[Run, Record]
Result = tuple[Numbers, Numbers]  # what a run measures, and the notes of its training
Report = Callable[[str], None]


def load(study: str, folder: Path = RESULTS) -> Records:
    """The records of all runs of a study in `folder`, in the order of their names; not to be changed.

    The file is read again where it has changed. ValueError names its line that is broken.
    """
    records = _read(_locate(study, folder))
    return {run: record for run, record in records.items() if run.study == study}


def _locate(study: str, folder: Path) -> Path:
    return Path(folder) / TABLE[study]["file"]


def _read(path: Path) -> Records:
    return _parse(path, *files.stamp(path)) if path.exists() else {}


@lru_cache(maxsize=16)
def _parse(path: Path, *_stamp: int) -> Records:
    records: Records = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        with files.reading(
            f"line {number} of {path} is not a readable result", ": delete it and repeat its run"
        ):
            record = json.loads(line)
            if not all(isinstance(record[key], dict) for key in ("configuration", "metrics")):
                raise ValueError("it is no record")
            run = Run.named(str(record["run"]))
            if run in records:
                raise ValueError(f"{run.name} has two lines")
        records[run] = record
    return records


def save(study: str, records: Mapping[Run, Record], folder: Path = RESULTS) -> None:
    """Write all records of a study, a line a run, whole or not at all. Those of another study in the file stay."""
    path = _locate(study, folder)
    others = {run: record for run, record in _read(path).items() if run.study != study}
    lines = {
        run.name: f"{json.dumps(record, ensure_ascii=False)}\n"
        for run, record in (others | dict(records)).items()
    }
    atomic.write_bytes(path, "".join(lines[name] for name in sorted(lines)).encode())


class Experiment:
    """Carries out the runs of a study. A subclass has `configuration(run)`, everything on which the results of a run depend,
    and `measure(run)`, what it measures and the notes of its training: seconds and curve, if any.

    Records are in `folder`, and networks in the user's cache. What is there is used again, so that work that was
    interrupted goes on where it stopped. `report` receives progress messages.
    """

    def __init__(self, folder: Path = RESULTS, report: Report = lambda line: None):
        self.folder, self.report = Path(folder), report

    def perform(self, run: Run, afresh: bool = False) -> Record:
        """The record of a run: read if it exists with the same configuration, else measured and written."""
        configuration, stored = self.configuration(run), load(run.study, self.folder).get(run)
        if stored and not afresh and stored["configuration"] == configuration:
            return stored
        start = time.perf_counter()
        metrics, notes = self.measure(run)
        record = {
            "run": run.name,
            "command": f"python -m sc2viz reproduce {run.name} --again",
            "configuration": configuration,
            "metrics": rounded(metrics),
            "curve": notes.get("curve", []),
            "seconds": {
                "training": round(notes.get("seconds", 0.0), 1),
                "all": round(time.perf_counter() - start, 1),
            },
            "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}",
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{_locate(run.study, self.folder)}.lock"):  # processes wait for each other
            save(run.study, load(run.study, self.folder) | {run: record}, self.folder)
        return record


def rounded(value: Any) -> Any:
    """Round the numbers of a record to seven digits; NaN, which JSON does not have, becomes None."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
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
