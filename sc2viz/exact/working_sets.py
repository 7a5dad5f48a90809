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
    transpose,
)
from sc2viz.exact.problem import FixedAtoms, kinds, products
from sc2viz.exact.threads import in_slices, in_threads

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
APART = 3  # An entry of a Gram matrix of a few rows takes so many times as long as one of that of all atoms, if that is in
CACHED = 1024  # the cache: for up to so many atoms.
WIDEST = 8192  # A Gram matrix of more atoms than this takes too much memory.
USUAL = (
    1e-10,
    1e10,
)  # Norms of samples and of dictionaries in this range neither overflow nor vanish in float32.


def suits(shape: tuple[int, int], n: int, precision: np.dtype, share: np.ndarray) -> np.ndarray:
    """Which samples are solved sooner here than by the homotopy, and sooner than by ADMM in `precision`, (m,) bool.

    share (m,): λ/λ_max of some of the n samples; shape: that of B, of which the smaller number is the most atoms of a
    support, its room.
    """
    worth = np.minimum(share, 0.5) * min(shape) ** 3 * shape[1] ** 0.5 >= WORTH * shape[0]
    return worth & ~admm.suits(shape, n, precision, share)


def probe(n: int) -> int:
    """How many of n samples are tried."""
    return max(min(PROBE, n // 8), 1)


def worth_a_gram(n: int, d_s: int, sizes: list[int]) -> bool:
    """Whether n samples with working sets of about these sizes save more by one Gram matrix of all atoms than it costs."""
    entries = n * np.mean(np.square(sizes, dtype=float)) * (APART if d_s <= CACHED else 1)
    return d_s <= WIDEST and entries > d_s**2


def worth_the_homotopy(
    shape: tuple[int, int], codes: np.ndarray, sizes: np.ndarray, sweeps: np.ndarray
) -> bool:
    """Whether the homotopy would have found these codes (m, d_s) sooner; sizes of working sets and sweeps: (m,)."""
    supports = (codes != 0).sum(1)
    knot = (
        supports / 2 * shape[1] + 3 * (supports / 2) ** 2
    )  # the slopes of all correlations, and the update of G_AA⁻¹
    return (sweeps * sizes**2.0).sum() > SLOWER * (supports * knot).sum()


def solve(
    dictionary: FixedAtoms,
    x: np.ndarray,
    lam: np.ndarray,
    tol: float,
    limit: int,
    positive: bool,
    codes: np.ndarray,
    gap: np.ndarray,
    events: np.ndarray,
    workers: int,
) -> None:
    """For samples r that suit and whose gap[r] is above `tol`: codes[r] and gap[r] of x[r] at λ, and the sweeps, events[r].

    They are kept where this gap is smaller. A sample whose gap is above `tol` after `limit` sweeps or ROUNDS gets the codes
    of the smallest gap that it had.
    """
    B, rows, norm = dictionary.given, (gap > tol).nonzero()[0], np.sqrt(dictionary.square.max())
    if not (
        suits(B.shape, len(rows), codes.dtype, np.ones(1)).any() and USUAL[0] < norm < USUAL[1]
    ):
        return

    def part(some: np.ndarray) -> np.ndarray:
        """Solve those of `some` that suit, which are returned; `sizes` are those of their working sets."""
        numbers = x[some].astype(np.float64)
        c, square = products(numbers, B, 1)
        largest, size = (
            np.maximum((c if positive else np.abs(c)).max(1), lam[some]),
            np.sqrt(square),
        )
        suited = suits(B.shape, len(rows), codes.dtype, lam[some] / largest)
        wanted = suited & (USUAL[0] < size) & (size < USUAL[1])
        some, transposed = some[wanted], dictionary.transposed.copy()
        sizes[some] = rounds(
            some,
            numbers[wanted],
            c[wanted],
            largest[wanted],
            lam[some],
            B,
            dictionary.some_atoms,
            transposed,
            dictionary.shared,
            dictionary.slack,
            positive,
            tol,
            limit,
            ROUNDS,
            *kinds(codes),
            gap,
            events,
        )
        dictionary.transposed |= transposed
        return some

    tries = probe(len(rows)) if B.shape[1] <= len(B) else PROBE
    first, rest, sizes = rows[:tries], rows[tries:], np.zeros(len(x), np.int64)
    if len(rest):
        dictionary.given_atoms(workers)
    tried = np.concatenate(in_slices(part, first, 1, workers, len(first) * B.size))
    if (
        not len(rest)
        or not len(tried)
        or worth_the_homotopy(B.shape, codes[tried], sizes[tried], events[tried])
    ):
        return  # the other samples are probably like these
    work = (events[tried] * sizes[tried] ** 2.0).mean() * len(rest)
    inverted = admm.suits(B.shape, len(rest), codes.dtype, np.zeros(1), tried=True)[0]
    if work > INVERSE * B.shape[1] ** 3 and inverted:
        return
    if not len(dictionary.shared) and worth_a_gram(len(rest), B.shape[1], sizes[tried]):
        dictionary.shared = problem.gram(dictionary.given_atoms(workers), np.float32, workers)
    count = workers * -(-len(rest) // (BLOCK * workers))
    in_threads(part, np.array_split(rest, count), workers, len(rest) * B.size)


@compiled
def rounds(
    rows,
    x,
    c,
    lam,
    target,
    B,
    atoms,
    transposed,
    shared,
    slack,
    positive,
    tol,
    limit,
    most,
    double,
    single,
    gap,
    events,
):
    """Solve the samples `rows` (n,) to within `tol` in at most `most` rounds; returns the sizes of their working sets.

    x (n, d_x) in float64; c (n, d_s): Bᵀx in the precision of B, which is changed; lam (n,): λ_k, at first λ_max, or the
    λ asked for, `target`, if that is larger. atoms: Bᵀ, of which the rows `transposed` (d_s,) are filled. shared: G in
    float32, or (0, 0). Codes of the smallest gap that a sample had go into `double` or `single`: see `problem.kinds`.
    """
    going, square, rest = np.arange(len(rows)), np.empty(len(rows)), x.copy()
    W, grams = [np.empty(0, np.int64) for _ in going], [np.empty((0, 0), np.float32) for _ in going]
    codes, slopes = (
        [np.empty(0) for _ in going],
        [np.empty(0) for _ in going],
    )  # s and B_Wᵀ(x − B_W s)
    for _ in range(most):
        left = 0
        for k in range(len(going)):
            i = going[k]
            r, known, s, before, last = rows[i], W[i], codes[i], lam[i], lam[i] <= target[i]
            reached = proof(c[k], slack, B, rest[i], known, s, slopes[i], before, positive)
            if last and reached < gap[r]:
                gap[r] = reached
                if len(single):
                    place(known, s, single[r])
                else:
                    place(known, s, double[r])
            if (last and reached <= tol) or events[r] >= limit:
                continue
            cost = (
                GATHER if len(shared) else len(B)
            )  # the multiplications that an entry of a Gram matrix costs
            kept, fresh, lam[i] = choose(
                c[k], before, target[i], positive, known, s, (ROUND + B.size) / cost
            )
            transpose(B, fresh[~transposed[fresh]], atoms)
            transposed[fresh] = True
            loose = (
                max(INNER * min(reached, 1), tol / 3) if lam[i] <= target[i] else max(LOOSE, tol)
            )
            W[i], codes[i], slopes[i], grams[i], sweeps = solve_on(
                kept,
                fresh,
                atoms,
                shared,
                x[i],
                rest[i],
                known,
                s,
                slopes[i],
                grams[i],
                lam[i],
                loose,
                min(loose, tol / 3),
                int(CHEAP * B.size / max(len(kept) + len(fresh), 1) ** 2),
                positive,
                len(single) > 0,
                limit - events[r],
            )
            events[r] += sweeps
            going[left] = i
            left += 1
        going = going[:left]
        project(rest[going], B, c, square)
    return np.array([len(known) for known in W])


@compiled
def place(W, s, out):
    """out = the codes s on W, and zeros."""
    out[:] = 0
    for i in range(len(W)):
        out[W[i]] = s[i]


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
def choose(rough, lam, target, positive, W, s, room):
    """(the places in W of atoms that stay, the atoms that enter, the next λ_k); rough (d_s,): Bᵀ(x − B s).

    All atoms stay unless more than the share IDLE has no code: removing a few takes longer than keeping them. `room`: the
    number of atoms that enter times that of W, if it is more than FRESH and GROWTH allow.
    """
    free, used, k, m = np.ones(len(rough), np.bool_), np.count_nonzero(s), np.int64(0), np.int64(0)
    kept, fresh, strength = (
        np.empty(len(W), np.int64),
        np.empty(len(rough), np.int64),
        np.empty(len(rough)),
    )
    for i in range(len(W)):
        if used >= (1 - IDLE) * len(W) or s[i] != 0:
            kept[k], free[W[i]] = i, False
            k += 1
    following = max(SHRINK * lam, target)
    least, largest = AHEAD * following, 0.0
    for j in range(len(rough)):
        size = rough[j] if positive else abs(rough[j])
        if size > least and free[j]:
            fresh[m], strength[m], largest = j, size, max(largest, size)
            m += 1
    most = max(FRESH, GROWTH * used, room / max(len(W), FRESH))
    if m > most:
        for _ in range(HALVINGS):
            middle, count = (least + largest) / 2, 0
            for i in range(m):
                count += strength[i] > middle
            least, largest = (middle, largest) if count > most else (least, middle)
        count, m, following = m, 0, max(following, min(lam, least))
        for i in range(count):
            if strength[i] > least:
                fresh[m] = fresh[i]
                m += 1
    return kept[:k], fresh[:m], following


@compiled
def solve_on(
    kept,
    fresh,
    atoms,
    shared,
    x,
    rest,
    known,
    codes,
    slopes,
    gram,
    lam,
    loose,
    tol,
    cheap,
    positive,
    single,
    limit,
):
    """(W, s, c, the Gram matrix of W, sweeps) of x after `descend` on W: the places `kept` of `known`, and `fresh`.

    The `codes` on `known` left `rest` of x, which is changed, with the correlations `slopes`. single: s in float32.
    """
    k, m = len(kept), len(kept) + len(fresh)
    W, s, c = np.empty(m, np.int64), np.zeros(m), np.empty(m)
    for i in range(k):
        W[i], s[i], c[i] = known[kept[i]], codes[kept[i]], slopes[kept[i]]
    copy(fresh, W[k:])
    correlate(atoms, W[k:], rest, c[k:])
    if m != len(gram) or k < m:
        gram = extended(gram, kept, m)
        if len(shared):
            take_rows(shared, W, k, gram)
        else:
            gram_rows(atoms, W, k, m, gram)
    sweeps = descend(c, s, gram, lam, dot(rest, rest), loose, tol, cheap, positive, limit)
    for i in range(m):
        s[i] = np.float32(s[i]) if single else s[i]
        c[i] = -s[i]
    copy(x, rest)
    add_rows(atoms, W, c, m, rest, len(rest))
    correlate(atoms, W, rest, c)
    return W, s, c, gram, sweeps


@compiled
def extended(known, kept, m):
    """(m, m) in float32: first the rows and columns `kept` (k,) of `known`; all else is left to be filled."""
    out = np.empty((m, m), np.float32)
    for i in range(len(kept)):
        row, new = known[kept[i]], out[i]
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
    """The weights w (DEPTH,) of sum 1 for which ‖Σ_i w_i (S[i + 1] − S[i])‖ is least; (0, …, 0, 1) if undefined."""
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
