"""Exact codes without compiled code, until there is some (`ahead`): of few samples by NumPy, of many by torch (`batches`).

Between two knots of the homotopy (see `homotopy`) the support A and its signs z stay the same, and the optimum is

    s_A = G_AA⁻¹(Bᵀx)_A − λ G_AA⁻¹ z,    c = Bᵀx − G_{·A} s_A = p + λq.

Both systems are solved afresh at each knot, which takes some twenty times as long as compiled code does.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import ahead, batches, gaps
from sc2viz.exact.problem import provable

WORTH = 1e10, 1e12  # Up to so many operations the homotopy is sooner done than ADMM, and than the compiler.
DEPENDENT = 1e-10  # An atom whose squared distance from the span of the support is below this share of ‖b_j‖² stays out.


Found = tuple[np.ndarray, np.ndarray, float]  # λ of the knots (k,), codes there (k, d_s), failure


def suits(n: int, shape: tuple[int, int], worth: float) -> bool:
    """Whether the homotopy takes at most `worth` operations for n samples on B of this shape, with the largest supports."""
    return n * min(shape) ** 4 <= worth


def path(b: np.ndarray, gram: np.ndarray, lam_end: float, room: int, limit: int,
         positive: bool) -> Found:  # fmt: skip
    """(λ of the knots (k,), codes there (k, d_s), failure) as in `homotopy.follow`: b = Bᵀx (d_s,), gram = BᵀB.

    room: the most atoms of a support.
    """
    lam = float((b if positive else np.abs(b)).max())
    if not lam > lam_end:
        return np.array([lam_end]), np.zeros((1, len(b))), 0.0
    z, free, left, left_sign = np.zeros(len(b)), np.ones(len(b), bool), 0, 0.0
    knots, codes, failure = [lam], [z.copy()], 0.0
    for _ in range(limit + 1):
        A = z.nonzero()[0]
        u, d = np.linalg.solve(gram[np.ix_(A, A)], np.stack([b[A], z[A]], 1)).T
        p, q = b - gram[:, A] @ u, gram[:, A] @ d
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.where(free & (q < 1), np.minimum(p / (1 - q), lam), -np.inf)
            down = np.where(free & (q > -1) & (not positive), np.minimum(-p / (1 + q), lam), -np.inf)
            out = np.where(d * z[A] < 0, np.minimum(u / d, lam), -np.inf)
        if left_sign:  # the atom that left at the last knot moves away from that side
            (up if left_sign > 0 else down)[left] = -np.inf
        j = int(np.maximum(up, down).argmax())
        enters, leaves = max(up[j], down[j]) if len(A) < room else -np.inf, out.max(initial=-np.inf)
        at, s = max(enters, leaves, lam_end), np.zeros(len(b))
        s[A], c = u - at * d, p + at * q
        failure = max(failure, (c if positive else np.abs(c)).max() / at - 1, np.abs(c[A] / at - z[A]).max(initial=0))
        if at < lam:
            knots.append(at)
            codes.append(s)
        if at <= lam_end:
            return np.array(knots), np.array(codes), failure
        lam, left_sign = at, 0.0
        if leaves >= enters:
            left = A[out.argmax()]
            left_sign, z[left] = z[left], 0
            s[left] = 0
            free = z == 0
        else:
            free[j] = False
            column = gram[A, j]
            if gram[j, j] - column @ np.linalg.solve(gram[np.ix_(A, A)], column) > DEPENDENT * gram[j, j]:
                z[j] = 1.0 if up[j] >= down[j] else -1.0
    return np.array([*knots, lam_end]), np.array([*codes, codes[-1]]), np.inf


def paths(x: Tensor, B: Tensor, lam: Tensor, limit: int, positive: bool) -> list[Found] | None:
    """`path` of every row of x (n, d_x), in float64 like B and lam (n,); None once there is compiled code, which is waited
    for where it is sooner there."""
    if not suits(len(x), B.shape, WORTH[1]):
        ahead.wait()
    c, found = x @ B, []
    fits = provable(x, B.square().sum(0), x.square().sum(1), (c if positive else c.abs()).amax(1), lam)
    gram, nothing = (B.T @ B).numpy(), np.zeros((1, B.shape[1]))
    for b, end, fit in zip(c.numpy(), lam.tolist(), fits, strict=True):
        if not ahead.compiling():
            return None
        some = path(b, gram, end, min(B.shape), limit, positive) if fit else (np.array([end]), nothing, np.inf)
        found.append(some)
    return found


def solve(x: Tensor, B: Tensor, lam: Tensor, mask: Tensor | None, codes: Tensor, gap: Tensor, tol: float, limit: int,
          positive: bool) -> int:  # fmt: skip
    """Fill `codes` (n, d_s) and `gap` (n,), proved as by compiled code, until there is some; the most iterations.

    x (n, d_x), B (d_x, d_s), lam (n,) in float64, mask (n, d_x) or None.
    """
    most, B = 0, B.double()
    for i in range(len(x) if suits(len(x), B.shape, WORTH[0]) or mask is not None else 0):
        atoms, row = (B, x[i : i + 1].double()) if mask is None else (B[mask[i]], x[i : i + 1, mask[i]].double())
        found = paths(row, atoms, lam[i : i + 1], limit, positive) if gap[i] > tol else None
        if found is not None:
            knots, answers, _ = found[0]
            answer = torch.from_numpy(answers[-1:]).to(codes)
            reached = gaps.of_codes(row, answer.double(), atoms, lam[i : i + 1, None], positive)[0]
            if reached < gap[i]:
                codes[i], gap[i], most = answer[0], reached, max(most, len(knots))
    for rows in (gap > tol).nonzero()[:, 0].split(batches.BATCH) if mask is None else ():
        if ahead.compiling():
            found, reached = codes[rows], gap[rows]
            most = max(most, batches.solve(x[rows], B, lam[rows], found, reached, tol, limit, positive))
            codes[rows], gap[rows] = found, reached
    return most
