"""The problem as arrays, which compiled code reads: a dictionary, and samples with their λ."""

from functools import cached_property, partial
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from cachetools import LRUCache, cached
from torch import Tensor

from sc2viz import arguments
from sc2viz.exact import homotopy, loops
from sc2viz.exact.task import Task
from sc2viz.exact.threads import in_slices, in_threads

SLICES = 8  # Each thread gets a batch in this number of slices, so that no thread waits long for the others.
STORE = 16  # To transpose an entry of a matrix takes as long as so many multiplications.
BRIEF = 64  # A dictionary is remembered only if it comes with at most this number of samples.
REMEMBERED = 8  # This number of dictionaries is remembered: those that were used last.
SMALL = (
    2**23
)  # A dictionary is remembered only if it takes at most this number of bytes with all that is computed of it.


class FixedAtoms:
    """A dictionary B (d_x, d_s) and what the compiled code reads of it: C-contiguous, and computed when first used.

    ValueError for entries of B that are not finite.
    """

    def __init__(self, B: np.ndarray) -> None:
        self.given = np.ascontiguousarray(B)  # in its own precision
        self.square = loops.squares(self.given)  # ‖b_j‖², (d_s,), in float64
        if not np.isfinite(self.square).all():  # they may overflow
            arguments.finite("B", torch.from_numpy(self.given))
        # Or G in float32, from which working sets take their Gram matrices.
        self.shared = np.empty((0, 0), np.float32)

    @cached_property
    def B(self) -> np.ndarray:
        """B in float64."""
        return self.given.astype(np.float64, copy=False)

    @cached_property
    def given_atoms(self) -> np.ndarray:
        """Bᵀ in the precision of B, (d_s, d_x)."""
        rows = np.empty(self.given.shape[::-1], self.given.dtype)
        columns = np.arange(len(rows))
        in_slices(partial(loops.transpose, self.given, rows), columns, 1, STORE * rows.size)
        return rows

    @cached_property
    def slack(self) -> np.ndarray:
        """By what share of ‖r‖ rounding may change b_jᵀr in the precision of B, (d_s,)."""
        return 1.01 * (len(self.given) + 4) * np.finfo(self.given.dtype).eps * np.sqrt(self.square)

    @cached_property
    def atoms(self) -> np.ndarray:
        """Bᵀ in float64, (d_s, d_x)."""
        return self.given_atoms.astype(np.float64, copy=False)

    @cached_property
    def gram(self) -> np.ndarray:
        """G = BᵀB in float64, (d_s, d_s)."""
        return gram(self.atoms, np.float64)


def dictionary(B: Tensor, n: int) -> FixedAtoms:
    """Return the `FixedAtoms` of B, on a CPU, for n samples.

    A dictionary of few samples is remembered and recognised by its entries, because a page asks for picture after picture.
    """
    B = (B if B.dtype == torch.float32 else B.double()).numpy()
    d_x, d_s = B.shape
    if n > BRIEF or 8 * d_s * (3 * d_x + d_s) > SMALL:
        return FixedAtoms(B)
    return remembered(B)


@cached(LRUCache(REMEMBERED), key=lambda B: (B.dtype, B.shape, B.tobytes()), lock=Lock())
def remembered(B: np.ndarray) -> FixedAtoms:
    """Return the `FixedAtoms` of a copy of B, which is remembered."""
    return FixedAtoms(B.copy())


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

    def solve(self, rows: np.ndarray, task: Task, limit: int, events: np.ndarray) -> None:
        """Improve the codes of a task by the homotopy and count the events, events[r], for every r of `rows`, at most `limit` for
        each."""
        numbers = task.codes.numpy(), task.is_single, task.gap.numpy(), events
        solve = partial(homotopy.solve, self, limit, *numbers)
        in_slices(solve, rows, SLICES, len(rows) * self.cost)


def products(x: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (x B (n, d_s) in the precision of B, the ‖x‖² of every row (n,) in float64)."""
    projection, square = np.empty((len(x), B.shape[1]), B.dtype), np.empty(len(x))

    def project(rows: np.ndarray) -> None:
        block = slice(rows[0], rows[-1] + 1)
        loops.project(x[block], B, projection[block], square[block])

    if len(x):
        in_slices(project, np.arange(len(x)), 1, len(x) * B.size)
    return projection, square


def gram(atoms: np.ndarray, precision: type) -> np.ndarray:
    """Return G = BᵀB, (d_s, d_s) in this precision, given atoms = Bᵀ. Half of it is computed, and the other is its mirror
    image."""
    d_s, d_x = atoms.shape
    out, columns = np.empty((d_s, d_s), precision), np.arange(d_s)

    def fill(first: int) -> None:
        loops.gram_rows(atoms, columns, first, min(first + loops.TILE, d_s), out)

    in_threads(fill, range(0, d_s, loops.TILE), d_x * d_s**2 / 2)
    return out


def worth_a_gram(n: int, d_x: int, d_s: int) -> bool:
    """Whether n samples save more by G = BᵀB than it costs.

    A knot with k atoms takes k·d_s multiplications with G and about d_x·d_s without G; a sample has about as many knots as
    its support can have atoms. G itself takes d_x·d_s² multiplications, which run faster than those of a knot: the factor
    0.9 was measured.
    """
    largest = min(d_x, d_s)
    return n * largest * (d_x - largest / 2) >= 0.9 * d_x * d_s
