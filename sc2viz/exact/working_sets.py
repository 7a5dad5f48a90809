"""Exact codes of large dictionaries by coordinate descent on the atoms that may be in the support: the working set W.

    λ_k ← max(λ, λ_{k−1}·SHRINK),    W ← W ∪ {j: |b_jᵀ(x − B s)| > AHEAD·λ_k},    s_W ← argmin F on B_W,    again

λ_k is larger where too many atoms would enter at once. It ends at λ when no atom outside W would enter, which is the
condition of optimality on all atoms (Massias, Gramfort & Salmon 2018). One sweep over W minimises F over each code in turn.
After every DEPTH + 1 sweeps the codes move to the combination of their last positions whose steps nearly cancel (Anderson
acceleration: Bertrand & Massias 2021), if F is smaller there.

Samples of a block share one product with all atoms in every round. It is computed in the precision of B, and so chooses the
atoms that enter. The gap depends on the correlations of W and on the largest one outside W: these are in float64. The Gram
matrix of W is in float32, so that it stays in the cache; c = Bᵀ(x − B s) is computed afresh after every round.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sc2viz.exact import admm, problem
from sc2viz.exact.certificates import objective
from sc2viz.exact.loops import add_rows, compiled, copy, dot, gram_rows
from sc2viz.exact.problem import Dictionary, products
from sc2viz.exact.threads import in_threads

WORTH = 6000  # The homotopy is faster where λ/λ_max, by which sweeps converge, times the square of room is less than this.
SHRINK = 0.4  # Each round's λ is at least this share of the λ of the round before.
AHEAD = 0.9  # Atoms whose correlation is above this share of a round's λ enter in it, because they often would in the next.
FRESH, GROWTH = 32, 0.3  # In a round enter at most FRESH atoms, or this share of the support, or as many as cost as
ROUND = 5e6  # much as a round does: its product with all atoms, and so many multiplications.
GATHER = 64  # To take an entry from a Gram matrix costs as much as so many multiplications.
LOOSE = 3e-2  # A round before the last λ ends at this gap on W.
INNER = 0.05  # A round at the last λ ends when the gap on W is this share of the gap on all atoms after the round before.
CHEAP = 0.25  # A round goes on to the last gap for as many sweeps as cost this share of a product with all atoms.
DEPTH = 5  # An extrapolation combines the steps of so many sweeps.
ROUNDS = 100  # A sample that is not solved after this number of rounds is left to the homotopy.
IDLE = 0.4  # Atoms without codes leave the working set when they are more than this share of it.
PROBE = 8  # So many samples are solved at first, whose working sets tell whether to compute one Gram matrix for all.
WIDEST = 8192  # A Gram matrix of more atoms than this takes too much memory.
BLOCK = 64  # So many samples are solved at a time, so that their Gram matrices fit into memory.
USUAL = 1e-10, 1e10  # Norms of samples and of dictionaries in this range neither overflow nor vanish in float32.


def suits(shape: tuple[int, int], n: int, precision: np.dtype, share: np.ndarray) -> np.ndarray:
    """Which samples are solved sooner here than by the homotopy, and sooner than by ADMM in `precision`, (m,) bool.

    share (m,): λ/λ_max of some of the n samples; shape: that of B, of which the smaller number is the most atoms of a
    support, its room.
    """
    return (np.minimum(share, 0.5) * min(shape) ** 2 >= WORTH) & ~admm.suits(shape, n, precision, share)


def worth_a_gram(n: int, d_s: int, sizes: list[int]) -> bool:
    """Whether n samples with working sets of about these sizes save more by one Gram matrix of all atoms than it costs."""
    return d_s <= WIDEST and n * np.mean(np.square(sizes, dtype=float)) > d_s**2


def solve(dictionary: Dictionary, x: np.ndarray, lam: np.ndarray, tol: float, limit: int, positive: bool, codes: np.ndarray,
          gap: np.ndarray, events: np.ndarray, workers: int) -> None:  # fmt: skip
    """For samples r that suit and whose gap[r] is above `tol`: codes[r] and gap[r] of x[r] at λ, and the sweeps, events[r].

    They are kept where this gap is smaller. A sample whose gap is above `tol` after `limit` sweeps or ROUNDS gets the codes
    of the smallest gap that it had.
    """
    shape = dictionary.given.shape
    rows = (gap > tol).nonzero()[0]
    if not suits(shape, len(rows), codes.dtype, np.ones(1)).any():
        return
    for some in filter(len, np.split(rows, [PROBE, *range(PROBE + BLOCK, len(rows), BLOCK)])):
        c, square = products(x[some], dictionary.given, workers)
        strength = c if positive else np.abs(c)
        largest = np.maximum(strength.max(1), lam[some])
        size, norm = np.sqrt(square), np.sqrt(dictionary.square.max())
        usual = (size > USUAL[0]) & (size < USUAL[1]) & (USUAL[0] < norm < USUAL[1])
        wanted = suits(shape, len(rows), codes.dtype, lam[some] / largest) & usual
        if not wanted.any():
            return  # the other samples are probably like these
        some, c, largest = some[wanted], c[wanted], largest[wanted]
        numbers = x[some].astype(np.float64)
        samples = [Sample(one, lam[r], of, one) for r, of, one in zip(some, largest, numbers, strict=True)]
        rounds(dictionary, samples, c, tol, limit, positive, codes.dtype, workers)
        if not len(dictionary.shared) and worth_a_gram(len(rows) - PROBE, shape[1], [len(one.W) for one in samples] or [0]):
            dictionary.shared = problem.gram(dictionary.given_atoms, np.float32, workers)
        for r, sample in zip(some, samples, strict=True):
            events[r] = sample.sweeps
            if sample.lowest < gap[r]:
                gap[r], codes[r] = sample.lowest, 0
                codes[r, sample.best[0]] = sample.best[1]


@dataclass(slots=True)
class Sample:
    """What is known of one sample while it is solved: its codes s on W, which leave `rest`, and its best codes so far."""

    x: np.ndarray  # (d_x,) float64
    target: float  # the λ asked for
    lam: float  # λ_k: at first λ_max, or the λ asked for if that is larger
    rest: np.ndarray  # (d_x,): x − B_W s
    W: np.ndarray = field(default_factory=partial(np.empty, 0, np.int64))
    s: np.ndarray = field(default_factory=partial(np.empty, 0))
    c: np.ndarray = field(default_factory=partial(np.empty, 0))  # B_Wᵀ rest
    gram: np.ndarray = field(default_factory=partial(np.empty, (0, 0), np.float32))  # that of W
    best: tuple[np.ndarray, np.ndarray] = ()  # (W, s)
    lowest: float = np.inf  # the gap of `best`
    sweeps: int = 0


def rounds(dictionary: Dictionary, samples: list[Sample], c: np.ndarray, tol: float, limit: int, positive: bool,
           kind: np.dtype, workers: int) -> None:  # fmt: skip
    """Solve `samples` to within `tol` by codes of `kind`; c (n, d_s): Bᵀx in the precision of B."""

    def one(some: tuple[Sample, np.ndarray]) -> bool:
        return advance(dictionary, *some, tol, limit, positive, kind)

    for _ in range(ROUNDS):
        # What Python does between compiled parts cannot be shared. So the work that can is that of the Gram matrices.
        least = AHEAD * np.array([max(SHRINK * sample.lam, sample.target) for sample in samples])
        sizes = np.minimum((np.abs(c) > least[:, None]).sum(1), [len(sample.W) + FRESH for sample in samples])
        work = float(np.square(sizes).sum()) * len(dictionary.given)
        going = in_threads(one, zip(samples, c, strict=True), workers, work)
        samples = [sample for sample, more in zip(samples, going, strict=True) if more]
        if not samples:
            return
        c, _ = products(np.array([sample.rest for sample in samples]), dictionary.given, workers)


def advance(dictionary: Dictionary, sample: Sample, rough: np.ndarray, tol: float, limit: int, positive: bool,
            kind: np.dtype) -> bool:  # fmt: skip
    """Look at the gap and, unless it is within `tol` or the sweeps have come to an end, take one more round, and say so.

    rough (d_s,): Bᵀ(x − B s) in the precision of B.
    """
    B, last = dictionary.given, sample.lam <= sample.target
    gap = proof(rough, dictionary.slack, B, sample.rest, sample.W, sample.s, sample.c, sample.lam, positive)
    if last and gap < sample.lowest:
        sample.best, sample.lowest = (sample.W, sample.s), gap
    if (last and gap <= tol) or sample.sweeps >= limit:
        return False
    strength, before = rough if positive else np.abs(rough), sample.lam
    sample.lam = max(SHRINK * before, sample.target)
    kept, fresh, used = choose(strength, AHEAD * sample.lam, sample.W, sample.s)
    entry = GATHER if len(dictionary.shared) else len(sample.x)  # the multiplications that an entry of a Gram matrix costs
    most = int(max(FRESH, GROWTH * used, (ROUND + B.size) / (entry * max(len(sample.W), FRESH))))
    if len(fresh) > most:
        least = float(np.partition(strength[fresh], -most)[-most])
        fresh, sample.lam = fresh[strength[fresh] >= least], max(sample.lam, min(before, least))
    loose = max(INNER * min(gap, 1), tol / 3) if sample.lam <= sample.target else max(LOOSE, tol)
    cheap = int(CHEAP * B.size / max(len(kept) + len(fresh), 1) ** 2)
    sample.W, sample.s, sample.c, sample.gram, sample.rest, sweeps = solve_on(
        kept, fresh, dictionary.atoms_at(fresh), dictionary.shared, sample.x, sample.rest, sample.W, sample.s, sample.c,
        sample.gram, sample.lam, loose, min(loose, tol / 3), cheap, positive, kind == np.float32, limit - sample.sweeps,
    )  # fmt: skip
    sample.sweeps += sweeps
    return True


@compiled
def correlate(atoms, W, rest, c):
    """c = B_Wᵀ rest, (m,), in float64."""
    for i in range(len(W)):
        c[i] = dot(atoms[W[i]], rest)


@compiled
def proof(rough, slack, B, rest, W, s, c, lam, positive):
    """The relative duality gap of the codes s (m,) on the atoms W, which leave `rest` of x; c = B_Wᵀ rest, all in float64.

    rough (d_s,): the correlations of all atoms with `rest`, wrong by at most slack·‖rest‖. Those that may be larger
    than the largest one that is known in float64 are computed again in float64.
    """
    largest, square, free = lam, dot(rest, rest), np.ones(len(rough), np.bool_)
    for i in range(len(W)):
        free[W[i]] = False
        largest = max(largest, c[i] if positive else abs(c[i]))
    norm = np.sqrt(square)
    for j in range(len(rough)):
        if (rough[j] if positive else abs(rough[j])) + slack[j] * norm > largest and free[j]:
            exact = dot(B[:, j], rest)
            largest = max(largest, exact if positive else abs(exact))
    return objective(c, c, s, s, lam, square, positive, largest)[1]


@compiled
def choose(strength, least, W, s):
    """(the places in W of atoms that stay, the other atoms whose `strength` (d_s,) is above `least`, the number of codes).

    All atoms stay unless more than the share IDLE has no code: removing a few takes longer than keeping them.
    """
    free, used, m, k = np.ones(len(strength), np.bool_), np.int64(0), np.int64(0), np.int64(0)
    kept, fresh = np.empty(len(W), np.int64), np.empty(len(strength), np.int64)
    for code in s:
        used += code != 0
    for i in range(len(W)):
        if used >= (1 - IDLE) * len(W) or s[i] != 0:
            kept[k], free[W[i]] = i, False
            k += 1
    for j in range(len(strength)):
        if strength[j] > least and free[j]:
            fresh[m] = j
            m += 1
    return kept[:k].copy(), fresh[:m].copy(), used


@compiled
def solve_on(kept, fresh, atoms, shared, x, before, known, codes, slopes, gram, lam, loose, tol, cheap, positive, single,
             limit):  # fmt: skip
    """(W, s, c, the Gram matrix of W, rest, sweeps) of x after `descend` on W: the places `kept` of `known`, and `fresh`.

    The `codes` on `known` left `before` of x, with the correlations `slopes`. single: s is rounded to float32.
    """
    k, m = len(kept), len(kept) + len(fresh)
    W, s, c, rest = np.empty(m, np.int64), np.zeros(m), np.empty(m), x.copy()
    for i in range(k):
        W[i], s[i], c[i] = known[kept[i]], codes[kept[i]], slopes[kept[i]]
    copy(fresh, W[k:])
    correlate(atoms, W[k:], before, c[k:])
    if m != len(gram) or k < m:
        gram = extended(gram, kept, m)
        if len(shared):
            take_rows(shared, W, k, gram)
        else:
            gram_rows(atoms, W, k, m, gram)
    sweeps = descend(c, s, gram, lam, dot(before, before), loose, tol, cheap, positive, limit)
    for i in range(m):
        s[i] = np.float32(s[i]) if single else s[i]
        c[i] = -s[i]
    add_rows(atoms, W, c, m, rest, len(rest))
    correlate(atoms, W, rest, c)
    return W, s, c, gram, rest, sweeps


@compiled
def extended(known, kept, m):
    """(m, m) in float32: first the rows and columns `kept` (k,) of `known`; all else is left to be filled."""
    out = np.empty((m, m), np.float32)
    for i in range(len(kept)):
        row, new = known[kept[i]], out[i]
        if len(kept) == len(known):
            copy(row, new)
        else:
            for j in range(len(kept)):
                new[j] = row[kept[j]]
    return out


@compiled
def take_rows(gram, W, first, out):
    """out[i, j] = out[j, i] = gram[W[i], W[j]] for i from `first` on; gram: that of all atoms."""
    for i in range(first, len(W)):
        row, new = gram[W[i]], out[i]
        for j in range(len(W)):
            new[j] = row[W[j]]
        for j in range(first):
            out[j, i] = new[j]


@compiled
def descend(c, s, gram, lam, square, loose, tol, cheap, positive, limit):
    """Minimise F over the codes s (m,), which are changed like c = Bᵀ(x − B s), until their relative gap on W is ≤ `tol`.

    After `cheap` sweeps a gap of `loose` is enough. gram = G (m, m), `square` = ‖x − B s‖² on entry. Returns the number of
    sweeps, at most `limit`.
    """
    m, s0, c0, order = len(s), s.copy(), c.copy(), np.arange(DEPTH)
    S, C = np.empty((DEPTH + 1, m)), np.empty((DEPTH + 1, m))
    for k in range(limit):
        copy(s, S[k % (DEPTH + 1)])
        copy(c, C[k % (DEPTH + 1)])
        sweep(c, s, gram, lam, positive)
        value, gap = objective(c0, c, s0, s, lam, square, positive, lam)
        if gap <= (tol if k < cheap else loose):
            return k + 1
        if k % (DEPTH + 1) == DEPTH:
            weights = extrapolation(S)
            S[0], C[0] = 0, 0
            add_rows(S[1:], order, weights, DEPTH, S[0], m)
            add_rows(C[1:], order, weights, DEPTH, C[0], m)
            allowed = True
            for code in S[0]:
                allowed &= not positive or code >= 0
            if allowed and objective(c0, C[0], s0, S[0], lam, square, positive, lam)[0] < value:
                copy(S[0], s)
                copy(C[0], c)
    return limit


@compiled
def sweep(c, s, gram, lam, positive):
    """Minimise F over each of the codes s (m,) in turn, and change c with them."""
    for i in range(len(s)):
        row = gram[i]
        v = c[i] + row[i] * s[i]
        new = (max(v - lam, 0.0) if positive else v - min(max(v, -lam), lam)) / row[i]
        step = new - s[i]
        if step != 0:
            s[i] = new
            for j in range(len(s)):
                c[j] -= step * row[j]


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
