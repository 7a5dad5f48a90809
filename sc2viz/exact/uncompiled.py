"""Exact codes without compiled code, until there is some (`ahead`): of few samples by NumPy, of many by torch (`batches`).

Between two knots of the homotopy (see `homotopy`) the support A and its signs z stay the same, and the optimum is

    s_A = G_AA⁻¹(Bᵀx)_A − λ G_AA⁻¹ z = u − λd,    c = Bᵀx − G_{·A} s_A = p + λq.

These systems are solved anew at every knot, which takes far longer than compiled code does.
"""

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import ahead, batches, gaps
from sc2viz.exact.task import Task

# Up to so many operations the homotopy is sooner done than numba is imported, than ADMM, and than the compiler.
LITTLE, WORTH = 1e9, (1e10, 1e12)
CYCLING = (
    10  # The homotopy gives up after this number of events for each atom that the support can have.
)
DEPENDENT = 1e-10  # An atom whose squared distance from the span of the support is below this share of ‖b_j‖² stays out.

Knots = tuple[np.ndarray, np.ndarray, float]  # λ of the knots (k,), codes there (k, d_s), failure


def suits(n: int, shape: tuple[int, int], worth: float) -> bool:
    """Whether the homotopy takes at most `worth` operations for n samples on B of this shape, with the largest supports."""
    return n * min(shape) ** 4 <= worth


def is_needed(x: Tensor, B: Tensor) -> bool:
    """Whether codes of rows x (n, d_x) must be found without compiled code; for few rows also while it is unknown whether it is
    on disk."""
    if not suits(len(x), B.shape, LITTLE):
        ahead.look()
    return ahead.compiling()


@np.errstate(divide="ignore", invalid="ignore")
def path(
    b: np.ndarray, gram: np.ndarray, lam_end: float, room: int, limit: int, positive: bool
) -> Knots:
    """Return (λ of the knots (k,), codes there (k, d_s), failure) as in `homotopy.follow`: b = Bᵀx (d_s,), gram = BᵀB.

    room: the most atoms of a support.
    """
    sides = np.array(
        [[1.0]] if positive else [[1.0], [-1.0]]
    )  # the signs with which an atom may enter
    lam, zeros = max(float((sides * b).max()), lam_end), np.zeros(len(b))
    atoms, signs, departed, free = [], [], None, np.ones(len(b), bool)
    lams, codes, failure = [lam], [zeros], 0.0
    for _ in range(limit + 1):
        A, z = np.array(atoms, int), np.array(signs)
        among = gram[np.ix_(A, A)]
        u, d = np.linalg.solve(among, np.stack((b[A], z), 1)).T
        p, q = sides * (b - u @ gram[A]), sides * (d @ gram[A])
        enters = np.where(free & (q < 1), np.minimum(p / (1 - q), lam), -np.inf)
        if departed:  # the atom that left at the last knot moves away from that side
            enters[departed] = -np.inf
        leaves = np.where(d * z < 0, np.minimum(u / d, lam), -np.inf)
        first = enters.max() if len(A) < room else -np.inf
        following, s = max(first, leaves.max(initial=-np.inf), lam_end), zeros.copy()
        s[A], c = u - following * d, (p + following * q) / following
        failure = max(failure, c.max() - 1, np.abs(sides[0] * c[0, A] - z).max(initial=0))
        if following < lam:
            lams.append(following)
            codes.append(s)
        if following <= lam_end:
            return np.array(lams), np.array(codes), failure
        lam, departed = following, None
        if leaves.max(initial=-np.inf) >= first:
            place = int(leaves.argmax())
            j, sign = atoms.pop(place), signs.pop(place)
            departed, s[j] = (int(sign < 0), j), 0
            free[:] = True
            free[atoms] = False
        else:
            side, j = divmod(int(enters.argmax()), len(b))
            free[j], column = False, gram[A, j]
            distance = gram[j, j] - column @ np.linalg.solve(among, column)
            if distance > DEPENDENT * gram[j, j]:
                atoms.append(j)
                signs.append(sides[side, 0])
    return np.array([*lams, lam_end]), np.array([*codes, codes[-1]]), np.inf


def paths(x: Tensor, B: Tensor, lam: Tensor, limit: int, positive: bool) -> list[Knots] | None:
    """Return the `path` of every row of x (n, d_x), in float64 like lam (n,); None once there is compiled code, which is waited
    for where it is sooner there."""
    if not suits(len(x), B.shape, WORTH[1]):
        ahead.wait()
    B = B.double()
    c, gram, results = x @ B, (B.T @ B).numpy(), []
    largest = (c if positive else c.abs()).amax(1)
    fits = gaps.provable(x, B.square().sum(0), x.square().sum(1), largest, lam)
    for b, end, is_provable in zip(c.numpy(), lam.tolist(), fits, strict=True):
        if not ahead.compiling():
            return None
        results.append(
            path(b, gram, end, min(B.shape), limit, positive)
            if is_provable
            else (np.array([end]), np.zeros((1, len(b))), np.inf)
        )
    return results


def solve(task: Task) -> int:
    """Fill the codes and gaps of a task, proved as by compiled code, and stop once there is such code; return the most
    iterations."""
    iterations, B, mask = 0, task.B.double(), task.mask
    rows = (task.gap > task.tol).nonzero()[:, 0]
    for i in rows if suits(len(rows), B.shape, WORTH[0]) or mask is not None else ():
        observed = slice(None) if mask is None else mask[i]
        subset, x, atoms = task.of_rows(i[None]), task.x[i, observed][None].double(), B[observed]
        results = paths(x, atoms, subset.lam, task.limit, task.positive)
        if results is not None:
            (lams, codes, _), *_ = results
            answer = codes[-1].clip(0 if task.positive else -np.inf)
            subset.codes[:] = task.rounded(torch.from_numpy(answer))
            subset.gap[:] = gaps.of_codes(
                x, subset.codes, atoms, subset.lam[:, None], task.positive
            )
            iterations = max(iterations, len(lams))
            task.take(i[None], subset)
    for rows in (task.gap > task.tol).nonzero()[:, 0].split(batches.BATCH) if mask is None else ():
        if len(rows) and ahead.compiling():
            subset = task.of_rows(rows)
            iterations = max(iterations, batches.solve(subset))
            task.codes[rows], task.gap[rows] = subset.codes, subset.gap
    return iterations
