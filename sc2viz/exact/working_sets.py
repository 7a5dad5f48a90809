"""Exact codes of large dictionaries by coordinate descent on the atoms that may be in the support: the working set W.

    λ_k ← max(λ, λ_max·SHRINK^k),    W ← W ∪ {j: |b_jᵀ(x − B s)| > λ_k},    s_W ← argmin F on B_W,    again

It ends at λ when no atom outside W would enter, which is the condition of optimality on all atoms (Massias, Gramfort &
Salmon 2018). One sweep over W minimises F over each code in turn. After every DEPTH + 1 sweeps the codes move to the
combination of their last positions whose steps nearly cancel (Anderson acceleration: Bertrand & Massias 2021), if F is
smaller there.
The Gram matrix of W is in float32, so that it stays in the cache; all that it multiplies is in float64 and is computed
afresh from B after every round, so that rounding errors do not add up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sc2viz.exact.certificates import certify_residuals
from sc2viz.exact.loops import add_rows, compiled, copy
from sc2viz.exact.problem import Samples, products
from sc2viz.exact.threads import in_threads

LEAST = 128  # The homotopy is faster where a support can have fewer atoms than this.
LOWEST = 15  # Sweeps converge slowly, on random data, for λ/λ_max below LOWEST / the atoms that a support can have.
WORTH = 2e6  # The homotopy is faster where it takes fewer multiplications a sample than this.
WIDE = 512  # ADMM is faster for more than BLOCK samples in float32 whose supports can have fewer atoms than this.
SHRINK = 0.4  # Each round's λ is this share of the λ of the round before, until the λ asked for is reached.
INNER = 0.2  # A round ends when the gap on W is this share of the gap on all atoms after the round before.
DEPTH = 5  # An extrapolation combines the steps of so many sweeps.
ROUNDS = 60  # A sample that is not solved after this number of rounds is left to the homotopy.
IDLE = 0.2  # Atoms without codes leave the working set when they are more than this share of it.
BLOCK = 64  # So many samples are solved at a time, so that their Gram matrices fit into memory.
LARGE = 1e8  # The Gram matrix of all atoms is computed for any supports if it takes at most so many multiplications.


def suits(samples: Samples, rows: np.ndarray, precision: np.dtype) -> np.ndarray:
    """Those of `rows` that are solved sooner here than by the homotopy, and sooner than by ADMM in `precision`."""
    room = min(samples.B.shape)
    if room < LEAST or (precision == np.float32 and room < WIDE and len(rows) > BLOCK):
        return rows[:0]
    share = samples.lam[rows] / samples.largest[rows].clip(np.finfo(np.float64).tiny)
    return rows[(share * room >= LOWEST) & (samples.cost * (1 - share).clip(0) ** 2 >= WORTH)]


def apart(projection: np.ndarray, lam: np.ndarray, d_x: int, positive: bool) -> bool:
    """Whether the Gram matrices of all working sets take less time than the one of all atoms, which samples could share.

    A working set has at most the atoms that orthogonal ones would have in the support, |b_jᵀx| > λ.
    """
    n, d_s = projection.shape
    strength = projection if positive else np.abs(projection)
    sizes = (strength > lam[:, None]).sum(1).clip(max=d_x).astype(float)
    return min(d_x, d_s) >= LEAST and d_s**2 * d_x > LARGE and (sizes**2).sum() < d_s**2


def solve(samples: Samples, x: np.ndarray, rows: np.ndarray, tol: float, limit: int, codes: np.ndarray, gap: np.ndarray,
          events: np.ndarray, workers: int) -> None:  # fmt: skip
    """For every r of `rows`: codes[r] and gap[r] of x[r] at λ, kept where this gap is smaller, and the sweeps, events[r].

    A sample whose gap is above `tol` after `limit` sweeps or ROUNDS gets the codes of the smallest gap that it had.
    """
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        part = replace(samples, projection=samples.projection[some], square_x=samples.square_x[some],
                       largest=samples.largest[some], lam=samples.lam[some])  # fmt: skip
        found, reached, events[some] = _block(part, x[some], tol, limit, codes.dtype, workers)
        better = reached < gap[some]
        codes[some[better]], gap[some[better]] = found[better], reached[better]


def _block(samples: Samples, x: np.ndarray, tol: float, limit: int, kind: np.dtype, workers: int) -> tuple[np.ndarray, ...]:
    """(codes (n, d_s) of `kind`, their gaps (n,), sweeps (n,)) of the samples x (n, d_x)."""
    B, atoms, target, n = samples.B, samples.atoms, samples.lam, len(x)
    codes, rest = np.zeros((n, B.shape[1]), kind), np.empty(x.shape)
    c, lam = samples.projection.copy(), samples.largest.copy()
    best, lowest, gap, sweeps = codes.copy(), np.full(n, np.inf), np.full(n, np.inf), np.zeros(n, np.int64)
    sets, grams = [np.empty(0, np.int64)] * n, [np.empty((0, 0), np.float32)] * n

    def one(r: int) -> None:
        """The next round of sample r: its new W, the optimum on it, and what that leaves of x."""
        lam[r] = max(SHRINK * lam[r], target[r])
        kept, W = working_set(c[r], lam[r], sets[r], codes[r], samples.positive)
        whole = len(samples.gram) > 0
        grams[r] = extended(grams[r], kept, W, samples.gram if whole else atoms[W[len(kept) :]] @ atoms[W].T, whole)
        s, goal = codes[r, W].astype(np.float64), max(INNER * min(gap[r], 1), tol / 3)
        sweeps[r] += descend(samples.projection[r, W], c[r, W], s, grams[r], lam[r], samples.square_x[r], goal,
                             samples.positive, limit - sweeps[r])  # fmt: skip
        sets[r], codes[r, W], rest[r] = W, s, x[r]
        add_rows(atoms, W, -codes[r, W].astype(np.float64), len(W), rest[r], len(B))

    rows = np.arange(n)
    for _ in range(ROUNDS):
        in_threads(one, rows, workers, len(rows) * B.size)
        c[rows], _ = products(rest[rows], B, workers)
        gap[rows] = certify_residuals(rows, c[rows], samples.projection, samples.square_x, lam, samples.positive, codes)
        better = rows[(lam[rows] == target[rows]) & (gap[rows] < lowest[rows])]
        best[better], lowest[better] = codes[better], gap[better]
        rows = rows[((lam[rows] > target[rows]) | (gap[rows] > tol)) & (sweeps[rows] < limit)]
        if not len(rows):
            break
    return best, lowest, sweeps


@compiled
def working_set(c, lam, before, codes, positive):
    """(the places in `before` of atoms that stay, those atoms followed by all others with |c_j| > λ).

    All atoms stay unless more than the share IDLE has no code: removing a few takes longer than keeping them.
    """
    kept, W, free = np.empty(len(before), np.int64), np.empty(len(c), np.int64), np.ones(len(c), np.bool_)
    used = 0
    for j in before:
        used += codes[j] != 0
    k = 0
    for i in range(len(before)):
        if used >= (1 - IDLE) * len(before) or codes[before[i]] != 0:
            kept[k], W[k], free[before[i]] = i, before[i], False
            k += 1
    m = k
    for j in range(len(c)):
        if free[j] and (c[j] if positive else abs(c[j])) > lam:
            W[m] = j
            m += 1
    return kept[:k].copy(), W[:m].copy()


@compiled
def extended(known, kept, W, fresh, whole):
    """The Gram matrix of the atoms W (m,) in float32: first the rows and columns `kept` (k,) of `known`.

    `fresh` is the Gram matrix of all atoms if it is `whole`, else (m - k, m): the rows that are missing.
    """
    k, m = len(kept), len(W)
    if m == len(known) and k == m:
        return known
    out = np.empty((m, m), np.float32)
    for i in range(k):
        row = known[kept[i]]
        if k == len(known):
            copy(row, out[i])
        else:
            for j in range(k):
                out[i, j] = row[kept[j]]
    for i in range(k, m):
        row = fresh[W[i]] if whole else fresh[i - k]
        for j in range(m):
            out[i, j] = row[W[j]] if whole else row[j]
    for i in range(k):
        for j in range(k, m):
            out[i, j] = out[j, i]
    return out


@compiled
def descend(p, c, s, gram, lam, square, tol, positive, limit):
    """Sweep over the codes s (m,), which are changed like c = p − G s, until their relative gap is ≤ `tol`; the sweeps.

    p = Bᵀx and c (m,), gram = G (m, m), `square` = ‖x‖². At most `limit` sweeps.
    """
    m = len(s)
    S, C, order = np.empty((DEPTH + 1, m)), np.empty((DEPTH + 1, m)), np.arange(DEPTH)
    for k in range(limit):
        copy(s, S[k % (DEPTH + 1)])
        copy(c, C[k % (DEPTH + 1)])
        for i in range(m):
            row = gram[i]
            v = c[i] + row[i] * s[i]
            new = (max(v - lam, 0.0) if positive else v - min(max(v, -lam), lam)) / row[i]
            step = new - s[i]
            if step != 0:
                s[i] = new
                for j in range(m):
                    c[j] -= step * row[j]
        value, gap = objective(p, c, s, lam, square, positive)
        if gap <= tol * value:
            return k + 1
        if k % (DEPTH + 1) == DEPTH:
            weights = extrapolation(S)
            S[0], C[0] = 0, 0
            add_rows(S[1:], order, weights, DEPTH, S[0], m)
            add_rows(C[1:], order, weights, DEPTH, C[0], m)
            allowed = True
            for code in S[0]:
                allowed &= not positive or code >= 0
            if allowed and objective(p, C[0], S[0], lam, square, positive)[0] < value:
                copy(S[0], s)
                copy(C[0], c)
    return limit


@compiled
def objective(p, c, s, lam, square, positive):
    """(F, duality gap) of the codes s on their own atoms: see `lasso.duality_gap`."""
    largest, fit, dot, price = 0.0, 0.0, 0.0, 0.0
    for i in range(len(s)):
        largest = max(largest, c[i] if positive else abs(c[i]))
        fit += s[i] * (p[i] + c[i])
        dot += s[i] * c[i]
        price += lam * abs(s[i])
    scale = lam / largest if largest > lam else 1.0
    residual = max(square - fit, 0.0)
    return 0.5 * residual + price, 0.5 * (1 - scale) ** 2 * residual + price - scale * dot


@compiled
def extrapolation(S):
    """The weights w (DEPTH,) of sum 1 for which ‖Σ_i w_i (S[i + 1] − S[i])‖ is least; (0, …, 0, 1) if undefined."""
    depth = len(S) - 1
    A, w = np.empty((depth, depth)), np.ones(depth)
    for i in range(depth):
        for j in range(i + 1):
            total = 0.0
            for k in range(S.shape[1]):
                total += (S[i + 1, k] - S[i, k]) * (S[j + 1, k] - S[j, k])
            A[i, j] = A[j, i] = total
    trace = 0.0
    for i in range(depth):
        trace += A[i, i]
    for i in range(depth):  # elimination without pivots, which positive definite matrices do not need
        A[i, i] += 1e-10 * trace
        for j in range(i + 1, depth):
            share = A[j, i] / A[i, i] if A[i, i] > 0 else 0.0
            for k in range(i, depth):
                A[j, k] -= share * A[i, k]
            w[j] -= share * w[i]
    for i in range(depth - 1, -1, -1):
        for j in range(i + 1, depth):
            w[i] -= A[i, j] * w[j]
        w[i] = w[i] / A[i, i] if A[i, i] > 0 else 0.0
    total = 0.0
    for weight in w:
        total += weight
    if not 0 < total < np.inf:
        w[:] = 0
        w[-1], total = 1, 1.0
    for i in range(depth):
        w[i] /= total
    return w
