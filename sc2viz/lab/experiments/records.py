"""The records of runs: what was asked for, what was measured, and on which machine.

load, save  all records of a study; every line of a file is the record of a run
Experiment  carries out the runs of a study, and measures none again that is there
"""

import base64
import json
import platform
import time
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock

from sc2viz import checkpoints, files
from sc2viz.files import atomic
from sc2viz.lab.experiments.protocols import TABLE, Run

RESULTS = checkpoints.PRETRAINED / "results"


def load(study, folder=RESULTS):
    """The records of all runs of a study in `folder`, in the order of their names; not to be changed."""
    records = _read(_locate(study, folder))
    return {run: record for run, record in records.items() if run.study == study}


def _locate(study, folder):
    return Path(folder) / TABLE[study]["file"]


def _read(path):
    return _parse(path, *files.stamp(path))


@lru_cache(maxsize=16)
def _parse(path, *stamp):
    records = map(json.loads, path.read_bytes().splitlines() if stamp else ())
    return {Run.named(record["run"]): record for record in records}


def save(study, records, folder=RESULTS):
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

    def __init__(self, folder=RESULTS, report=lambda line: None):
        self.folder, self.report = Path(folder), report

    def perform(self, run, afresh=False):
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


def rounded(value):
    """Round the numbers of a record to seven digits; NaN, which JSON does not have, becomes None."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.7g}") if np.isfinite(value) else None
    return value


def packed(values):
    """Numbers (n,) as text to three digits (float16), or truth values, which take a sixth of a byte or less."""
    content = np.packbits(values) if values.dtype == bool else values.astype("<f2")
    return base64.b64encode(zlib.compress(content.tobytes(), 9)).decode()


def unpacked(text, rows=None):
    """The inverse of `packed`: numbers (n,) float64, or with `rows` so many truth values."""
    content = zlib.decompress(base64.b64decode(text))
    if rows is None:
        return np.frombuffer(content, "<f2").astype(float)
    return np.unpackbits(np.frombuffer(content, np.uint8), count=rows).astype(bool)
