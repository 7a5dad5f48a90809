"""What the price does to exact codes: it makes weights zero, and it shrinks those that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sc2viz import evaluation

DEPENDENT = 1e-10  # atoms depend on each other where the smallest singular value is below this share of the largest
APART = 1e-3  # the ratio of pivots above which the Gram matrix, whose factor is found ten times as fast, is accurate enough
ALIKE = 3.0  # two weights are drawn to one scale where neither is more than this many times the other


def refitted(x: Tensor, codes: Tensor, B: Tensor) -> Tensor:
    """Codes without the shrinkage: the least squares of x (n, d_x) on the atoms that each of codes (…, n, d_s) uses.

    B (d_x, d_s). Of atoms that depend on each other, the shortest solution. float64, (…, n, d_s).
    """
    Q, R = torch.linalg.qr(B.double())  # with R in the place of B, each problem has d_s rows instead of d_x
    turned = x.double() @ Q
    found, gram, drawn = torch.zeros(codes.shape, dtype=torch.float64), R.T @ R, turned @ R
    for place in np.ndindex(codes.shape[:-1]):
        used = evaluation.in_use(codes[place]).nonzero()[:, 0]
        factor, failed = torch.linalg.cholesky_ex(gram[used[:, None], used])
        pivots = factor.diagonal()
        if len(used) and not failed and pivots.min() > APART * pivots.max():
            found[place][used] = torch.cholesky_solve(drawn[place[-1], used, None], factor)[:, 0]
        elif len(used):
            least = torch.linalg.lstsq(R[:, used], turned[place[-1], :, None], rcond=DEPENDENT, driver="gelsd")
            found[place][used] = least.solution[:, 0]
    return found


def resting(x: Tensor, codes: Tensor, B: Tensor, W: Tensor) -> Tensor:
    """Where s ← s + γWᵀ(x − Bs) rests on the atoms S that each of codes (n, d_s) uses: W_Sᵀ(x − B_S s_S) = 0.

    x (n, d_x), B and W (d_x, d_s). With W = B that is least squares. float64, (n, d_s).
    """
    gram, drawn = W.double().T @ B.double(), x.double() @ W.double()
    found = torch.zeros(codes.shape, dtype=torch.float64)
    for row, code in enumerate(codes):
        used = evaluation.in_use(code).nonzero()[:, 0]
        found[row, used] = torch.linalg.solve(gram[used][:, used], drawn[row, used])
    return found


@dataclass(frozen=True, eq=False)
class Plane:
    """The weights of two atoms at each of k stops of λ, while all others are those of the exact code.

    In these two weights s, ½‖x − Bs‖² = ½ (s − centre)ᵀ G (s − centre) + a constant, and λ‖s‖₁ has its corners on the axes.
    """

    atoms: tuple[int, int]
    removed: float | None  # the λ at which the first of the two atoms is gone; None where it stays
    gram: np.ndarray  # (2, 2) G, the Gram matrix of the two atoms
    weights: np.ndarray  # (k, 2) the two weights of the exact code, which are the optimum in this plane
    centres: np.ndarray  # (k, 2) the two weights at which the loss is least


def plane(x: np.ndarray, codes: np.ndarray, B: np.ndarray, stops: Sequence[float], near: float) -> Plane | None:
    """Two atoms of x (d_x,) of which λ removes one, at about `near`: exact codes (k, d_s) at rising λ, the `stops`, and B
    (d_x, d_s). None where fewer than two atoms are in use at the smallest λ."""
    used = evaluation.in_use(codes)
    there = np.flatnonzero(used[0])
    if len(there) < 2:
        return None
    gone = len(codes) - used[::-1].argmax(0)  # of each atom, the stop after the last one at which it is in use
    chosen = pair(codes, B, there, gone, np.asarray(stops), near)
    atoms, s = B[:, list(chosen)].astype(float), codes.astype(float)
    gram = atoms.T @ atoms
    left = (x - s @ B.T.astype(float)) @ atoms  # (k, 2) the residual without the two atoms, on them
    weights = s[:, list(chosen)]
    removed = float(stops[gone[chosen[0]]]) if gone[chosen[0]] < len(codes) else None
    return Plane(chosen, removed, gram, weights, weights + np.linalg.lstsq(gram, left.T, rcond=None)[0].T)


def pair(
    codes: np.ndarray, B: np.ndarray, there: np.ndarray, gone: np.ndarray, stops: np.ndarray, near: float
) -> tuple[int, int]:
    """The atom that is removed nearest to λ = `near`; and of those that then are still in use, if possible with weights of a
    similar size, the one that overlaps with it most, |b_iᵀb_j| / (‖b_i‖ ‖b_j‖).

    codes (k, d_s) at rising λ; there: the atoms in use at the first; gone (d_s,): the stop at which each is gone for good.
    """
    size = np.abs(codes).max(0)
    removed = there[gone[there] < len(codes)]
    distance = np.abs(np.log(stops[gone[removed]] / near))
    first = int(removed[distance.argmin()] if len(removed) else there[size[there].argmin()])
    others, norms = there[there != first], np.linalg.norm(B, axis=0)
    overlap = np.abs(B[:, others].T @ B[:, first]) / (norms[others] * norms[first])
    remains = gone[others] > gone[first]
    alike = (size[others] <= ALIKE * size[first]) & (size[others] * ALIKE >= size[first])
    return first, int(others[np.lexsort((overlap, alike, remains))[-1]])
