"""Exact codes without compiled code, until there is some (`ahead`): of few samples by NumPy, of many by torch (`batches`).

Between two knots of the homotopy (see `homotopy`) the support A and its signs z stay the same, and the optimum is

    s_A = G_AA⁻¹(Bᵀx)_A − λ G_AA⁻¹ z,    c = Bᵀx − G_{·A} s_A = p + λq.

G_AA⁻¹ is kept from knot to knot, which takes some eight times as long as compiled code does.
"""

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import ahead, batches, gaps
from sc2viz.exact.gaps import provable

# Up to so many operations the homotopy is sooner done than numba is imported, than ADMM, and than the compiler.
LITTLE, WORTH = 1e9, (1e10, 1e12)
CYCLING = (
    10  # The homotopy gives up after this number of events for each atom that the support can have.
)
CORRECTIONS, EXACT = (
    4,
    1e-12,
)  # Of the systems' solutions: at most so many, until so large a share of λ is missing.
DEPENDENT = 1e-10  # An atom whose squared distance from the span of the support is below this share of ‖b_j‖² stays out.


Found = tuple[np.ndarray, np.ndarray, float]  # λ of the knots (k,), codes there (k, d_s), failure


def suits(n: int, shape: tuple[int, int], worth: float) -> bool:
    """Whether the homotopy takes at most `worth` operations for n samples on B of this shape, with the largest supports."""
    return n * min(shape) ** 4 <= worth


def needed(x: Tensor, B: Tensor) -> bool:
    """Whether codes of rows x (n, d_x) are found without compiled code; of few even where there may be some on disk."""
    if not suits(len(x), B.shape, LITTLE):
        ahead.look()
    return ahead.compiling()


@np.errstate(divide="ignore", invalid="ignore")
def path(
    b: np.ndarray, gram: np.ndarray, lam_end: float, room: int, limit: int, positive: bool
) -> Found:
    """(λ of the knots (k,), codes there (k, d_s), failure) as in `homotopy.follow`: b = Bᵀx (d_s,), gram = BᵀB.

    room: the most atoms of a support.
    """
    lam = float((b if positive else np.abs(b)).max())
    if not lam > lam_end:
        return np.array([lam_end]), np.zeros((1, len(b))), 0.0
    support, free, left, left_sign = Support(b, gram, room), np.ones(len(b), bool), 0, 0.0
    knots, codes, failure, never = [lam], [np.zeros(len(b))], 0.0, np.full(len(b), -np.inf)
    for _ in range(limit + 1):
        A, z, u, d, p, q = support.solved(lam)
        up = np.where(free & (q < 1), np.minimum(p / (1 - q), lam), -np.inf)
        down = (
            never if positive else np.where(free & (q > -1), np.minimum(-p / (1 + q), lam), -np.inf)
        )
        out = np.where(d * z < 0, np.minimum(u / d, lam), -np.inf)
        if left_sign:  # the atom that left at the last knot moves away from that side
            (up if left_sign > 0 else down)[left] = -np.inf
        j = int(np.maximum(up, down).argmax())
        enters, leaves = max(up[j], down[j]) if len(A) < room else -np.inf, out.max(initial=-np.inf)
        at, s = max(enters, leaves, lam_end), np.zeros(len(b))
        s[A], c = u - at * d, p + at * q
        failure = max(
            failure,
            (c if positive else np.abs(c)).max() / at - 1,
            np.abs(c[A] / at - z).max(initial=0),
        )
        if at < lam:
            knots.append(at)
            codes.append(s)
        if at <= lam_end:
            return np.array(knots), np.array(codes), failure
        lam, left_sign = at, 0.0
        if leaves >= enters:
            place = int(out.argmax())
            left, left_sign = int(A[place]), float(z[place])
            s[left] = 0
            support.leave(place)
            free[:] = True
            free[support.atoms[: support.k]] = False
        else:
            free[j] = False
            support.enter(j, 1.0 if up[j] >= down[j] else -1.0)
    return np.array([*knots, lam_end]), np.array([*codes, codes[-1]]), np.inf


class Support:
    """The k atoms A in use in the order in which they entered, their signs z, the rows of G, and G_AA⁻¹, which changes by
    one row and one column at each knot."""

    def __init__(self, b: np.ndarray, gram: np.ndarray, room: int):
        self.b, self.gram, self.k = b, gram, 0
        self.atoms, self.signs = np.empty(room, int), np.empty(room)
        self.rows, self.inverse = np.empty((room, len(b))), np.empty((room, room))

    def solved(self, lam: float) -> tuple[np.ndarray, ...]:
        """A, z, u = G_AA⁻¹ b_A and d = G_AA⁻¹ z, all (k,); p = b − G_{·A} u and q = G_{·A} d, both (d_s,); for this λ."""
        A, z = self.atoms[: self.k], self.signs[: self.k]
        inverse, wanted = self.inverse[: self.k, : self.k], np.array((self.b[A], z))
        found = wanted @ inverse
        for _ in range(CORRECTIONS):
            made = found @ self.rows[: self.k]
            missing = wanted - made[:, A]
            if not np.maximum(np.abs(missing[0]) / lam, np.abs(missing[1])).max(initial=0) > EXACT:
                break
            found += missing @ inverse
        return A, z, *found, self.b - made[0], made[1]

    def enter(self, j: int, sign: float) -> None:
        """Atom j enters, unless it depends on those that are there."""
        k, inverse = self.k, self.inverse
        column = self.gram[j, self.atoms[:k]]
        w = inverse[:k, :k] @ column
        rest = self.gram[j, j] - column @ w
        if rest > DEPENDENT * self.gram[j, j]:
            inverse[:k, :k] += np.outer(w, w / rest)
            inverse[k, :k] = inverse[:k, k] = -w / rest
            inverse[k, k] = 1 / rest
            self.atoms[k], self.signs[k], self.rows[k], self.k = j, sign, self.gram[j], k + 1

    def leave(self, place: int) -> None:
        """The atom at this place of A leaves."""
        k, inverse = self.k, self.inverse
        column = inverse[:k, place].copy()
        inverse[:k, :k] -= np.outer(column, column / column[place])
        self.k = k - 1
        inverse[place : self.k, :k] = inverse[place + 1 : k, :k]
        inverse[: self.k, place : self.k] = inverse[: self.k, place + 1 : k]
        for each in (self.atoms, self.signs, self.rows):
            each[place : self.k] = each[place + 1 : k]


def paths(x: Tensor, B: Tensor, lam: Tensor, limit: int, positive: bool) -> list[Found] | None:
    """`path` of every row of x (n, d_x), in float64 like B and lam (n,); None once there is compiled code, which is waited
    for where it is sooner there."""
    if not suits(len(x), B.shape, WORTH[1]):
        ahead.wait()
    c, found = x @ B, []
    fits = provable(
        x, B.square().sum(0), x.square().sum(1), (c if positive else c.abs()).amax(1), lam
    )
    gram, nothing = (B.T @ B).numpy(), np.zeros((1, B.shape[1]))
    for b, end, fit in zip(c.numpy(), lam.tolist(), fits, strict=True):
        if not ahead.compiling():
            return None
        some = (
            path(b, gram, end, min(B.shape), limit, positive)
            if fit
            else (np.array([end]), nothing, np.inf)
        )
        found.append(some)
    return found


def solve(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    mask: Tensor | None,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    limit: int,
    positive: bool,
) -> int:
    """Fill `codes` (n, d_s) and `gap` (n,), proved as by compiled code, until there is some; the most iterations.

    x (n, d_x), B (d_x, d_s), lam (n,) in float64, mask (n, d_x) or None.
    """
    most, B = 0, B.double()
    rows = (gap > tol).nonzero()[:, 0]
    for i in rows.tolist() if suits(len(rows), B.shape, WORTH[0]) or mask is not None else []:
        atoms, row = (
            (B, x[i : i + 1].double())
            if mask is None
            else (B[mask[i]], x[i : i + 1, mask[i]].double())
        )
        found = paths(row, atoms, lam[i : i + 1], limit, positive)
        if found is not None:
            knots, answers, _ = found[0]
            answer = torch.from_numpy(answers[-1:]).to(codes)
            reached = gaps.of_codes(row, answer.double(), atoms, lam[i : i + 1, None], positive)[0]
            if reached < gap[i]:
                codes[i], gap[i], most = answer[0], reached, max(most, len(knots))
    for rows in (gap > tol).nonzero()[:, 0].split(batches.BATCH) if mask is None else ():
        if len(rows) and ahead.compiling():
            found, reached = codes[rows], gap[rows]
            most = max(
                most, batches.solve(x[rows], B, lam[rows], found, reached, tol, limit, positive)
            )
            codes[rows], gap[rows] = found, reached
    return most
