"""What a .safetensors file of this project says of itself in its header, checked before anything is made of it."""

import json
from typing import Any, NamedTuple

from sc2viz import solvers
from sc2viz.files import reading

FORMAT = "sc2viz-1"
MAX_HEADER = 10_000_000  # bytes of the header of a .safetensors
# What a header may hold beside the solver's name, and its notes of what pages read: the types, and words for these.
_FIELDS = {
    "options": (dict, "names and values"),
    "variant": (str, "text"),
    "notes": (dict, "names and values"),
}
_NOTES = {
    "lam": (int | float | None, "a number"),
    "horizon": (int | None, "a whole number"),
    "loss": (str | None, "text"),
    "start": (str | None, "text"),
    "data": (str | None, "text"),
}


class Header(NamedTuple):
    """What a file says of its solver, read without its numbers."""

    solver: str  # the solver's name, registered or not
    variant: str  # "" or the name of one of the solver's variants
    d_x: int
    d_s: int
    options: dict[str, Any]  # what `solvers.build` takes beside the name and the dictionary
    notes: dict[str, Any]


def entries(content: bytes) -> dict[str, Any]:
    """Return what the header of the .safetensors `content` says of its tensors, by their names, and of the file, as
    "__metadata__".

    ValueError for a header that is cut off or longer than MAX_HEADER bytes.
    """
    length = int.from_bytes(content[:8], "little")
    text = content[8 : 8 + min(length, MAX_HEADER)]
    if len(text) < length:
        raise ValueError("its header is cut off or too long")
    header = json.loads(text)
    if not isinstance(header, dict):
        raise ValueError("its header holds no names and values")
    return header


def parse(metadata: dict[str, str], name: str, kind: str = "") -> dict[str, Any]:
    """Return the header that a file's metadata hold; ValueError where they hold none, or one of another `kind`."""
    with reading(f"{name} is not a readable .safetensors file"):
        header = json.loads(metadata.get("sc2viz", "null"))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{name} was not written by sc2viz ({FORMAT} is missing from its header)")
    if kind and header.get("kind") != kind:
        raise ValueError(f"{name} holds a {str(header.get('kind'))[:40]}, not a {kind}")
    _check(header, _FIELDS, name)
    _check(header.get("notes", {}), _NOTES, name)
    return header


def _check(values: dict[str, Any], types: dict[str, tuple[Any, str]], name: str) -> None:
    """Raise ValueError where a value is of another type than `types` says, a type and its words by key; keys may be missing."""
    for key, (expected, phrase) in types.items():
        value = values.get(key)
        if key in values and (not isinstance(value, expected) or isinstance(value, bool)):
            raise ValueError(
                f"{name} must have {phrase} as {key} in its header, got {repr(value)[:40]}"
            )


def identify(header: dict[str, Any], name: str) -> tuple[str, str, dict[str, Any]]:
    """Return the solver, its variant and its options by the header of the file `name`; ValueError, which says what is allowed,
    for one that says no solver, or a variant that a registered solver has not."""
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
