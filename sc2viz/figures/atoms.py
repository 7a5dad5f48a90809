"""Atoms as small pictures."""

import numpy as np

from sc2viz.figures import pictures


def tiles(B: np.ndarray, shape: pictures.Shape) -> np.ndarray:
    """The atoms of B (d_x, d_s) as uint8 (d_s, h, w) or, for colour pictures, (d_s, h, w, 3), each at full contrast.

    128 is zero, and 1 or 255 is an atom's entry of largest magnitude. Grey atoms and lines index the diverging colour
    scale; colour atoms are shown around mid-grey. Raises ValueError if `shape` does not fit B.
    """
    d_x = shape.d_x if isinstance(shape, pictures.Lines) else np.prod(shape)
    if B.ndim != 2 or len(B) != d_x:
        raise ValueError(f"B must be ({d_x}, d_s) for pictures of {shape}, got {B.shape}")
    atoms = np.ascontiguousarray(B.T, np.float32)
    top = np.maximum(atoms.max(1), -atoms.min(1))[:, None]
    return pictures.signed(atoms / np.where(top > 0, top, 1), shape)
