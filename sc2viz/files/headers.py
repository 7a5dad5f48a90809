"""What a .safetensors file of this project says of itself in its header, checked before anything is made of it."""

import json
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sc2viz import solvers
from sc2viz.files import reading

FORMAT = "sc2viz-1"
MOST_HEADER = 10_000_000  # bytes of the header of a .safetensors
# What pages read of the notes, and its kinds.
_NOTED = {"lam": (int, float), "horizon": (int,), "loss": (str,), "start": (str,), "data": (str,)}
_FIELDS = {
    "options": (dict, "names and values"),
    "variant": (str, "text"),
}


@dataclass(frozen=True)
class Header:
    """What a file says of its solver, read without its numbers."""

    solver: str  # the solver's name, registered or not
    variant: str  # "" or the name of one of the solver's variants
    d_x: int
    d_s: int
    options: dict[str, Any]  # what `solvers.build` takes beside the name and the dictionary
    notes: dict[str, Any] = field(default_factory=dict)


def entries(stream: BinaryIO) -> dict[str, Any]:
    """What the header of a .safetensors says of its tensors, by their names, and of the file, as "__metadata__".

    ValueError for a header that is cut off or longer than MOST_HEADER bytes, and for one that says something twice, of
    which each reader would take another.
    """
    length = int.from_bytes(stream.read(8), "little")
    text = stream.read(length) if 2 <= length <= MOST_HEADER else b""
    if len(text) < max(length, 2):
        raise ValueError("its header is cut off or too long")
    found = json.loads(text, object_pairs_hook=_once)
    if not isinstance(found, dict):
        raise ValueError("its header holds no names and values")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"its header says {twice[:40]} more than once")
    return found


def said(metadata: dict[str, str], name: str, kind: str = "") -> dict[str, Any]:
    """The header that a file's metadata hold; ValueError where they hold none, or one of another `kind`."""
    with reading(f"{name} is not a readable .safetensors file"):
        header = json.loads(metadata.get("sc2viz", "null"), object_pairs_hook=_once)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{name} was not written by sc2viz ({FORMAT} is missing from its header)")
    if kind and header.get("kind") != kind:
        raise ValueError(f"{name} holds a {str(header.get('kind'))[:40]}, not a {kind}")
    _check_notes(header.get("notes", {}), name)
    for key, (expected, words) in _FIELDS.items():
        if not isinstance(header.get(key, expected()), expected):
            raise ValueError(
                f"{name} must have {words} as {key} in its header, got {repr(header[key])[:40]}"
            )
    return header


def _check_notes(notes: Any, name: str) -> None:
    """ValueError unless what the pages read of the notes has the type that they expect."""
    if not isinstance(notes, dict):
        raise ValueError(
            f"{name} must note how it was made as names and values, got {type(notes).__name__}"
        )
    for key, kinds in _NOTED.items():
        value = notes.get(key)
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            words = {int: "a whole number", float: "a number", str: "text"}[kinds[-1]]
            raise ValueError(
                f"{name} must note {key} as {words} in its header, got {repr(value)[:40]}"
            )


def claimed(header: dict[str, Any], name: str) -> tuple[str, str, dict[str, Any]]:
    """The solver, its variant and its options by the header of the file `name`; ValueError, which says what is allowed, for
    one that says no solver, or a variant that a registered solver has not."""
    solver, variant = header.get("name"), header.get("variant", "")
    if not isinstance(solver, str):
        raise ValueError(
            f"{name} must say the name of its solver as text in its header, got {str(solver)[:40]}"
        )
    if solvers.is_registered(solver):
        try:
            solvers.solver_class(solver).traits.variant(variant)
        except ValueError as error:
            raise ValueError(f"{name} does not hold what its header says: {error}") from None
    return solver, variant, header.get("options", {})
