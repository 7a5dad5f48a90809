"""The problem as arrays, which compiled code reads: a dictionary, and samples with their λ."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments
from sc2viz.exact import homotopy, loops
from sc2viz.exact.threads import in_slices, in_threads

PARTS = 8  # Each thread gets a batch in this number of slices, so that no thread waits long for the others.
ROUGH = 1e-6  # From this `tol` on, the homotopy takes slopes from a copy in float32 of a Gram matrix above LARGE bytes.
LARGE = (
    2**22
)  # A Gram matrix of more bytes than this is read from memory more slowly than it is multiplied.
STORE = 16  # To transpose an entry of a matrix takes as long as so many multiplications.
FEW = 64  # A dictionary is remembered only if it comes with at most this number of samples.
REMEMBERED = 8  # This number of dictionaries is remembered: those that were used last.
SMALL = (
    2**23
)  # A dictionary is remembered only if it takes at most this number of bytes with all that is computed of it.
NONE = np.empty(
    (0, 0), np.float32
)  # It stands for a matrix that is not there, because compiled code wants one type.


class FixedAtoms:
    """A dictionary B (d_x, d_s) and what the compiled code reads of it: C-contiguous, and computed when first used.

    ValueError for entries of B that are not finite.
    """

    def __init__(self, B: np.ndarray) -> None:
        self.given = np.ascontiguousarray(B)  # in its own precision
        self.square = loops.squares(self.given)  # ‖b_j‖², (d_s,), in float64
        if not np.isfinite(self.square).all():  # they may overflow
            arguments.finite("B", torch.from_numpy(self.given))
        self.some_atoms = np.empty(
            self.given.shape[::-1], self.given.dtype
        )  # Bᵀ, (d_s, d_x), where it is `transposed`
        self.transposed = np.zeros(len(self.some_atoms), bool)
        self.shared = NONE  # or G in float32, from which working sets take their Gram matrices
        self._gram = None

    @cached_property
    def B(self) -> np.ndarray:
        """B in float64."""
        return self.given.astype(np.float64, copy=False)

    def given_atoms(self, workers: int = 1) -> np.ndarray:
        """Bᵀ in the precision of B, (d_s, d_x): all rows of `some_atoms`."""

        def part(some: np.ndarray) -> None:
            loops.transpose(self.given, some, self.some_atoms)

        in_slices(part, (~self.transposed).nonzero()[0], 1, workers, STORE * self.given.size)
        self.transposed[:] = True
        return self.some_atoms

    @cached_property
    def slack(self) -> np.ndarray:
        """By what share of ‖r‖ rounding may change b_jᵀr in the precision of B, (d_s,)."""
        return 1.01 * (len(self.given) + 4) * np.finfo(self.given.dtype).eps * np.sqrt(self.square)

    @cached_property
    def atoms(self) -> np.ndarray:
        """Bᵀ in float64, (d_s, d_x)."""
        return self.given_atoms().astype(np.float64, copy=False)

    def gram(self, workers: int) -> np.ndarray:
        """G = BᵀB in float64, (d_s, d_s)."""
        if self._gram is None:
            self._gram = gram(self.atoms, np.float64, workers)
        return self._gram


_recent: tuple[
    tuple[tuple, FixedAtoms], ...
] = ()  # replaced as a whole, so that threads need no lock


def dictionary(B: Tensor, n: int) -> FixedAtoms:
    """The `FixedAtoms` of B, on a CPU, for n samples.

    A dictionary of few samples is remembered and recognised by its entries, because a page asks for picture after picture.
    """
    global _recent
    B = (B if B.dtype == torch.float32 else B.double()).numpy()
    d_x, d_s = B.shape
    if n > FEW or 8 * d_s * (3 * d_x + d_s) > SMALL:
        return FixedAtoms(B)
    key = B.dtype.char, B.shape, B.tobytes()
    known = next((one for one in _recent if one[0] == key), None) or (key, FixedAtoms(B.copy()))
    _recent = (known, *(one for one in _recent if one[0] is not known[0]))[:REMEMBERED]
    return known[1]


def forget() -> None:
    """Forget every dictionary that was remembered, for a benchmark that counts what is computed of one."""
    global _recent
    _recent = ()


class Samples(NamedTuple):
    """Samples of one dictionary, each with its λ, as compiled code takes them. All arrays are C-contiguous float64."""

    projection: np.ndarray  # (n, d_s): Bᵀx
    square_x: np.ndarray  # (n,): ‖x‖²
    largest: np.ndarray  # (n,): λ_max
    lam: np.ndarray  # (n,)
    B: np.ndarray  # (d_x, d_s)
    atoms: np.ndarray  # Bᵀ
    gram: np.ndarray  # (d_s, d_s), or (0, 0): then every product with it takes two with B
    square: np.ndarray  # (d_s,): ‖b_j‖²
    positive: bool

    @property
    def cost(self) -> float:
        """The multiplications of the homotopy for a sample, if half of the atoms that its support can have enter."""
        room = min(self.B.shape)
        return room / 2 * (room / 4 * self.B.shape[1] if len(self.gram) else 2 * self.B.size)

    def solve(
        self,
        rows: np.ndarray,
        tol: float,
        limit: int,
        codes: np.ndarray,
        gap: np.ndarray,
        events: np.ndarray,
        workers: int,
    ) -> None:
        """codes[r], gap[r] and events[r] at λ, for every r of `rows`, after at most `limit` events."""
        hasty = tol >= ROUGH and self.gram.nbytes > LARGE
        for rough in (self.gram.astype(np.float32), NONE) if hasty else (NONE,):

            def part(some: np.ndarray, rough=rough) -> None:
                homotopy.solve(some, self, rough, limit, *kinds(codes), gap, events)

            rows = rows[gap[rows] > tol]
            in_slices(part, rows, PARTS, workers, len(rows) * self.cost)

    def paths(self, limit: int, workers: int) -> list[tuple[np.ndarray, np.ndarray, float]]:
        """(λ of the knots (k,), codes there (k, d_s), failure) of every sample: see `homotopy.follow`.

        A path that is not finite is replaced by zeros at both ends, with an infinite failure.
        """

        def one(row: int) -> tuple[np.ndarray, np.ndarray, float]:
            largest, lam, d_s = self.largest[row], self.lam[row], len(self.square)
            if not largest > lam:
                return np.array([lam]), np.zeros((1, d_s)), 0.0
            knots, codes = (
                np.empty(limit + 2),
                np.empty((limit + 2, d_s)),
            )  # only what is written takes memory
            count, _, failure = homotopy.follow(self, row, np.zeros(d_s), NONE, limit, knots, codes)
            knots, codes = knots[:count].copy(), codes[:count].copy()
            if not (np.isfinite(knots).all() and np.isfinite(codes).all()):
                return np.array([largest, lam]), np.zeros((2, d_s)), np.inf
            return knots, codes, failure

        return in_threads(one, range(len(self.lam)), workers, len(self.lam) * self.cost)


def kinds(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(codes or (0, 0) in float64, the same in float32): compiled code that takes both is compiled once for both."""
    return (codes, NONE) if codes.dtype == np.float64 else (NONE.astype(np.float64), codes)


def products(x: np.ndarray, B: np.ndarray, workers: int) -> tuple[np.ndarray, np.ndarray]:
    """(x B (n, d_s) in the precision of B, the ‖x‖² of every row (n,) in float64)."""
    projection, square = np.empty((len(x), B.shape[1]), B.dtype), np.empty(len(x))

    def part(rows: np.ndarray) -> None:
        some = slice(rows[0], rows[-1] + 1)
        loops.project(x[some], B, projection[some], square[some])

    if len(x):
        in_slices(part, np.arange(len(x)), 1, workers, len(x) * B.size)
    return projection, square


def gram(atoms: np.ndarray, precision: np.dtype, workers: int) -> np.ndarray:
    """G = BᵀB, (d_s, d_s) in this precision, given atoms = Bᵀ. Half of it is computed, and the other is its mirror image."""
    d_s, d_x = atoms.shape
    out, everything = np.empty((d_s, d_s), precision), np.arange(d_s)
    starts = range(0, d_s, loops.TILE)
    in_threads(
        lambda first: loops.gram_rows(atoms, everything, first, min(first + loops.TILE, d_s), out),
        starts,
        workers,
        d_x * d_s**2 / 2,
    )
    return out


def worth_a_gram(n: int, d_x: int, d_s: int) -> bool:
    """Whether n samples save more by G = BᵀB than it costs.

    A knot with k atoms takes k·d_s multiplications with G and about d_x·d_s without G; a sample has about as many knots as
    its support can have atoms. G itself takes d_x·d_s² multiplications, which run faster than those of a knot: the factor
    0.9 was measured.
    """
    largest = min(d_x, d_s)
    return n * largest * (d_x - largest / 2) >= 0.9 * d_x * d_s
