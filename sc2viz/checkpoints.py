"""Solvers and dictionaries as .safetensors: numbers and a JSON header, nothing that could run.

The header of a solver says which solver and variant it is, its sizes d_x and d_s, and the options that build it. File names
are only addresses. A file is written beside its destination and renamed onto it, so that a kill at any moment leaves the old
file or the new one. What is read is checked first; a ValueError says what is wrong with it.

    python -m sc2viz.checkpoints FILE …      store the learned matrices of solvers as float16, as under pretrained/
"""

import argparse
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor
from torch.nn import functional

from sc2viz import arguments, convolution, patches, solvers
from sc2viz.files import atomic, headers, reading, stamp
from sc2viz.files.headers import FORMAT, Header

_PACKAGE = Path(__file__).resolve().parent
# A wheel holds pretrained/ inside the package; a checkout has it beside the package.
PRETRAINED = (_PACKAGE if (_PACKAGE / "pretrained").is_dir() else _PACKAGE.parent) / "pretrained"
TRAINING = "training."  # the prefix of tensors that only resuming a run needs
NETWORKS = "SC2VIZ_NETWORKS"  # the environment variable that names a folder of trained networks
LARGEST = 1e9  # magnitude that a weight of a file may have; those of trained networks are below 100
MOST_STEPS = 10_000  # a header that asks for more iterations is refused
# A solver may make (d_s, d_s) matrices of a file's dictionary. Beyond so many atoms they must not be so many times larger.
MANY_ATOMS, MOST_GROWTH = 4096, 100
MOST_CODES = (
    1_000_000  # of the picture that a file with filters is for: loading codes one of that size
)


def save(
    solver: solvers.Solver,
    path: str | Path,
    notes: dict[str, Any] | None = None,
    training: dict[str, Tensor] | None = None,
    half: bool = False,
) -> Path:
    """Write `solver` into the file `path`, which is returned, and `training` (the state that `training.fit` resumes from) where
    given. `notes`: how it was made, and what was measured of it; anything that JSON holds. `half` stores the learned matrices as
    float16, which halves the file; a ValueError with `training`, because a run resumes from exact weights."""
    if half and training:
        raise ValueError(
            f"{Path(path).name} is to be resumed from, which float16 is not exact enough for: leave half out"
        )
    state = {TRAINING + key: value for key, value in (training or {}).items()}
    header, tensors = _make_header(solver, notes), _halved(solver) if half else _tensors(solver)
    return write(path, {**tensors, **state}, header)


def _halved(solver: solvers.Solver) -> dict[str, Tensor]:
    """Return the numbers of a solver, its learned and its computed float32 matrices as float16; `read` widens them again.

    Other buffers (τ, κ, a dictionary that was kept) and vectors stay exact, and so does a matrix with an entry beyond
    float16's range.
    """
    learned, tensors = {*dict(solver.named_parameters()), *solver.computed}, _tensors(solver)
    for key, value in tensors.items():
        is_matrix = key in learned and value.ndim >= 2 and value.dtype == torch.float32
        if is_matrix and value.abs().max() <= torch.finfo(torch.float16).max:
            tensors[key] = value.half()
    return tensors


def load(name: str | Path) -> solvers.Solver:
    """Return the solver of a name that `available` lists, or of a path; its notes are `solver.notes`. On the CPU, ready to code.

    >>> from sc2viz import checkpoints, data
    >>> slstm = checkpoints.load("mnist/slstm")
    >>> slstm(data.load("mnist-5k", split="test").pixels[:2], lam=0.1).shape
    torch.Size([2, 100])
    """
    return _build_solver(*read(name, "solver"), Path(name).name)


def load_bytes(content: bytes, name: str = "the file") -> solvers.Solver:
    """Return the solver that the content of a file holds, as `load` does, for uploads: nothing is written to the disk. `name`: of
    the file, for messages."""
    return _build_solver(*_parse(content, name, "solver"), name)


def dump(solver: solvers.Solver, notes: dict[str, Any] | None = None) -> bytes:
    """Return the bytes that `save` would write, for downloads."""
    return _bytes(_tensors(solver), _make_header(solver, notes))


def load_training(name: str | Path) -> dict[str, Tensor]:
    """Return the training state that a solver's file holds for resuming; empty where it holds none."""
    tensors, _ = read(name, "solver")
    return {
        key.removeprefix(TRAINING): value
        for key, value in tensors.items()
        if key.startswith(TRAINING)
    }


def save_dictionary(B: Tensor, path: str | Path, notes: dict[str, Any] | None = None) -> Path:
    """Write a dictionary B (d_x, d_s), and `notes` as its header's, into the file `path`, which is returned."""
    arguments.tensor("B", B)
    return write(path, {"B": B}, {"kind": "dictionary", "notes": notes or {}})


def load_dictionary(name: str | Path) -> Tensor:
    """Return B (d_x, d_s) of a data set's name ("mnist") or a path."""
    path = PRETRAINED / str(name) / "dictionary.safetensors"
    tensors, _ = read(path if path.exists() else name, "dictionary")
    if set(tensors) != {"B"} or tensors["B"].ndim != 2 or not tensors["B"].numel():
        raise ValueError(f"{name} does not hold a dictionary B (d_x, d_s)")
    return tensors["B"]


def dictionaries(data: str) -> list[str]:
    """Return the names of the dictionaries that ship for a data set, as `load_dictionary` takes them: "digits", then, by the
    number of atoms, others such as "digits-256". The networks of a dictionary are in its folder: "digits-256/slstm"."""
    sizes = {
        path.parent.name: path.parent.name.removeprefix(data).removeprefix("-")
        for path in PRETRAINED.glob(f"{data}*/dictionary.safetensors")
    }
    numbered = [name for name, size in sizes.items() if size.isdecimal()]
    return [data] * (data in sizes) + sorted(numbered, key=lambda name: int(sizes[name]))


def notes(name: str | Path) -> dict[str, Any]:
    """Return the notes that were written when a file was made, without reading its tensors."""
    return _fields(name).get("notes", {})


def config(name: str | Path) -> dict[str, Any]:
    """Return what `solvers.build` made a file's solver from, without reading its tensors: the solver's name and its options."""
    stated = header(name)
    return {"name": stated.solver, **stated.options}


def header(name: str | Path) -> Header:
    """Return what a file says of its solver; ValueError for a file that holds none."""
    path, fields = locate(name), _fields(name, "solver")
    solver, variant, options = headers.identify(fields, path.name)
    d_x, d_s = fields.get("d_x"), fields.get("d_s")
    if not (type(d_x) is int and type(d_s) is int):
        raise ValueError(
            f"{path.name} must say d_x and d_s as whole numbers in its header, got {str((d_x, d_s))[:40]}"
        )
    return Header(solver, variant, d_x, d_s, options, fields.get("notes", {}))


def available(data: str = "*") -> list[str]:
    """Return the names of the solvers under pretrained/, "<data>/<file>", such as "mnist/slstm-double-tanh", of all data or of
    one."""
    return [
        f"{path.parent.name}/{path.stem}"
        for path in sorted(PRETRAINED.glob(f"{data}/*.safetensors"))
        if _fields(path).get("kind") == "solver"
    ]


def own_networks() -> tuple[dict[Path, Header], list[str]]:
    """Return the solvers in the flat folder that the environment variable SC2VIZ_NETWORKS names, by file, and what is wrong with
    the folder and the other files there."""
    networks: dict[Path, Header] = {}
    problems: list[str] = []
    named = os.environ.get(NETWORKS)
    if not named:
        return networks, problems
    folder = Path(named).expanduser()
    if not folder.is_dir():
        problems.append(
            f"{NETWORKS} names {named}, which is no folder: name one that holds .safetensors"
        )
    for path in sorted(folder.glob("*.safetensors")):
        try:
            networks[path] = header(path)
            _check_registered(networks[path].solver, path.name)
        except ValueError as error:
            problems.append(str(error))
    return networks, problems


def _check_registered(solver: str, file: str) -> None:
    """Raise ValueError, which names `file` and the remedy, unless a solver of that name is registered."""
    if not solvers.is_registered(solver):
        remedy = solvers.how_to_bring(solver)
        raise ValueError(
            f"{file} holds the solver {solver[:40]!r}, which is not registered: {remedy}"
        )


def locate(name: str | Path) -> Path:
    """Return the file of a name that `available` lists, or of a path; ValueError where there is none."""
    arguments.path("a checkpoint", name)
    path = Path(name)
    if not path.is_file():
        path = PRETRAINED / f"{name}.safetensors"
    if not path.is_file():
        raise ValueError(
            f"no checkpoint {name}: give a path, or one of {', '.join(available()) or '(none shipped)'}"
        )
    return path


def write(path: str | Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> Path:
    """Write a .safetensors file and return its path: tensors, and a header whose `kind` says what they are."""
    arguments.path("the file to write", path)
    return atomic.write_bytes(path, _bytes(tensors, header))


def _bytes(tensors: dict[str, Tensor], header: dict[str, Any]) -> bytes:
    """Return the content of a .safetensors with these tensors and this header."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    return to_bytes(tensors, metadata={"sc2viz": json.dumps({"format": FORMAT, **header})})


def read(name: str | Path, kind: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors of a file of that `kind`, all finite and float16 widened to float32, and its header."""
    path = locate(name)
    with reading(f"{path.name} is not a readable .safetensors file"):
        content = path.read_bytes()
    return _parse(content, path.name, kind)


def _parse(content: bytes, name: str, kind: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the header of a file's content as `read` does; `name` is that of the file, for messages."""
    with reading(f"{name} is not a readable .safetensors file"):
        metadata = headers.entries(content).get("__metadata__", {})
        tensors = from_bytes(content)
    header = headers.parse(metadata, name, kind)
    for key, value in tensors.items():
        if value.dtype not in (torch.float16, torch.float32, torch.float64):
            raise ValueError(
                f"{name} must hold float16, float32 or float64, got {value.dtype} in {key}"
            )
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} has NaN or infinity in {key}: it cannot be used")
        tensors[key] = value.float() if value.dtype == torch.float16 else value
    return tensors, header


def _tensors(solver: solvers.Solver) -> dict[str, Tensor]:
    """Return the numbers of a solver, with its dictionary beside them where that is none of its weights."""
    state = solver.state_dict()
    return state if _dictionary(state) is not None else {**state, "dictionary": solver.dictionary}


def _dictionary(tensors: dict[str, Tensor]) -> Tensor | convolution.Dictionary | None:
    """Return the dictionary (d_x, d_s) that a solver's numbers hold; None where they hold none."""
    if "weights.filters" in tensors:
        return convolution.from_tensors(tensors["weights.filters"], tensors["weights.geometry"])
    if "weights.encoder" in tensors:  # the file has the encoder W_d = τBᵀ in the place of B
        return (tensors["weights.encoder"] / tensors.get("weights.tau", 1)).T.contiguous()
    return tensors.get("dictionary", tensors.get("weights.B"))


def _make_header(solver: solvers.Solver, notes: dict[str, Any] | None) -> dict[str, Any]:
    """Return the header with which a solver is stored: its name, variant, sizes, options and `notes`."""
    arguments.built(solver)
    if not isinstance(notes, dict | None):
        raise ValueError(
            f"notes must be a dict of names and values, got {notes!r}: leave them out for none"
        )
    options = {key: value for key, value in solver.config.items() if key != "name"}
    variant = type(solver).traits.variant_of(options, (notes or {}).get("loss", "sc2net"))
    d_x, d_s = solver.dictionary.shape
    return {
        "kind": "solver",
        "name": solver.name,
        "variant": variant,
        "d_x": d_x,
        "d_s": d_s,
        "options": options,
        "notes": notes or {},
    }


def _fields(name: str | Path, kind: str = "") -> dict[str, Any]:
    """Return the header of a file as it is now, whose `kind` is "solver", "dictionary" or "features"; not to be changed."""
    path = locate(name)
    return _cached_fields(path, kind, *stamp(path))


@lru_cache(maxsize=256)
def _cached_fields(path: Path, kind: str, *stamp: int) -> dict[str, Any]:
    """Return the header of the file `path` as `_fields` does; with another `stamp` the file is read anew."""
    unreadable = reading(f"{path.name} is not a readable .safetensors file")
    with unreadable, safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    return headers.parse(metadata, path.name, kind)


def _build_solver(tensors: dict[str, Tensor], fields: dict[str, Any], file: str) -> solvers.Solver:
    """Build the solver that the tensors and the header `fields` of `file` describe; raise ValueError where they do not fit each
    other or its codes are not finite."""
    tensors = {key: value for key, value in tensors.items() if not key.startswith(TRAINING)}
    name, variant, options = headers.identify(fields, file)
    _check_registered(name, file)
    try:
        B = _dictionary(tensors)
        _check_sizes(fields, options, tensors, B)
        if isinstance(B, convolution.Dictionary):  # of the smallest picture: its norm takes no time
            B = convolution.Dictionary(B.filters, B.stride)
        solver = solvers.build(**{**options, "name": name, "B": B})
        solver.weights.keep_dictionary_("weights.kept" in tensors)
        if "averaging.p" in tensors:
            patches.give_averaging(solver)
        tensors.pop("dictionary", None)
        solver.load_state_dict(tensors)
        finite = _codes_are_finite(solver)
    except (ValueError, TypeError, KeyError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{file} does not hold what its header says: {error}") from None
    if not finite:
        raise ValueError(f"{file} holds weights with which codes are not finite: it cannot be used")
    solver.notes, solver.variant = fields.get("notes", {}), variant
    return solver.eval()


def _codes_are_finite(solver: solvers.Solver) -> bool:
    """Whether no weight is beyond LARGEST and the codes of one row, an atom or on filters a flat picture, are finite at a
    small and at a large λ."""
    if any(value.numel() and value.abs().max() > LARGEST for value in solver.state_dict().values()):
        return False
    B = solver.dictionary.detach()
    is_matrix = isinstance(B, Tensor)
    row = functional.normalize(B[:, :1].T if is_matrix else torch.ones(1, len(B), dtype=B.dtype))
    with torch.no_grad():
        return all(bool(torch.isfinite(solver(row, lam)).all()) for lam in (0.01, 1.0))


def _check_sizes(
    fields: dict[str, Any],
    options: dict[str, Any],
    tensors: dict[str, Tensor],
    B: Tensor | convolution.Dictionary | None,
) -> None:
    """Raise ValueError unless the sizes that the header claims are those of the tensors: a wrong one must not get to allocate."""
    if B is None or B.ndim != 2 or not all(B.shape):
        raise ValueError("it has no dictionary")
    d_x, d_s = B.shape
    claimed = fields.get("d_x", d_x), fields.get("d_s", d_s)
    if claimed != (d_x, d_s):
        raise ValueError(f"its dictionary is {(d_x, d_s)}, its header says {str(claimed)[:40]}")
    steps, classes = options.get("steps"), options.get("classes")
    if type(steps) is not int or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be 1 to {MOST_STEPS:,}, got {str(steps)[:40]}")
    if classes is not None and ("C" not in tensors or tensors["C"].shape != (classes, d_s)):
        raise ValueError(f"it has no softmax head for {classes} classes and {d_s} atoms")
    size = sum(value.numel() for value in tensors.values())
    if isinstance(B, convolution.Dictionary):
        if d_s > MOST_CODES:
            raise ValueError(
                f"its maps hold {d_s:,} codes, more than {MOST_CODES:,}: save it `at` a smaller size"
            )
    elif d_s > MANY_ATOMS and d_s**2 > MOST_GROWTH * size:
        raise ValueError(f"it has no matrix ({d_s}, {d_s}) for {d_s} atoms")


def main(words: list[str] | None = None) -> None:
    """Store the solvers in the files that `words` name as float16, in place."""
    parser = argparse.ArgumentParser(
        prog="python -m sc2viz.checkpoints",
        description="Store the learned matrices of solvers as float16, in place.",
    )
    parser.add_argument(
        "file",
        type=Path,
        nargs="+",
        help="a .safetensors; files that hold no solver are left as they are",
    )
    for path in parser.parse_args(words).file:
        try:
            if _fields(path).get("kind") == "solver":
                print(save(load(path), path, notes(path), load_training(path), half=True))
        except ValueError as error:
            parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
