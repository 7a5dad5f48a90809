"""Codes that the app makes itself, so that the truth is known: which problem is at hand, and its data."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sc2viz import data
from sc2viz.ui import session
from sc2viz.words import N_

LAYERS = 16  # as many as the networks for these codes have
# Where the sliders stop: d_x/d_s, the share of non-zeros, and dB, at 100 of which float32 tells no noise
SIZES = tuple(k / 10 for k in range(1, 11))
NONZEROS = (*(k / 100 for k in range(1, 15)), 0.16, 0.18, 0.2, 0.25, 0.3)
SNR = (*range(0, 51, 5), 60, 100)
COSTS = {
    "multiplications": N_("multiplications"),
    "one": N_("ms, one signal"),
    "thousand": N_("ms, 1,000 signals"),
}
ROWS = 200  # signals that can be shown
# Non-zeros of all codes of which means are taken, at most: with k = 250 they would take 20 s of the processor.
MAX_NONZEROS = 10_000


class Problem(NamedTuple):
    """Signals x = B s* + noise. By default that of the papers after SC2Net: d_x = 250, d_s = 500, Bernoulli 0.1, 40 dB."""

    d_x: int = 250
    d_s: int = 500
    k: int = 50  # the non-zeros of a code
    snr: int = 40  # dB
    exactly: bool = False  # whether each code has k non-zeros; else each of its entries is one with probability k/d_s

    def law(self) -> dict[str, float]:
        """Return how many non-zeros and how much noise there are, as arguments of `data.synthetic`."""
        nonzeros = {"k": self.k} if self.exactly else {"sparsity": self.k / self.d_s}
        return nonzeros | {"snr_db": float(self.snr)}

    def options(self) -> dict[str, float]:
        """Return the arguments with which `data.synthetic` makes these signals."""
        return {"n_samples": ROWS, "d_x": self.d_x, "d_s": self.d_s, **self.law()}

    def python(self, split: str = "test") -> str:
        """Return the Python expression that loads those signals of a split that the page uses."""
        arguments = "".join(f", {name}={value:g}" for name, value in self.options().items())
        rows = self.tuned if split == "train" else self.rows
        return f'data.load("synthetic", "{split}"{arguments}){"" if rows == ROWS else f"[:{rows}]"}'

    @property
    def rows(self) -> int:
        """How many signals are used where a mean is taken."""
        return max(20, min(ROWS, MAX_NONZEROS // self.k))

    @property
    def tuned(self) -> int:
        """How many other signals λ is tuned on."""
        return 3 * self.rows // 10

    @property
    def mark(self) -> str:
        """What stands for its dictionary in caches: the size."""
        return f"known {self.d_x}×{self.d_s}"


RECIPE = Problem()


def current_problem() -> Problem:
    """Return the problem that the reader has chosen on Known codes; the papers' recipe until then."""
    return session.problem or RECIPE


def redraw(problem: Problem, row: int, **law: float) -> tuple[np.ndarray, np.ndarray]:
    """Return signal `row` of the test split by another law, a `sparsity`, `k` or `snr_db`, and its code: (d_x,) and (d_s,).

    The same random numbers are drawn, so that it moves little where the law does, and the dictionary is not made again.
    """
    signals = images(problem)
    random = np.random.RandomState((0, 2))  # the seeds of the rows of the test split
    sample = replace(signals.law, **law).draw(ROWS, signals.dictionary.numpy(), random)
    return sample.pixels[row].astype(np.float32), sample.codes[row].astype(np.float32)


@lru_cache(6)
def images(problem: Problem, split: str = "test") -> data.Images:
    """Return the signals of a problem, with `codes` and `dictionary`: its test split is shown, its training split tunes λ."""
    return data.load("synthetic", split, **problem.options())


def averaged(problem: Problem) -> data.Images:
    """Return the signals of which means are taken."""
    return images(problem)[: problem.rows]


def tuning(problem: Problem) -> data.Images:
    """Return the signals on which λ is tuned, none of which is shown."""
    return images(problem, "train")[: problem.tuned]
