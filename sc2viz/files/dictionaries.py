"""Read a dictionary that a reader brings: the matrix B of a .npy, .npz or .safetensors."""

import io
import math

import numpy as np
import torch
from safetensors.torch import load as from_safetensors
from torch import Tensor

from sc2viz import patches, words
from sc2viz.files import Refused, arrays, reading

MOST_NUMBERS = 1 << 26  # of B: 256 MB in float32


def dictionary(
    content: bytes,
    d_x: int | None = None,
    name: str = "the file",
    most_atoms: int | None = None,
    most_numbers: int = MOST_NUMBERS,
) -> tuple[Tensor, list[str]]:
    """Read the dictionary B (d_x, d_s), float32, in a .npy, a .npz or a .safetensors, and sentences that say what was done.

    content       the file; of several arrays it is the one called B
    d_x           the length of an atom; None: the number of rows of B
    name          of the file, for messages
    most_atoms    the largest d_s; None: any
    most_numbers  the largest d_x d_s

    A dictionary that is stored as (d_s, d_x) is transposed, and atoms outside the unit ball are scaled to norm 1. Raises
    ValueError for a file of another kind, for an array that is no matrix of finite numbers, for atoms that are zero, and
    for another d_x.
    """

    def check(shape: tuple[int, ...], dtype: np.dtype) -> None:
        """Raise `Refused` for what cannot be B, by what the file says of it before its numbers are read."""
        if len(shape) != 2 or not math.prod(shape):
            raise Refused(f"{name} must hold a matrix B (d_x, d_s), got shape {shape}")
        if dtype.kind not in "fiu":
            raise Refused(f"B in {name} must hold numbers, got {dtype}: convert it")
        if d_x is not None and d_x not in shape:
            raise Refused(
                f"B in {name} must be ({d_x}, d_s) for these rows of {d_x} numbers, got {shape}"
            )
        atoms = shape[0] if d_x not in (None, shape[0]) else shape[1]
        if most_atoms is not None and atoms > most_atoms:
            raise Refused(f"B in {name} may have at most {most_atoms:,} atoms, got {atoms:,}")
        if math.prod(shape) > most_numbers:
            raise Refused(
                f"B in {name} may have at most {most_numbers:,} numbers, got {shape[0]:,} × {shape[1]:,}"
            )

    B = _array(content, name, check)
    notes = []
    if d_x is not None and len(B) != d_x:
        B = B.T
        notes.append(words._("It was transposed, because its rows are the atoms."))
    with np.errstate(over="ignore"):
        B = torch.from_numpy(np.array(B, np.float32, order="C"))
    if not torch.isfinite(B).all():
        raise ValueError(
            f"B in {name} must be finite, got {int((~torch.isfinite(B)).sum())} NaN or infinite values"
        )
    norms = torch.linalg.vector_norm(B, dim=0, dtype=torch.float64)
    if zero := (norms == 0).nonzero()[:, 0].tolist():
        listed = ", ".join(map(str, zero[:5])) + (", …" if len(zero) > 5 else "")
        raise ValueError(f"B in {name} has atoms that are zero (columns {listed}): leave them out")
    long = norms > 1 + 1e-5
    if long.any():
        notes.append(
            words.ngettext(
                "{n} of {atoms} was longer than 1 and was scaled to length 1.",
                "{n} of {atoms} were longer than 1 and were scaled to length 1.",
                int(long.sum()),
                atoms=words.count(B.shape[1], "atom"),
            )
        )
        B /= norms.clamp_min(1)
    return B, notes


def patch_dictionary(
    content: bytes, name: str = "the file", most_atoms: int | None = None, **limits: int
) -> tuple[Tensor, list[str]]:
    """Read a dictionary whose atoms are square patches with 1 or 3 channels, with the results of `dictionary`: of 8×8 values
    where the file can be read so, else as long as its columns."""
    try:
        return dictionary(content, 64, name, most_atoms, **limits)
    except ValueError:
        B, notes = dictionary(content, None, name, most_atoms, **limits)
    try:
        patches.layout(len(B))
    except ValueError as error:
        raise ValueError(f"B in {name} cannot be of patches: {error}") from None
    return B, notes


def _array(content: bytes, name: str, allowed: arrays.Allowed) -> np.ndarray:
    """Return the array B, or the only one, of a file, where its shape and dtype are `allowed`. Pickled data is never loaded."""
    with reading(
        f"{name} cannot be read as a dictionary",
        ": give a .npy, .npz or .safetensors with plain numbers",
    ):
        if content[:2] == b"PK":
            with arrays.archive(io.BytesIO(content)) as archive:
                members = arrays.members(archive)
                with archive.open(members[_choose([*members], name)]) as stream:
                    return arrays.read(stream, allowed)
        if content[:6] == b"\x93NUMPY":
            return arrays.read(io.BytesIO(content), allowed)
        tensors = from_safetensors(content)
        B = tensors[_choose([*tensors], name)]
        B = (B.float() if B.dtype == torch.bfloat16 else B).numpy()  # NumPy has no bfloat16
        allowed(B.shape, B.dtype)
        return B


def _choose(keys: list[str], name: str) -> str:
    """Return the key of the array to read: "B", or the only one; raise `Refused` where there are several others or none."""
    if "B" in keys:
        return "B"
    if len(keys) != 1:
        listed = ", ".join(sorted(keys)[:10]) or "nothing"
        raise Refused(f"{name} must hold one array, or one that is called B, but holds {listed}")
    return keys[0]
