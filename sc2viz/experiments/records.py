"""One JSON file a run: what was asked for, what was measured, and on which machine."""

from __future__ import annotations

import base64
import json
import platform
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sc2viz import checkpoints
from sc2viz.files import atomic

RESULTS = checkpoints.PRETRAINED / "results"


def write(path: Path, run: str, command: str, configuration: dict[str, Any], metrics: dict[str, Any],
          **more: Any) -> dict[str, Any]:  # fmt: skip
    """Write the record of a run into `path`, whole or not at all, and return it. more: further entries, such as seconds."""
    record = {
        "run": run,
        "command": command,
        "configuration": configuration,
        "metrics": rounded(metrics),
        **more,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, json.dumps(record, indent=1, ensure_ascii=False).encode())
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


def read(path: Path) -> dict[str, Any]:
    """The record of one run; a ValueError names the file if it is broken."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise ValueError(f"{path} is not a readable result ({error}): delete it and repeat its run") from None
    if not isinstance(record, dict) or not isinstance(record.get("metrics"), dict) or "configuration" not in record:
        raise ValueError(f"{path} does not hold a result of reproduce: delete it and repeat its run")
    return record


def packed(right: np.ndarray) -> str:
    """Which rows (n,) were classified rightly, as text: a sixth of a byte a row, and less where most are right."""
    return base64.b64encode(zlib.compress(np.packbits(right).tobytes(), 9)).decode()


def unpacked(text: str, rows: int) -> np.ndarray:
    """The inverse of `packed`, (rows,) bool."""
    return np.unpackbits(np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8), count=rows).astype(bool)
