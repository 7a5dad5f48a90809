"""What the price does to exact codes: it makes weights zero, and it shrinks those that stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sc2viz import evaluation

DEPENDENT = 1e-10  # atoms depend on each other where the smallest singular value is below this share of the largest
ALIKE = 3.0  # two weights are drawn to one scale where neither is more than this many times the other


def refitted(x: Tensor, codes: Tensor, B: Tensor) -> Tensor:
    """Codes without the shrinkage: the least squares of x (n, d_x) on the atoms that each of codes (…, n, d_s) uses.

    B (d_x, d_s). Of atoms that depend on each other, the shortest solution. float64, (…, n, d_s).
    """
    Q, R = torch.linalg.qr(B.double())  # so that each problem has d_s rows instead of d_x
    turned = x.double() @ Q
    found = torch.zeros(codes.shape, dtype=torch.float64)
    for place in np.ndindex(codes.shape[:-1]):
        used = evaluation.in_use(codes[place]).nonzero()[:, 0]
        if len(used):
            least = torch.linalg.lstsq(R[:, used], turned[place[-1], :, None], rcond=DEPENDENT, driver="gelsd")
            found[place][used] = least.solution[:, 0]
    return found


@dataclass(frozen=True, eq=False)
class Plane:
    """The weights of two atoms at each of k stops of λ, while all others are those of the exact code.

    In these two weights s, ½‖x − Bs‖² = ½ (s − centre)ᵀ G (s − centre) + a constant, and λ‖s‖₁ has its corners on the axes.
    """

    atoms: tuple[int, int]
    gram: np.ndarray  # (2, 2) G
    weights: np.ndarray  # (k, 2) those of the exact code, the optimum in this plane
    centres: np.ndarray  # (k, 2) where the loss is least


def plane(x: np.ndarray, codes: np.ndarray, B: np.ndarray) -> Plane | None:
    """Two atoms of x (d_x,) of which λ removes one: exact codes (k, d_s) at rising λ, B (d_x, d_s). None where fewer than
    two atoms are in use at the smallest λ."""
    chosen = pair(codes, B)
    if chosen is None:
        return None
    atoms, s = B[:, list(chosen)].astype(float), codes.astype(float)
    gram = atoms.T @ atoms
    left = (x - s @ B.T.astype(float)) @ atoms  # (k, 2)
    weights = s[:, list(chosen)]
    return Plane(chosen, gram, weights, weights + np.linalg.lstsq(gram, left.T, rcond=None)[0].T)


def pair(codes: np.ndarray, B: np.ndarray) -> tuple[int, int] | None:
    """Of the atoms that a larger λ removes, the one of the largest weight; and of those that then are still in use, if
    possible with a weight of a similar size, the one that overlaps with it most, |b_iᵀb_j| / (‖b_i‖ ‖b_j‖).

    Codes (k, d_s) at rising λ. None where fewer than two atoms are in use at the smallest.
    """
    used = evaluation.in_use(codes)
    there = np.flatnonzero(used[0])
    if len(there) < 2:
        return None
    size = np.abs(codes[0])
    removed = there[~used[-1, there]]
    first = int(removed[size[removed].argmax()] if len(removed) else there[size[there].argmin()])
    others = there[there != first]
    norms = np.linalg.norm(B, axis=0)
    overlap = np.abs(B[:, others].T @ B[:, first]) / (norms[others] * norms[first])
    last = np.flatnonzero(used[:, first])[-1]
    remains = used[min(last + 1, len(used) - 1), others]
    alike = (size[others] <= ALIKE * size[first]) & (size[others] * ALIKE >= size[first])
    return first, int(others[np.lexsort((overlap, alike, remains))[-1]])
