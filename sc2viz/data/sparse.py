"""Signals whose codes are known: sparse combinations of random atoms, plus noise."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sc2viz import arguments

AMPLITUDES = ("normal", "signs")
# Of the search for atoms of a condition number, which is met to this share
ROUNDS, NEAR = 200, 1e-4


class Signals(NamedTuple):
    """Signals (n, d_x) and their codes (n, d_s), float64."""

    pixels: np.ndarray
    codes: np.ndarray


@dataclass(frozen=True)
class Law:
    """How signals are drawn. ValueError for an option outside its range.

    sparsity     each code is not zero with this probability: Bernoulli
    k            exactly k codes of a row are not zero, in the place of `sparsity`
    amplitudes   of those: "normal", standard normal, or "signs", −1 and 1
    noise        the standard deviation of white noise
    snr_db       the signal-to-noise ratio of every row, ‖Bs‖² over the mean of the squared norm of its noise, in decibels,
                 in the place of `noise`
    """

    sparsity: float = 0.05
    k: int | None = None
    amplitudes: str = "normal"
    noise: float = 0.0
    snr_db: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.sparsity <= 1:
            raise ValueError(
                f"sparsity, the share of non-zero codes, must lie in (0, 1], got {self.sparsity!r}"
            )
        if self.k is not None:
            arguments.whole_number("k, the number of non-zero codes of a row,", self.k)
        if self.amplitudes not in AMPLITUDES:
            raise ValueError(
                f"amplitudes must be one of {', '.join(AMPLITUDES)}, got {self.amplitudes!r}"
            )
        if not 0 <= self.noise < np.inf:
            raise ValueError(
                f"noise, a standard deviation, must be finite and ≥ 0, got {self.noise!r}"
            )
        if self.snr_db is not None and not np.isfinite(self.snr_db):
            raise ValueError(
                f"snr_db must be a finite number of decibels, got {self.snr_db!r}: leave it out for no noise"
            )
        if self.snr_db is not None and self.noise:
            raise ValueError(
                f"noise must be left out where snr_db says how much there is, got {self.noise!r}"
            )

    def draw(self, n: int, dictionary: np.ndarray, rng: np.random.RandomState) -> Signals:
        """Draw n signals of the atoms `dictionary` (d_x, d_s) and their codes by this law."""
        d_x, d_s = dictionary.shape
        if self.k is not None and self.k > d_s:
            raise ValueError(f"k must be at most the number of atoms, {d_s}, got {self.k}")
        codes = rng.standard_normal((n, d_s))
        chance = rng.uniform(size=(n, d_s))
        if self.k is None:
            used = chance < self.sparsity
        else:
            used = chance <= np.partition(chance, self.k - 1, axis=1)[:, self.k - 1 : self.k]
        codes = (codes if self.amplitudes == "normal" else np.sign(codes)) * used
        pixels = codes @ dictionary.T
        deviation = self.noise
        if self.snr_db is not None:
            deviation = (
                np.linalg.norm(pixels, axis=1, keepdims=True)
                * 10 ** (-self.snr_db / 20)
                / np.sqrt(d_x)
            )
        return Signals(pixels + deviation * rng.standard_normal((n, d_x)), codes)


def random_atoms(d_x: int, d_s: int, seed: int, condition: float | None = None) -> np.ndarray:
    """Draw Gaussian atoms of norm one, (d_x, d_s); with a `condition` number, its singular values fall as a geometric series."""
    atoms = np.random.RandomState(seed).standard_normal((d_x, d_s))
    atoms /= np.linalg.norm(atoms, axis=0)
    return atoms if condition is None else _conditioned(atoms.tobytes(), d_x, d_s, float(condition))


@lru_cache(maxsize=4)
def _conditioned(atoms: bytes, d_x: int, d_s: int, condition: float) -> np.ndarray:
    """Return the atoms (d_x, d_s) brought to a condition number: singular values are set and norms made one, in turns."""
    matrix, rank = np.frombuffer(atoms).reshape(d_x, d_s), min(d_x, d_s)
    if not 1 <= condition < np.inf or rank == 1 and condition > 1:
        raise ValueError(
            f"condition, the largest singular value over the least, must be ≥ 1 and finite, got {condition!r}"
        )
    series = condition ** -np.linspace(0, 1, rank)
    for _ in range(ROUNDS):
        U, values, V = np.linalg.svd(matrix, full_matrices=False)
        if abs(values[0] / values[-1] / condition - 1) < NEAR:
            return matrix
        matrix = (U * series) @ V
        matrix = matrix / np.linalg.norm(matrix, axis=0)
    raise ValueError(
        f"condition must be one that {d_s} atoms of {d_x} values and norm one can have, got {condition!r}"
    )
