"""A picture as a sum of atoms, in order of decreasing contribution."""

import numpy as np


def largest_first(codes: np.ndarray, B: np.ndarray, threshold: float = 1e-3) -> np.ndarray:
    """The columns of the atoms in use, |s_j| > `threshold`, in order of decreasing contribution |s_j|·‖b_j‖.

    codes (d_s,), B (d_x, d_s).
    """
    size = np.abs(codes) * np.linalg.norm(B, axis=0)
    order = np.argsort(-size, kind="stable")
    return order[np.abs(codes[order]) > threshold]


def missing(x: np.ndarray, codes: np.ndarray, B: np.ndarray, order: np.ndarray) -> np.ndarray:
    """‖x − Σ_{j ≤ k} s_j b_j‖² / ‖x‖² over the first k = 0 … len(order) atoms of `order`; zeros if x is zero."""
    parts = (B[:, order] * codes[order]).T
    sums = np.concatenate([np.zeros((1, len(x))), np.cumsum(parts, 0, dtype=float)])
    energy = float(np.square(x, dtype=float).sum())
    return np.square(x - sums).sum(1) / energy if energy else np.zeros(len(sums))
