"""Codes that the app makes itself, so that the truth is known: which problem is at hand, and its data."""

from dataclasses import replace
from threading import Lock
from typing import NamedTuple

import numpy as np
from cachetools import LRUCache, cached

from sc2viz import data
from sc2viz.ui import session
from sc2viz.words import N_

LAYERS = 16  # as many as the networks for these codes have
SIZES = tuple(k / 10 for k in range(1, 11))  # d_x/d_s where its slider stops
NONZEROS = (
    0.01,
    0.02,
    0.03,
    0.04,
    0.05,
    0.06,
    0.07,
    0.08,
    0.09,
    0.1,
    0.11,
    0.12,
    0.13,
    0.14,
    0.16,
    0.18,
    0.2,
    0.25,
    0.3,
)
SNR = (
    0,
    5,
    10,
    15,
    20,
    25,
    30,
    35,
    40,
    45,
    50,
    60,
    100,
)  # dB; at 100 the noise is below what float32 tells apart
COSTS = {
    "multiplications": N_("multiplications"),
    "one": N_("ms, one signal"),
    "thousand": N_("ms, 1,000 signals"),
}
ROWS = 200  # signals that can be shown
NONZERO = 10_000  # of all codes of which means are taken, at most: with k = 250 they would take 20 s of the processor


class Problem(NamedTuple):
    """Signals x = B s* + noise. By default that of the papers after SC2Net: d_x = 250, d_s = 500, Bernoulli 0.1, 40 dB."""

    d_x: int = 250
    d_s: int = 500
    k: int = 50  # the non-zeros of a code
    snr: int = 40  # dB
    exactly: bool = False  # whether each code has k non-zeros; else each of its entries is one with probability k/d_s

    def law(self) -> dict[str, float]:
        """How many non-zeros and how much noise, as `data.synthetic` takes them."""
        return ({"k": self.k} if self.exactly else {"sparsity": self.k / self.d_s}) | {
            "snr_db": float(self.snr)
        }

    def options(self) -> dict[str, float]:
        """What `data.synthetic` takes for it."""
        return {"n_samples": ROWS, "d_x": self.d_x, "d_s": self.d_s, **self.law()}

    def python(self, split: str = "test") -> str:
        """The Python expression that draws the signals of a split that the page uses."""
        arguments = "".join(f", {name}={value:g}" for name, value in self.options().items())
        rows = self.tuned if split == "train" else self.rows
        return f'data.load("synthetic", "{split}"{arguments}){"" if rows == ROWS else f"[:{rows}]"}'

    @property
    def rows(self) -> int:
        """The signals of which means are taken."""
        return max(20, min(ROWS, NONZERO // self.k))

    @property
    def tuned(self) -> int:
        """The other signals on which λ is tuned."""
        return 3 * self.rows // 10

    @property
    def mark(self) -> str:
        """What stands for its dictionary."""
        return f"known {self.d_x}×{self.d_s}"


RECIPE = Problem()
_TEST = (0, 2)  # the seeds of the rows of `data.synthetic`'s test split


def at_hand() -> Problem:
    """The problem that the reader has chosen on Known codes."""
    return session.PROBLEM.get() or RECIPE


def moved(problem: Problem, row: int, **law: float) -> tuple[np.ndarray, np.ndarray]:
    """Signal `row` of the test split by another law, a `sparsity`, `k` or `snr_db`, and its code: (d_x,) and (d_s,).

    The same random numbers are drawn, so that it moves little where the law does, and the dictionary is not made again.
    """
    signals = images(problem)
    sample = replace(signals.law, **law).draw(
        ROWS, signals.dictionary.numpy(), np.random.RandomState(_TEST)
    )
    return sample.pixels[row].astype(np.float32), sample.codes[row].astype(np.float32)


@cached(LRUCache(6), lock=Lock())
def images(problem: Problem, split: str = "test") -> data.Images:
    """The signals of a problem, with `codes` and `dictionary`: its test split is shown, its training split tunes λ."""
    return data.load("synthetic", split, **problem.options())


def averaged(problem: Problem) -> data.Images:
    """The signals of which means are taken."""
    return images(problem)[: problem.rows]


def tuning(problem: Problem) -> data.Images:
    """The signals on which λ is tuned, none of which is shown."""
    return images(problem, "train")[: problem.tuned]
