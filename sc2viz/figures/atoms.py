"""Atoms as small pictures, side by side."""

import numpy as np


def tiles(B: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """The atoms of B (d_x, d_s) as uint8 (d_s, h, w), or (d_s, h, w, 3), each at its own full contrast.

    128 is zero, 1 and 255 an atom's largest entry: grey ones are meant for the diverging scale, colours stand around
    mid-grey.
    """
    if B.ndim != 2 or len(B) != np.prod(shape):
        raise ValueError(f"B must be ({np.prod(shape)}, d_s) for pictures of {tuple(shape)}, got {B.shape}")
    atoms = np.ascontiguousarray(B.T, np.float32)
    top = np.maximum(atoms.max(1), -atoms.min(1))[:, None]
    levels = (128.5 + 127 / np.where(top > 0, top, 1) * atoms).astype(np.uint8)
    return levels.reshape(-1, *(shape[:2] if shape[2] == 1 else shape))
