"""Trained networks in the user's cache, by everything on which they depend."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sc2viz import checkpoints, data, solvers


def locate(name: str, configuration: dict[str, Any]) -> Path:
    """Return the file of a network that is made by this configuration, whether it is there or not."""
    digest = hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()[:16]
    return data.cache_dir() / "reproduction" / f"{name}-{digest}.safetensors"


def load_or_make(
    path: Path, make: Callable[[], tuple[solvers.Solver, dict[str, Any]]]
) -> solvers.Solver:
    """Return the network in the file `path`; if it is not there, the one that `make` returns with its notes is stored first."""
    if not path.exists():
        solver, notes = make()
        checkpoints.save(solver.eval().requires_grad_(False), path, notes)
    return checkpoints.load(path).requires_grad_(False)
