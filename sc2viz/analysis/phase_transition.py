"""The phase transition of sparse recovery: up to how many non-zeros a code is found again, and theory's answer.

A code with k non-zeros is drawn, and x = B s* without noise. It counts as recovered where ‖s − s*‖² ≤ 1e-4 ‖s*‖². The
supports need not be equal: for every λ > 0 the Lasso's may hold more than the true one. With δ = d_x/d_s and ρ = k/d_x,
codes below a curve are recovered and those above are not, the more sharply the larger d_s is. Donoho & Tanner (2009) have
the curve for ℓ1 and codes of either sign, the weak one; with φ and Φ the normal density and distribution, for z > 0

    δ = 2φ(z) / (z + 2(φ(z) − z Φ(−z))),    ρ = 1 − z Φ(−z) / φ(z).

A network belongs to one dictionary, and here every trial has another; the map is for solvers that need no training.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import lasso, solvers
from sc2viz.data.sparse import Law, random_atoms

RECOVERED = 1e-4  # of ‖s*‖²: the largest ‖s − s*‖² of a code that counts as recovered, −40 dB
SHARE = 1e-5  # λ over λ_max, small enough that what the price takes away does not count
SIZE, ATOMS, TRIALS = 15, 100, 20  # of the map: cells a side, d_s, trials a cell

Finder = Callable[
    [Tensor, Tensor, int], Tensor
]  # x (1, d_x), B (d_x, d_s) and k → codes (1, d_s), all float64


@cache
def weak_curve(points: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return Donoho and Tanner's curve: δ (points,), rising within (0, 1), and ρ there."""
    z = np.geomspace(5, 1e-3, points)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    beyond = np.array([math.erfc(value / math.sqrt(2)) / 2 for value in z])  # Φ(−z)
    return 2 * density / (z + 2 * (density - z * beyond)), 1 - z * beyond / density


def weak_threshold(delta: float) -> float:
    """Return ρ of the curve `weak_curve` at δ in (0, 1)."""
    if not 0 < delta < 1:
        raise ValueError(f"delta, d_x over d_s, must lie between 0 and 1, got {delta}")
    return float(np.interp(delta, *weak_curve(2000)))


def draw_trial(d_x: int, d_s: int, k: int, seed: int) -> Iterator[Tensor]:
    """Draw x (1, d_x), a dictionary B (d_x, d_s) of its own, and the true code (1, d_s) with k non-zeros, all float64."""
    B = random_atoms(d_x, d_s, seed)
    x, true = Law(k=k).draw(1, B, np.random.RandomState([seed, d_x, k]))
    return map(torch.from_numpy, (x, B, true))


def exact_codes(x: Tensor, B: Tensor, k: int) -> Tensor:
    """Return the exact codes (1, d_s) of x (1, d_x) on B (d_x, d_s) at λ = 1e-5 λ_max; a `Finder`, which ignores k."""
    return lasso.solve(x, B, SHARE * lasso.lambda_max(x, B), tol=1e-6).codes


def finder(name: str, steps: int = 300) -> Finder:
    """Return a function that finds codes by the solver of a name, at λ = 1e-5 λ_max. One that counts atoms has k iterations, the
    others `steps`; one that keeps k codes is told k. ValueError for a solver that learns."""
    traits = solvers.solver_class(name).traits
    if traits.learned:
        raise ValueError(
            f"solver must need no training, because every trial has another dictionary, got {name!r}"
        )

    def find(x: Tensor, B: Tensor, k: int) -> Tensor:
        options = {"k": k} if "k" in solvers.options_of(name) else {}
        solver = solvers.build(name, B, k if traits.counts == "atoms" else steps, **options)
        with torch.no_grad():
            return solver(x, SHARE * lasso.lambda_max(x, B))

    return find


def recovered(find: Finder, d_x: int, d_s: int, k: int, seeds: Iterable[int]) -> np.ndarray:
    """Return whether the code of each of the trials with these seeds is recovered, (trials,) bool."""
    trials = (draw_trial(d_x, d_s, k, seed) for seed in seeds)
    shares = [(find(x, B, k) - true).square().sum() / true.square().sum() for x, B, true in trials]
    return np.array(shares) <= RECOVERED


class Map(NamedTuple):
    """δ (cells,) and ρ (cells,) of the middles of the cells, and the share recovered, (cells of ρ, cells of δ)."""

    delta: np.ndarray
    rho: np.ndarray
    share: np.ndarray


def border(measured: Map) -> np.ndarray:
    """Return the ρ up to which half of the codes or more are found, in each column of a map, (cells of δ,): linear between the
    middles of two cells. At ρ = 0 all are found; 1 where half are found in every cell."""
    rho, reached = [0.0, *measured.rho], []
    for column in measured.share.T:
        share = np.array([1.0, *column])
        k = int((share < 0.5).argmax())  # the first cell beyond; 0 where there is none
        ends = share[[k, k - 1]], [rho[k], rho[k - 1]]
        reached.append(np.interp(0.5, *ends) if k else 1.0)
    return np.array(reached)


def sizes(delta: float, rho: float, d_s: int = ATOMS) -> tuple[int, int]:
    """Return the whole numbers d_x and k, at least 1, of a cell of the map at δ and ρ."""
    d_x = max(1, round(delta * d_s))
    return d_x, max(1, round(rho * d_x))


def tabulate(measured: Map) -> dict[str, list]:
    """Return a map as lists: its shares, the d_x and k of its cells, its border, and theory's curve and its ρ in each column."""
    return {
        **{name: values.tolist() for name, values in measured._asdict().items()},
        "sizes": [[sizes(delta, rho) for delta in measured.delta] for rho in measured.rho],
        "border": border(measured).tolist(),
        "curve": [line.tolist() for line in weak_curve()],
        "theory": list(map(weak_threshold, measured.delta.tolist())),
    }


def map_row(
    find: Finder, row: int, size: int, d_s: int = ATOMS, trials: int = TRIALS
) -> np.ndarray:
    """Return the share of codes recovered in each cell of a row of a map of size × size cells, (size,): those of one ρ. The
    trials of a cell have seeds of their own."""
    shares = []
    for column in range(size):
        d_x, k = sizes((column + 0.5) / size, (row + 0.5) / size, d_s)
        first = (row * size + column) * trials
        shares.append(recovered(find, d_x, d_s, k, range(first, first + trials)).mean())
    return np.array(shares)
