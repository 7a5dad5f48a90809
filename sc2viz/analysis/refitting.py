"""What the price does to exact codes: it makes weights zero, and it shrinks those that stay."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import evaluation

DEPENDENT = 1e-10  # atoms depend on each other where the smallest singular value is below this share of the largest
PIVOTS = 1e-3  # the ratio of pivots above which the Gram matrix, whose factor is found ten times as fast, is accurate enough
OVERLAP = 0.35  # |b_iᵀb_j| / (‖b_i‖ ‖b_j‖) in a good drawing of two weights: its contours are ellipses, but not narrow ones
BESIDE = 0.5  # of the weight in use: how far beside the axis the centre of the contours stands in a good drawing


def refitted(x: Tensor, codes: Tensor, B: Tensor) -> Tensor:
    """Return codes without the shrinkage: the least squares of x (n, d_x) on the atoms that each of codes (…, n, d_s) uses.

    B (d_x, d_s). Of atoms that depend on each other, the shortest solution. float64, (…, n, d_s).
    """
    # With R in the place of B, each problem has d_s rows instead of d_x
    Q, R = torch.linalg.qr(B.double())
    targets, gram = x.double() @ Q, R.T @ R
    projected, solutions = targets @ R, torch.zeros(codes.shape, dtype=torch.float64)
    in_use, previous = evaluation.in_use(codes), {}
    for place in np.ndindex(codes.shape[:-1]):
        row, used = place[-1], in_use[place].nonzero()[:, 0]
        earlier, previous[row] = previous.get(row), place
        if earlier and torch.equal(
            in_use[place], in_use[earlier]
        ):  # as between two knots of a path
            solutions[place] = solutions[earlier]
        elif len(used):
            factor, failed = torch.linalg.cholesky_ex(gram[used[:, None], used])
            pivots = factor.diagonal()
            if not failed and pivots.min() > PIVOTS * pivots.max():
                weights = torch.cholesky_solve(projected[row, used, None], factor)
            else:
                weights = torch.linalg.lstsq(
                    R[:, used], targets[row, :, None], rcond=DEPENDENT, driver="gelsd"
                ).solution
            solutions[place][used] = weights[:, 0]
    return solutions


def resting(x: Tensor, codes: Tensor, B: Tensor, W: Tensor) -> Tensor:
    """Return the codes at which s ← s + γWᵀ(x − Bs) comes to rest on the atoms S that each of codes (n, d_s) uses:
    W_Sᵀ(x − B_S s_S) = 0.

    x (n, d_x), B and W (d_x, d_s). With W = B that is least squares. float64, (n, d_s).
    """
    gram, projected = W.double().T @ B.double(), x.double() @ W.double()
    solutions = torch.zeros(codes.shape, dtype=torch.float64)
    for row, code in enumerate(codes):
        used = evaluation.in_use(code).nonzero()[:, 0]
        solutions[row, used] = torch.linalg.solve(gram[used][:, used], projected[row, used])
    return solutions


class Plane(NamedTuple):
    """The weights of two atoms at each of k stops of λ, while all others are those of the exact code.

    In these two weights s, ½‖x − Bs‖² = ½ (s − centre)ᵀ G (s − centre) + a constant, and λ‖s‖₁ has its corners on the axes.
    """

    atoms: tuple[int, int]
    gram: np.ndarray  # (2, 2) G, the Gram matrix of the two atoms
    weights: (
        np.ndarray
    )  # (k, 2) the two weights of the exact code, which are the optimum in this plane
    centres: np.ndarray  # (k, 2) the two weights at which the loss is least


def plane(x: np.ndarray, codes: np.ndarray, B: np.ndarray, atoms: tuple[int, int]) -> Plane:
    """Return the plane of two atoms of x (d_x,), from exact codes (k, d_s) at rising λ and B (d_x, d_s)."""
    columns, s = B[:, list(atoms)].astype(float), codes.astype(float)
    gram, weights = columns.T @ columns, s[:, list(atoms)]
    residual = (x - s @ B.T.astype(float)) @ columns  # (k, 2) without the two atoms, on them
    return Plane(atoms, gram, weights, weights + np.linalg.lstsq(gram, residual.T, rcond=None)[0].T)


def pair(x: np.ndarray, code: np.ndarray, B: np.ndarray) -> tuple[int, int] | None:
    """Return two atoms that show in their plane why a weight of x's exact code (d_s,) is zero: one in use, and one at zero that
    the loss alone would use. None where fewer than two atoms have a length, or none is in use.

    Of all pairs it is that whose ball and contour are nearest to one size, with the centre well beside the axis, whose atoms
    overlap a little, and if possible with weights above zero. Where all are in use, the smallest is taken for a zero.
    """
    s, norms = code.astype(float), np.linalg.norm(B, axis=0)
    used = evaluation.in_use(s) & (norms > 0)
    zero = ~used & (norms > 0)
    if used.all():
        zero = np.arange(len(s)) == np.abs(s).argmin()
    used &= ~zero
    if not (used.any() and zero.any()):
        return None
    active, inactive = np.flatnonzero(used), np.flatnonzero(zero)
    correlations = B.T.astype(float) @ (x - B @ s)
    gram = B[:, active].T.astype(float) @ B[:, inactive]
    a, b = norms[active, None] ** 2, norms[inactive] ** 2
    r, q, weight = correlations[active, None], correlations[inactive], s[active, None]
    det = np.maximum(a * b - gram**2, DEPENDENT)
    # The weight that the loss alone gives the atom at zero, and the contour through the code, squared
    alone = s[inactive] + (a * q - gram * r) / det
    level = (b * r**2 - 2 * gram * r * q + a * q**2) / det
    size = np.abs(weight)
    with np.errstate(divide="ignore"):
        wrong = np.abs(np.log(np.abs(alone) / size / BESIDE)) + np.abs(
            np.log(np.sqrt(level * b / det) / size)
        )
    overlap = np.abs(gram) / np.sqrt(a * b)
    wrong += np.abs(overlap - OVERLAP) + ((weight < 0) | (alone < 0)) / 2
    row, column = np.unravel_index(np.nan_to_num(wrong, nan=np.inf).argmin(), wrong.shape)
    return int(active[row]), int(inactive[column])
