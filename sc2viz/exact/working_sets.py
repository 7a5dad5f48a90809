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

from typing import NamedTuple

import numpy as np

from sc2viz.exact import admm, problem
from sc2viz.exact.certificates import objective
from sc2viz.exact.loops import (
    BLOCK,
    add_rows,
    compiled,
    copy,
    dot,
    gram_rows,
    invert,
    project,
)
from sc2viz.exact.problem import FixedAtoms, products
from sc2viz.exact.task import Task
from sc2viz.exact.threads import count_threads, in_slices, in_threads

WORTH = 28_000  # The homotopy is faster where λ/λ_max, by which sweeps converge, times room³√d_s/d_x is less than this,
SLOWER = 2  # or where the sweeps of samples that were solved took so many times as many multiplications as it would.
SHRINK = 0.4  # Each round's λ is at least this share of the λ of the round before.
AHEAD = 0.9  # Atoms whose correlation is above this share of a round's λ enter in it, because they often would in the next.
FRESH, GROWTH = (
    32,
    0.3,
)  # In a round enter at most FRESH atoms, or this share of the support, or as many as cost as
ROUND = 5e6  # much as a round does: its product with all atoms, and so many multiplications.
HALVINGS = 12  # The strength above which so many atoms enter is found by this number of halvings.
GATHER = 64  # To take an entry from a Gram matrix costs as much as so many multiplications.
LOOSE = 3e-2  # A round before the last λ ends at this gap on W.
INNER = 0.05  # A round at the last λ ends when the gap on W is this share of the gap on all atoms after the round before.
CHEAP = 0.25  # A round goes on to the last gap for as many sweeps as cost this share of a product with all atoms.
DEPTH = 5  # An extrapolation combines the steps of so many sweeps.
ROUNDS = 100  # A sample that is not solved after this number of rounds is left to the homotopy.
IDLE = 0.4  # Atoms without codes leave the working set when they are more than this share of it.
PROBE = 8  # So many samples, or an eighth of all, are tried: they tell who solves the others, and with which Gram matrix.
INVERSE = 0.25  # ADMM takes over if the sweeps of all samples took more multiplications than this share of d_s³.
SCATTERED = 3  # An entry of a Gram matrix of a few rows takes so many times as long as one of that of all atoms, if that
CACHED = 1024  # is in the cache: for up to so many atoms.
WIDEST = 8192  # A Gram matrix of more atoms than this takes too much memory.
USUAL = (
    1e-10,
    1e10,
)  # Norms of samples and of dictionaries in this range neither overflow nor vanish in float32.


class Atoms(NamedTuple):
    """The dictionary in its own precision, as the compiled code of this module reads it."""

    B: np.ndarray  # (d_x, d_s)
    rows: np.ndarray  # Bᵀ
    gram: np.ndarray  # G in float32, or (0, 0)
    slack: np.ndarray  # (d_s,): see `FixedAtoms.slack`


def suits(shape: tuple[int, int], n: int, is_single: bool, share: np.ndarray) -> np.ndarray:
    """Return which samples are solved sooner here than by the homotopy, and sooner than by ADMM, (m,) bool.

    share (m,): λ/λ_max of some of the n samples; shape: that of B, of which the smaller number is the most atoms of a
    support, its room.
    """
    worth = np.minimum(share, 0.5) * min(shape) ** 3 * shape[1] ** 0.5 >= WORTH * shape[0]
    return worth & ~admm.suits(shape, n, is_single, share)


def count_probes(n: int) -> int:
    """Return how many of n samples are tried before the others."""
    return max(min(PROBE, n // 8), 1)


def worth_a_gram(n: int, d_s: int, sizes: list[int]) -> bool:
    """Whether n samples with working sets of about these sizes save more by one Gram matrix of all atoms than it costs."""
    entries = n * np.mean(np.square(sizes, dtype=float)) * (SCATTERED if d_s <= CACHED else 1)
    return d_s <= WIDEST and entries > d_s**2


def worth_the_homotopy(
    shape: tuple[int, int], codes: np.ndarray, sizes: np.ndarray, sweeps: np.ndarray
) -> bool:
    """Whether the homotopy would have found these codes (m, d_s) sooner; sizes of working sets and sweeps: (m,)."""
    supports = (codes != 0).sum(1)
    # The slopes of all correlations, and the update of G_AA⁻¹.
    knot = supports / 2 * shape[1] + 3 * (supports / 2) ** 2
    return (sweeps * sizes**2.0).sum() > SLOWER * (supports * knot).sum()


def solve(task: Task, dictionary: FixedAtoms, events: np.ndarray) -> None:
    """Improve the codes of the samples of a task that suit, and count the sweeps, events[r].

    A sample that is not solved after `task.limit` sweeps or ROUNDS gets the codes of the smallest gap that it had.
    """
    codes, gap, B = task.codes.numpy(), task.gap.numpy(), dictionary.given
    rows, sizes = (gap > task.tol).nonzero()[0], np.zeros(len(gap), np.int64)
    n, d_s, norm = len(rows), B.shape[1], np.sqrt(dictionary.square.max())
    may_suit = suits(B.shape, n, task.is_single, np.ones(1)).any()
    if not (may_suit and USUAL[0] < norm < USUAL[1]):
        return

    def solve_block(rows: np.ndarray) -> np.ndarray:
        """Solve those of `rows` that suit, which are returned; `sizes` are those of their working sets."""
        x, lam = task.x.numpy()[rows].astype(np.float64), task.lam.numpy()[rows]
        c, square = products(x, B)
        largest = np.maximum((c if task.positive else np.abs(c)).max(1), lam)
        size = np.sqrt(square)
        suited = suits(B.shape, n, task.is_single, lam / largest)
        suited &= (USUAL[0] < size) & (size < USUAL[1])
        rows, atoms = rows[suited], Atoms(B, rows_of_B, dictionary.shared, dictionary.slack)
        samples = rows, x[suited], c[suited], largest[suited], lam[suited]
        options = task.positive, task.is_single, task.tol, task.limit, ROUNDS
        sizes[rows] = rounds(*samples, atoms, *options, codes, gap, events)
        return rows

    first, others = np.split(rows, [count_probes(n) if d_s <= len(B) else PROBE])
    rows_of_B = dictionary.given_atoms
    tried = np.concatenate(in_slices(solve_block, first, 1, len(first) * B.size))
    results = B.shape, codes[tried], sizes[tried], events[tried]
    if not len(others) or not len(tried) or worth_the_homotopy(*results):
        return  # the other samples are probably like these
    work = (events[tried] * sizes[tried] ** 2.0).mean() * len(others)
    inverted = admm.suits(B.shape, len(others), task.is_single, np.zeros(1), tried=True)[0]
    if work > INVERSE * d_s**3 and inverted:
        return
    if not len(dictionary.shared) and worth_a_gram(len(others), d_s, sizes[tried]):
        dictionary.shared = problem.gram(rows_of_B, np.float32)
    workers = count_threads()
    count = workers * -(-len(others) // (BLOCK * workers))
    in_threads(solve_block, np.array_split(others, count), len(others) * B.size)


@compiled
def rounds(
    rows,
    x,
    c,
    lam,
    target,
    atoms,
    positive,
    is_single,
    tol,
    limit,
    limit_of_rounds,
    codes,
    gap,
    events,
):
    """Solve the samples `rows` (n,) to within `tol`; returns the sizes of their working sets.

    x (n, d_x) in float64; c (n, d_s): Bᵀx in the precision of B, which is changed; lam (n,): λ_k, at first λ_max, or the
    λ asked for, `target`, if that is larger. Codes of the smallest gap that a sample had go into `codes`.
    """
    B, open_samples, square, residual = atoms.B, np.arange(len(rows)), np.empty(len(rows)), x.copy()
    W, grams = (
        [np.empty(0, np.int64) for _ in open_samples],
        [np.empty((0, 0), np.float32) for _ in open_samples],
    )
    # s and B_Wᵀ(x − B_W s).
    values, slopes = [np.empty(0) for _ in open_samples], [np.empty(0) for _ in open_samples]
    # The multiplications that an entry of a Gram matrix costs.
    cost = GATHER if len(atoms.gram) else len(B)
    for _ in range(limit_of_rounds):
        count = 0
        for k in range(len(open_samples)):
            i = open_samples[k]
            r, s, is_last = rows[i], values[i], lam[i] <= target[i]
            reached = proof(c[k], atoms.slack, B, residual[i], W[i], s, slopes[i], lam[i], positive)
            if is_last and reached < gap[r]:
                gap[r], codes[r] = reached, 0
                for j in range(len(s)):
                    codes[r, W[i][j]] = s[j]
            if (is_last and reached <= tol) or events[r] >= limit:
                continue
            room = (ROUND + B.size) / cost
            places, fresh, lam[i] = choose(c[k], lam[i], target[i], positive, W[i], s, room)
            W[i], values[i], slopes[i], grams[i] = extend(
                places, fresh, atoms, residual[i], W[i], s, slopes[i], grams[i]
            )
            loose = max(LOOSE, tol)
            if lam[i] <= target[i]:
                loose = max(INNER * min(reached, 1), tol / 3)
            cheap = int(CHEAP * B.size / max(len(W[i]), 1) ** 2)
            last_gap, sweeps = min(loose, tol / 3), limit - events[r]
            events[r] += descend(
                slopes[i],
                values[i],
                grams[i],
                lam[i],
                dot(residual[i], residual[i]),
                loose,
                last_gap,
                cheap,
                positive,
                sweeps,
            )
            subtract(x[i], atoms.rows, W[i], values[i], slopes[i], is_single, residual[i])
            open_samples[count] = i
            count += 1
        open_samples = open_samples[:count]
        project(residual[open_samples], B, c, square)
    return np.array([len(places) for places in W])


@compiled
def correlate(atoms, W, residual, c):
    """Compute c = B_Wᵀ residual, (m,), in float64."""
    for i in range(len(W)):
        c[i] = dot(atoms[W[i]], residual)


@compiled
def proof(rough, slack, B, residual, W, s, c, lam, positive):
    """Return the relative duality gap of the codes s (m,) on the atoms W, given their residual and c = B_Wᵀ residual, in float64.

    rough (d_s,): the correlations of all atoms with `residual`, wrong by at most slack·‖residual‖. Those that may be larger
    than the largest one that is known in float64 are computed again in float64.
    """
    largest, square, free = lam, dot(residual, residual), np.ones(len(rough), np.bool_)
    for i in range(len(W)):
        free[W[i]] = False
        largest = max(largest, c[i] if positive else abs(c[i]))
    norm = np.sqrt(square)
    for j in range(len(rough)):
        if (rough[j] if positive else abs(rough[j])) + slack[j] * norm > largest and free[j]:
            exact = dot(B[:, j], residual)
            largest = max(largest, exact if positive else abs(exact))
    return objective(c, c, s, s, lam, square, positive, largest)[1]


@compiled
def choose(rough, lam, target, positive, W, s, room):
    """Return (the places in W of atoms that stay, the atoms that enter, the next λ_k); rough (d_s,): Bᵀ(x − B s).

    All atoms stay unless more than the share IDLE has no code: removing a few takes longer than keeping them. `room`: the
    number of atoms that enter times that of W, if it is more than FRESH and GROWTH allow.
    """
    free, used, k, m = np.ones(len(rough), np.bool_), np.count_nonzero(s), np.int64(0), np.int64(0)
    places, fresh = np.empty(len(W), np.int64), np.empty(len(rough), np.int64)
    strength = np.empty(len(rough))
    for i in range(len(W)):
        if used >= (1 - IDLE) * len(W) or s[i] != 0:
            places[k], free[W[i]] = i, False
            k += 1
    following = max(SHRINK * lam, target)
    low, high = AHEAD * following, 0.0
    for j in range(len(rough)):
        size = rough[j] if positive else abs(rough[j])
        if size > low and free[j]:
            fresh[m], strength[m], high = j, size, max(high, size)
            m += 1
    limit = max(FRESH, GROWTH * used, room / max(len(W), FRESH))
    if m > limit:
        for _ in range(HALVINGS):
            middle, count = (low + high) / 2, 0
            for i in range(m):
                count += strength[i] > middle
            low, high = (middle, high) if count > limit else (low, middle)
        count, m, following = m, 0, max(following, min(lam, low))
        for i in range(count):
            if strength[i] > low:
                fresh[m] = fresh[i]
                m += 1
    return places[:k], fresh[:m], following


@compiled
def extend(places, fresh, atoms, residual, W, s, c, gram):
    """Return (W, s, c, their Gram matrix) of the working set of the atoms at `places` of W, and of those of `fresh`."""
    k, m = len(places), len(places) + len(fresh)
    new_W, new_s, new_c = np.empty(m, np.int64), np.zeros(m), np.empty(m)
    for i in range(k):
        new_W[i], new_s[i], new_c[i] = W[places[i]], s[places[i]], c[places[i]]
    copy(fresh, new_W[k:])
    correlate(atoms.rows, fresh, residual, new_c[k:])
    if k == m == len(gram):
        return new_W, new_s, new_c, gram
    new = np.empty((m, m), np.float32)
    for i in range(k):
        row = gram[places[i]]
        for j in range(k):
            new[i, j] = row[places[j]]
    if not len(atoms.gram):
        gram_rows(atoms.rows, new_W, k, m, new)
        return new_W, new_s, new_c, new
    for i in range(k, m):
        row = atoms.gram[new_W[i]]
        for j in range(m):
            new[i, j] = row[new_W[j]]
        for j in range(k):
            new[j, i] = new[i, j]
    return new_W, new_s, new_c, new


@compiled
def subtract(x, atoms, W, s, c, is_single, residual):
    """Compute residual = x − B_W s, and c = B_Wᵀ residual, afresh; is_single: after s was rounded to float32."""
    for i in range(len(s)):
        s[i] = np.float32(s[i]) if is_single else s[i]
        c[i] = -s[i]
    copy(x, residual)
    add_rows(atoms, W, c, len(s), residual, len(residual))
    correlate(atoms, W, residual, c)


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
            allowed = not positive or S[0].min() >= 0
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
    """Return the weights w (DEPTH,) of sum 1 for which ‖Σ_i w_i (S[i + 1] − S[i])‖ is least; (0, …, 0, 1) if undefined."""
    depth, trace, total = len(S) - 1, 0.0, 0.0
    A, inverse, w = np.empty((depth, depth)), np.empty((depth, depth)), np.zeros(depth)
    for i in range(depth):
        for j in range(i + 1):
            A[i, j] = 0
            for k in range(S.shape[1]):
                A[i, j] += (S[i + 1, k] - S[i, k]) * (S[j + 1, k] - S[j, k])
            A[j, i] = A[i, j]
        trace += A[i, i]
    if 0 < trace < np.inf:
        invert(A, 1e-10 * trace, inverse)
        for i in range(depth):
            for j in range(depth):
                w[i] += inverse[i, j]
            total += w[i]
    if not 0 < total < np.inf:
        w[-1] = total = 1.0
    for i in range(depth):
        w[i] /= total
    return w
