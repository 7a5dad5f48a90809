"""One JSON file a run: what was asked for, what was measured, and on which machine."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sc2viz.files import atomic


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
