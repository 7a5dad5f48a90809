"""Exact codes of few samples on a wide dictionary, each on the atoms that may be in its support: its working set.

    W ← the atoms of largest |b_jᵀx|;   repeat: s_W ← argmin F on B_W,   W ← W ∪ {j: |b_jᵀ(x − B_W s_W)| > λ}

It ends when no other atom would enter, which is the condition of optimality on all atoms (Massias, Gramfort & Salmon 2018).
The Gram matrix of all atoms, which the homotopy of many samples shares, would take longer than all the small ones here.
"""

from __future__ import annotations

import numpy as np

from sc2viz.homotopy import certify_residuals
from sc2viz.samples import Samples, in_threads, products

LEAST = 32  # atoms of a working set at the start
EXPECTED = 3  # rounds, as measured on random data; m³/8 multiplications lead to half of m atoms, one after the other
LARGE = 1e8  # multiplications: with fewer, what goes around the small matrices takes longer
SLOWER = 3  # times as long as in large matrices takes a multiplication in small ones, with all that goes around it
SMALL = 1 / 3  # of the most atoms that a support can have: where it is larger, the strongest atoms are not the right ones
ROUNDS = 10  # after which a sample is left to the homotopy on all atoms
NEAR = 0.9  # share of λ above which an atom joins, because it may enter once the others have moved


def sizes(projection: np.ndarray, lam: np.ndarray, d_x: int, positive: bool) -> np.ndarray:
    """Atoms of each sample's first working set, (n,): those that orthogonal atoms would have in the support, |b_jᵀx| > λ."""
    strength = projection if positive else np.abs(projection)
    return (strength > lam[:, None]).sum(1).clip(min(LEAST, projection.shape[1]), min(d_x, projection.shape[1]))


def suit(projection: np.ndarray, lam: np.ndarray, d_x: int, positive: bool) -> bool:
    """Whether the supports are small, and small Gram matrices take less time than the one of all atoms and its use.

    On 768×2048 with 20 samples at half of λ_max they take 3.2 ms a sample instead of 7 (processor time, random data).
    """
    n, d_s = projection.shape
    if d_s**2 * d_x / 2 + n * min(d_x, d_s) ** 2 * d_s / 8 <= LARGE:
        return False
    m = sizes(projection, lam, d_x, positive).astype(float)
    apart = (m**2 * d_x / 2 + EXPECTED * m**3 / 8).sum() + EXPECTED * n * d_x * d_s
    together = d_s**2 * d_x / 2 + (m**2 * d_s / 8).sum()
    return n > 0 and together > LARGE and m.mean() < SMALL * min(d_x, d_s) and SLOWER * apart < together


def solve(samples: Samples, x: np.ndarray, rows: np.ndarray, tol: float, limit: int, codes: np.ndarray, gap: np.ndarray,
          events: np.ndarray, workers: int) -> None:  # fmt: skip
    """codes[r], gap[r] and events[r] of x[r] at λ, for every r of `rows`; a sample that takes too long keeps gap > tol."""
    B, atoms = samples.B, samples.atoms
    first = dict(zip(rows, sizes(samples.projection[rows], samples.lam[rows], len(B), samples.positive), strict=True))
    strength = samples.projection if samples.positive else np.abs(samples.projection)
    sets = {r: np.argpartition(-strength[r], first[r] - 1)[: first[r]] for r in rows}
    grams = {r: np.empty((0, 0)) for r in rows}
    found, rest = np.zeros((len(x), B.shape[1]), codes.dtype), np.empty((len(x), len(B)))

    def one(r: int) -> None:
        """The optimum of sample r on its working set, and what it leaves of x."""
        W = sets[r]
        chosen = atoms[W]
        grams[r] = _extended(grams[r], chosen)
        mine, shape = slice(r, r + 1), np.empty(chosen.shape[::-1])  # beside its Gram matrix, only the shape of B_W is read
        alone = Samples(samples.projection[mine, W], samples.square_x[mine], samples.largest[mine], samples.lam[mine],
                        shape, chosen, grams[r], samples.square[W], samples.positive)  # fmt: skip
        answer, reached, taken = np.zeros((1, len(W)), codes.dtype), np.array([np.inf]), np.zeros(1, np.int64)
        alone.solve(np.zeros(1, np.int64), tol / 10, limit - events[r], answer, reached, taken, 1)
        found[r, W], rest[r] = answer[0], x[r] - answer[0].astype(np.float64) @ chosen
        events[r] += taken[0]

    for _ in range(ROUNDS):
        in_threads(one, rows, workers, len(rows) * B.size)
        c, _ = products(rest[rows], B, workers)
        reached = certify_residuals(rows, c, samples.projection, samples.square_x, samples.lam, samples.positive, found)
        better = reached < gap[rows]
        codes[rows[better]], gap[rows[better]] = found[rows[better]], reached[better]
        entering = (c if samples.positive else np.abs(c)) > NEAR * samples.lam[rows, None]
        for k, r in enumerate(rows):
            entering[k, sets[r]] = False
            sets[r] = np.append(sets[r], entering[k].nonzero()[0])
        rows = rows[(reached > tol) & entering.any(1) & (events[rows] < limit)]
        if not len(rows):
            return


def _extended(known: np.ndarray, atoms: np.ndarray) -> np.ndarray:
    """The Gram matrix of the rows of `atoms` (m, d_x), of which `known` is the first block."""
    m = len(known)
    if not m:
        return atoms @ atoms.T
    out = np.empty((len(atoms), len(atoms)))
    out[:m, :m], out[m:] = known, atoms[m:] @ atoms.T
    out[:m, m:] = out[m:, :m].T
    return out
