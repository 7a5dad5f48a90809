"""The alternating direction method of multipliers for many samples with one small dictionary, compiled for the CPU.

    s = (G + ρI)⁻¹(Bᵀx + ρ(z − u)),   v = relax·s + (1 − relax)·z + u,   u = clip(v, ±λ/ρ),   z = v − u

(Boyd et al. 2011, §6.4). z, which is v shrunk by λ/ρ, carries the zeros; for codes ≥ 0, u is clipped from above only. Blocks
of samples iterate together in the precision of their codes, so that s is a matrix product; the rest of an iteration is one
pass over the block, which stays in the cache. A sample leaves its block when its gap, in float64, is within `tol`.
"""

from functools import partial

import numpy as np

from sc2viz.exact.batches import EVERY, RELAX
from sc2viz.exact.certificates import objective, relative_gap
from sc2viz.exact.loops import BLOCK, compiled, copy, invert, multiply
from sc2viz.exact.problem import Samples
from sc2viz.exact.task import Task
from sc2viz.exact.threads import count_threads, in_slices

FEWEST = 10  # For fewer samples than this an inverse costs more than it saves,
SHARED = 64  # or for fewer than this, or than an eighth of the atoms, if atoms outnumber entries or no sample was tried.
WIDEST = 2  # With more atoms than this for each entry of x, or in float64 than 0.75 of it, it converges slowly.
LARGEST = 1024  # With more atoms than this, an iteration takes too long.
NEAREST = (
    0.2  # For a λ above this share of λ_max the support is small, and the other methods are faster.
)
PER_ATOM = 0.0005  # NEAREST is at most PER_ATOM·d_s: the homotopy's time grows with d_s³, ADMM's with d_s².


def suits(
    shape: tuple[int, int], n: int, is_single: bool, share: np.ndarray, tried: bool = False
) -> np.ndarray:
    """Return which samples are solved soonest here, (m,) bool, with the arguments of `working_sets.suits`. tried: whether other
    methods try a few of them first."""
    d_x, d_s = shape
    widest = min(d_x * (WIDEST if is_single else 0.75 * WIDEST), LARGEST)
    small = share < min(NEAREST, PER_ATOM * d_s)
    fewest = FEWEST if tried and d_s <= d_x else max(SHARED, d_s / 8)
    return small & (n * small.sum() >= fewest * len(share) and d_s <= widest)


def patience(shape: tuple[int, int]) -> int:
    """Return the iterations after which a sample goes to the homotopy, which would have solved it in that time, as measured."""
    return min(max(int(min(shape) ** 1.5 / 10), EVERY), 1000)


def knots(d_s: int, n: int) -> int:
    """Return the number of knots up to which the homotopy is faster if n samples share the inverses, as measured."""
    return int((d_s * (8 + 2 * d_s / n)) ** 0.5)


def solve(samples: Samples, rows: np.ndarray, task: Task, limit: int, events: np.ndarray) -> None:
    """Improve the codes of a task and count the iterations, events[r], for every r of `rows`, with at most `limit` each."""
    small_gram = samples.gram.astype(np.float32 if task.is_single else np.float64)
    numbers = task.tol, limit, task.codes.numpy(), task.gap.numpy(), events
    slices = min(
        max(len(rows) // (4 * BLOCK * count_threads()), 1), 8 if len(small_gram) <= 256 else 1
    )
    size = len(rows) * patience(samples.B.shape) * small_gram.size
    in_slices(partial(iterate, samples, small_gram, *numbers), rows, slices, size)


@compiled
def advance(p, s, z, u, w, highest, lowest, relax, keep, per_rho):
    """Do the pass of an iteration over one sample, in place: z and u from s, and w = Bᵀx/ρ + z − u, whose product with
    ρ(G + ρI)⁻¹ is the next s."""
    for j in range(len(p)):
        v = relax * s[j] + keep * z[j] + u[j]
        u[j] = min(max(v, lowest), highest)
        z[j] = v - u[j]
        w[j] = per_rho * p[j] + (z[j] - u[j])


@compiled
def begin(block, samples, codes, small_gram, rho, P, S, Z, U, W):
    """Fill the rows of a block for the samples `block`: P = Bᵀx, Z = s, U and W as in `advance`; S holds G s after it."""
    m, per_rho = len(block), P.dtype.type(1 / rho)
    for i in range(m):
        copy(samples.projection[block[i]], P[i])
        copy(codes[block[i]], Z[i])
    multiply(Z, small_gram, S, m + -m % 4)
    for i in range(m):
        highest = P.dtype.type(samples.lam[block[i]])
        lowest = P.dtype.type(-np.inf if samples.positive else -highest)
        for j in range(P.shape[1]):
            U[i, j] = per_rho * min(max(P[i, j] - S[i, j], lowest), highest)
            W[i, j] = per_rho * P[i, j] + (Z[i, j] - U[i, j])


@compiled
def scale(P, Z, U, W, m, factor, per_rho):
    """Change U and W of m samples as ρ changes by `factor`, to 1/per_rho."""
    for i in range(m):
        for j in range(P.shape[1]):
            U[i, j] /= factor
            W[i, j] = per_rho * P[i, j] + (Z[i, j] - U[i, j])


@compiled
def leave(block, m, samples, matrices, S, codes, gap, events, tol, k, is_last):
    """Store the codes of those of the first m samples of a block that are solved after k iterations, where S holds G s; return
    the number of samples that go on, which then come first. matrices: P, Z, U and W."""
    P, Z = matrices[0], matrices[1]
    zeros = np.zeros(P.shape[1], P.dtype)
    for i in range(m - 1, -1, -1):
        r = block[i]
        for j in range(P.shape[1]):
            S[i, j] = P[i, j] - S[i, j]
        lam = samples.lam[r]
        rough = objective(P[i], S[i], zeros, Z[i], lam, samples.square_x[r], samples.positive, lam)
        if not is_last and not rough[1] <= tol:
            continue
        reached = relative_gap(samples, r, Z[i])
        events[r] = k
        if reached < gap[r]:
            gap[r] = reached
            copy(Z[i], codes[r])
        if reached <= tol:
            m -= 1
            block[i] = block[m]
            for matrix in matrices:
                copy(matrix[m], matrix[i])
    return m


@compiled
def iterate(samples, small_gram, tol, limit, codes, gap, events, rows):
    """Run ADMM on the samples `rows`, block by block: it improves codes[r], from which it begins, and gap[r], and sets events[r],
    the iterations, at most `limit`.

    small_gram: G in the precision of the iterations.
    ρ moves after 10, 20, 40, … iterations towards balanced primal and dual residuals; a block begins with the ρ of the one
    before, and gaps are first looked at EVERY iterations before the first sample of that block was done. It gives up after
    a block of which the larger part was not solved.
    """
    gram, kind, d_s = samples.gram, small_gram.dtype.type, len(small_gram)
    lam, positive, shape = samples.lam, samples.positive, (BLOCK, d_s)
    P, S, W = (
        np.zeros(shape, small_gram.dtype),
        np.zeros(shape, small_gram.dtype),
        np.zeros(shape, small_gram.dtype),
    )
    Z, U, previous = (
        np.zeros(shape, small_gram.dtype),
        np.zeros(shape, small_gram.dtype),
        np.zeros(shape, small_gram.dtype),
    )
    inverse = np.empty(gram.shape, small_gram.dtype)
    rho = 0.7 * np.trace(gram) / len(gram)
    invert(gram, rho, inverse)
    relax, keep, first = kind(RELAX), kind(1 - RELAX), 0
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK].copy()
        m, soonest, per_rho = len(block), limit, kind(1 / rho)
        begin(block, samples, codes, small_gram, rho, P, S, Z, U, W)
        for k in range(1, limit + 1):
            looks = k // EVERY
            balances = k % EVERY == 0 and looks > 1 and looks & (looks - 1) == 0
            if balances:
                for i in range(m):
                    copy(Z[i], previous[i])
            multiply(W, inverse, S, m + -m % 4)
            for i in range(m):
                highest = kind(lam[block[i]] / rho)
                lowest = kind(-np.inf if positive else -highest)
                advance(P[i], S[i], Z[i], U[i], W[i], highest, lowest, relax, keep, per_rho)
            if balances:
                factor = balancing(S, Z, U, previous, m)
                if factor != 1:
                    rho *= factor
                    per_rho = kind(1 / rho)
                    invert(gram, rho, inverse)
                    scale(P, Z, U, W, m, kind(factor), per_rho)
            if (k % EVERY or k < first) and k < limit:
                continue
            multiply(Z, small_gram, S, m + -m % 4)
            matrices = P, Z, U, W
            m_open = leave(block, m, samples, matrices, S, codes, gap, events, tol, k, k == limit)
            if m_open < m:
                soonest, m = min(soonest, k), m_open
            if m == 0:
                break
        if m > BLOCK / 2:  # these samples are not for ADMM
            break
        first = soonest - EVERY


@compiled
def balancing(S, Z, U, previous, m):
    """Return the factor by which ρ changes, 2√(primal/dual residual), or 1 where it is so close to 1 that an inverse costs more.

    The factor 2, the first ρ and RELAX are those that took the fewest iterations on MNIST for λ from 0.01 to 0.5.
    """
    primal, codes, dual, prices = 0.0, 0.0, 0.0, 0.0
    for i in range(m):
        for j in range(Z.shape[1]):
            primal += (S[i, j] - Z[i, j]) ** 2
            codes += Z[i, j] ** 2
            dual += (Z[i, j] - previous[i, j]) ** 2
            prices += U[i, j] ** 2
    if not (primal > 0 and codes > 0 and dual > 0 and prices > 0):
        return 1.0
    factor = 2 * ((primal / codes) / (dual / prices)) ** 0.25
    return factor if 0.01 < factor < 0.5 or 2 < factor < 100 else 1.0
