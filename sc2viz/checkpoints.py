"""Solvers and dictionaries as .safetensors: numbers and a JSON header, nothing that could run.

A file is written beside its destination and renamed onto it, so that a kill at any moment leaves the old file or the new
one. What is read is checked before it is believed; whatever is wrong with it is a ValueError that says so.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from sc2viz import solvers

PRETRAINED = Path(__file__).resolve().parent.parent / "pretrained"
FORMAT = "sc2viz-1"
TRAINING = "training."  # prefix of the tensors that resuming a run needs and using its solver does not
MOST_STEPS = 10_000  # a header that asks for more iterations is not believed
TIED = ("ista", "fista", "adaptive-ista")  # all that a file holds of them is (d_x, d_s); the others have matrices (d_s, d_s)


def save(solver: solvers.Solver, path: str | Path, notes: dict[str, Any] | None = None,
         training: dict[str, Tensor] | None = None) -> Path:  # fmt: skip
    """Write `solver`, and `training` (the state that `training.fit` resumes from) where given. `notes`: how it was made,
    and what was measured of it; anything that JSON holds."""
    tensors = {**solver.state_dict(), **{TRAINING + key: value for key, value in (training or {}).items()}}
    return write(path, tensors, {"kind": "solver", "config": solver.config, "notes": notes or {}})


def load(name: str | Path) -> solvers.Solver:
    """The solver of a name that `available` lists, or of a path; its notes are `solver.notes`. On the CPU, ready to code."""
    return _solver(*read(name, "solver"), Path(name).name)


def load_bytes(content: bytes) -> solvers.Solver:
    """`load` of what a file holds, for uploads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload.safetensors"
        path.write_bytes(content)
        return load(path)


def dump(solver: solvers.Solver, notes: dict[str, Any] | None = None) -> bytes:
    """What `save` would write, for downloads."""
    return _bytes(solver.state_dict(), {"kind": "solver", "config": solver.config, "notes": notes or {}})


def load_training(name: str | Path) -> dict[str, Tensor]:
    """The training state beside the solver, empty where the file has none."""
    tensors, _ = read(name, "solver")
    return {key.removeprefix(TRAINING): value for key, value in tensors.items() if key.startswith(TRAINING)}


def save_dictionary(B: Tensor, path: str | Path, notes: dict[str, Any] | None = None) -> Path:
    return write(path, {"B": B}, {"kind": "dictionary", "notes": notes or {}})


def load_dictionary(name: str | Path) -> Tensor:
    """B (d_x, d_s) of a data set's name ("mnist") or a path."""
    path = PRETRAINED / str(name) / "dictionary.safetensors"
    tensors, _ = read(path if path.exists() else name, "dictionary")
    if set(tensors) != {"B"} or tensors["B"].ndim != 2 or not tensors["B"].numel():
        raise ValueError(f"{name} does not hold a dictionary B (d_x, d_s)")
    return tensors["B"]


def notes(name: str | Path) -> dict[str, Any]:
    """What was written down when the file was made, without reading its tensors."""
    return _header(locate(name)).get("notes", {})


def config(name: str | Path) -> dict[str, Any]:
    """What `solvers.build` made the solver from, likewise."""
    return _header(locate(name)).get("config", {})


def available() -> list[str]:
    """Names of the solvers under pretrained/, "<data>/<solver>[-codes|-supervised|…]"."""
    files = sorted(PRETRAINED.glob("*/*.safetensors"))
    found = (f"{path.parent.name}/{path.stem}" for path in files)
    return [name for name in found if name.split("/")[1].startswith(solvers.NAMES)]


def locate(name: str | Path) -> Path:
    """The file of a name that `available` lists, or of a path; ValueError where there is none."""
    path = Path(name)
    if not path.is_file():
        path = PRETRAINED / f"{name}.safetensors"
    if not path.is_file():
        raise ValueError(f"no checkpoint {name}: give a path, or one of {', '.join(available()) or '(none shipped)'}")
    return path


def write(path: str | Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> Path:
    """What every file here is: tensors and a header whose `kind` says what they are."""
    return write_bytes(path, _bytes(tensors, header))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Beside its destination first, then renamed onto it: a kill at any moment leaves the old file or the new one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _bytes(tensors: dict[str, Tensor], header: dict[str, Any]) -> bytes:
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    return to_bytes(tensors, metadata={"sc2viz": json.dumps({"format": FORMAT, **header})})


def _header(path: Path) -> dict[str, Any]:
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {}).get("sc2viz", "null"))
    except (SafetensorError, ValueError, OSError, RecursionError) as error:
        raise ValueError(f"{path.name} is not a readable .safetensors file ({error})") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{path.name} was not written by sc2viz ({FORMAT} is missing from its header)")
    return header


def read(name: str | Path, kind: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors, all finite, and header of a file of that kind."""
    path = locate(name)
    header = _header(path)
    if header.get("kind") != kind:
        raise ValueError(f"{path.name} holds a {header.get('kind')}, not a {kind}")
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    except Exception as error:  # a type of number that torch does not have, say
        raise ValueError(f"{path.name} is not a readable .safetensors file ({error})") from None
    for key, value in tensors.items():
        if value.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"{path.name} must hold float32 or float64, got {value.dtype} in {key}")
        if not torch.isfinite(value).all():
            raise ValueError(f"{path.name} has NaN or infinity in {key}: it cannot be used")
    return tensors, header


def _solver(tensors: dict[str, Tensor], header: dict[str, Any], name: str) -> solvers.Solver:
    tensors = {key: value for key, value in tensors.items() if not key.startswith(TRAINING)}
    atoms = tensors.get("weights.B")
    if atoms is None and "weights.encoder" in tensors:
        atoms = tensors["weights.encoder"].T
    try:
        if atoms is None or atoms.ndim != 2 or not atoms.numel():
            raise ValueError("it has no dictionary")
        config = _checked(header["config"], tensors, atoms.shape[1])
        solver = solvers.build(**{**config, "B": torch.zeros(atoms.shape, dtype=atoms.dtype)})
        solver.weights.keep_dictionary_("weights.kept" in tensors)
        solver.load_state_dict(tensors)
    except (ValueError, TypeError, KeyError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{name} does not hold what its header says: {error}") from None
    solver.notes = header.get("notes", {})
    return solver.eval()


def _checked(config: dict[str, Any], tensors: dict[str, Tensor], d_s: int) -> dict[str, Any]:
    """The configuration, once the sizes it claims are those of the tensors: a wrong one must not get to allocate."""
    steps, classes = config["steps"], config.get("classes")
    if type(steps) is not int or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be 1 to {MOST_STEPS:,}, got {steps}")
    if "m" in tensors and tensors["m"].shape != (steps,):
        raise ValueError(f"it has {tuple(tensors['m'].shape)} momenta for {steps} steps")
    if classes is not None and ("C" not in tensors or tensors["C"].shape != (classes, d_s)):
        raise ValueError(f"it has no softmax head for {classes} classes and {d_s} atoms")
    if config["name"] not in TIED and all(value.shape != (d_s, d_s) for value in tensors.values()):
        raise ValueError(f"it has no matrix ({d_s}, {d_s}) for {d_s} atoms")
    return config
