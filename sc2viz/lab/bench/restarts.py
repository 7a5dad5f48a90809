"""`bench restarts`: how many iterations FISTA takes to F within 1e-6 of the optimum F*, without and with restarts.

Float64, on the first test rows of all data that this machine has, with their shipped or true dictionaries. F* is certified
to 1e-9. A row that is not there after `MOST` iterations counts as `MOST`.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, data, lasso, solvers

NAMES = "fista", "fista-restart"
NEAR, MOST, CERTIFIED = 1e-6, 3000, 1e-9


def run(asked: argparse.Namespace) -> None:
    """Print a line for each data set and dictionary."""
    print(
        f"λ = {asked.lam:g}, {asked.rows} test rows; iterations to (F − F*)/F* ≤ {NEAR:g}: median (most)\n"
    )
    print(
        f"{'':24}"
        + "".join(f"{solvers.solver_class(name).label:>20}" for name in NAMES)
        + "   fewer on"
    )
    for label, x, B in problems(asked.rows):
        found = [iterations(name, x, B, asked.lam) for name in NAMES]
        told = "".join(f"{np.median(each):>11.0f} ({each.max():>5})".rjust(20) for each in found)
        print(f"{label:24}{told} {np.mean(found[1] < found[0]):>9.0%}", flush=True)


def problems(rows: int) -> Iterator[tuple[str, Tensor, Tensor]]:
    """A name, x (n, d_x) and B (d_x, d_s), both float64, of every data set that is there."""
    for name in data.NAMES:
        try:
            images = data.load(name, "test")
        except (ValueError, OSError) as error:
            print(f"{name:24} is left out: {str(error).partition(':')[0]}")
            continue
        x = images.pixels[:rows].double()
        if images.dictionary is not None:
            yield name, x, images.dictionary.double()
        for of in checkpoints.dictionaries(data.weights(name)):
            B = checkpoints.load_dictionary(of).double()
            yield f"{name}, {B.shape[1]} atoms", x, B


@torch.no_grad()
def iterations(name: str, x: Tensor, B: Tensor, lam: float) -> np.ndarray:
    """The first iteration of each row from which on F stays within `NEAR` of F*, (n,)."""
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=CERTIFIED).codes, B, lam)
    solver = solvers.build(name, B)
    drive, state = solver.drive(x, lasso.as_lambda(lam, x)), solver.start(x)
    first = torch.zeros(len(x), dtype=torch.long)
    for t in range(1, MOST + 1):
        state = solver.step(state, drive)
        away = lasso.objective(x, state.codes, B, lam) > (1 + NEAR) * best
        first[away] = t + 1
        if not away.any() and t > 2 * int(first.max()) + 50:
            break
    return first.clamp(1, MOST).numpy()
