"""What the lab has measured, as the app and the documentation read it.

published.json holds every number that a page shows of it, with the names of the runs behind it. `sc2viz reproduce readme`
writes this file from the records of the runs, so that no page computes a statistic. `record` returns such a record.

printed     the numbers that the paper prints, and its errors
accuracies  cells of the paper's tables and leads between them, as published.json has them
sentences   what both pages and the documentation say of what is published
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from sc2viz import checkpoints, files

FOLDER = checkpoints.PRETRAINED / "results"
Mean = list[float | None]  # of the seeds, and the standard deviation over them, None for one seed


def read(key: str) -> dict[str, Any]:
    """A part of published.json, such as "paper"; empty where it is not published. It is not to be changed."""
    return _read(FOLDER / "published.json", *stamp()).get(key, {})


def stamp() -> tuple[int, ...]:
    """What differs once published.json has changed; empty where there is none."""
    return files.stamp(FOLDER / "published.json")


@lru_cache(maxsize=2)
def _read(path: Path, *stamp: int) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if stamp else {}


def record(run: str, file: str = "paper.jsonl") -> dict[str, Any]:
    """The record of a run of this name; ValueError where there is none."""
    start = f'{{"run": {json.dumps(run)},'
    with (FOLDER / file).open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                return json.loads(line)
    raise ValueError(f"{FOLDER / file} has no record of {run!r}")
