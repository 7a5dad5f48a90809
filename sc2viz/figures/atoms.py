"""Atoms as small pictures."""

import numpy as np


def tiles(B: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """The atoms of B (d_x, d_s) as uint8 (d_s, h, w) or, for colour pictures, (d_s, h, w, 3), each at full contrast.

    128 is zero, and 1 or 255 is an atom's entry of largest magnitude. Grey atoms index the diverging colour scale; colour
    atoms are shown around mid-grey. Raises ValueError if `shape` does not fit B.
    """
    if B.ndim != 2 or len(B) != np.prod(shape):
        raise ValueError(f"B must be ({np.prod(shape)}, d_s) for pictures of {tuple(shape)}, got {B.shape}")
    atoms = np.ascontiguousarray(B.T, np.float32)
    top = np.maximum(atoms.max(1), -atoms.min(1))[:, None]
    levels = (128.5 + 127 / np.where(top > 0, top, 1) * atoms).astype(np.uint8)
    return levels.reshape(-1, *(shape[:2] if shape[2] == 1 else shape))
