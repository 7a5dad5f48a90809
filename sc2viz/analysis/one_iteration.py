"""What each iteration of a solver does to one picture, as the figure "One iteration" shows it (browser/ideas/iteration.js)."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from sc2viz import lasso
from sc2viz.solvers import Solver

ITERATIONS = 20  # that are shown at most: later ones change little
STRONGEST = 10  # atoms that are shown with their pictures
RECORDED = "candidate", "point", "input_gate", "forget_gate"  # of a trace


def record(solver: Solver, x: Tensor, lam: float, steps: int) -> dict[str, np.ndarray]:
    """Return arrays of the iterations 1 … T of x (1, d_x) by their names, in float64, where T is `steps` or ITERATIONS.

    codes    (T + 1, d_s), and each of RECORDED that the trace has, (T, d_s)
    help     (T, d_s): Bᵀ(x − B y), the correlations with what is missing where the step starts
    norms    (1, d_s): the lengths of the atoms
    missing  (T + 1, d_x): x − B s, less the offset of a solver that has one
    F        (T + 1,): with the norms of the solver's own atoms
    """
    with torch.no_grad():
        trace = solver.trace(x, lam, min(steps, ITERATIONS))
        codes, B = trace.codes[:, 0].double(), solver.dictionary.double()
        arrays = {"codes": codes}
        for name in RECORDED:
            if name in trace.parts:
                arrays[name] = trace.iterations(name)[:, 0].double()
        x0 = solver.centred(x).double()
        arrays["help"] = (x0 - arrays.get("point", codes[:-1]) @ B.T) @ B
        arrays["norms"] = B.norm(dim=0, keepdim=True)
        arrays["missing"] = x0 - codes @ B.T
        arrays["F"] = lasso.honest_objective(x0.expand(len(codes), -1), codes, B, lam)
    return {name: array.numpy() for name, array in arrays.items()}


def strongest(records: Iterable[dict[str, np.ndarray]]) -> list[int]:
    """Return the atoms with the largest weights of all iterations and solvers, the largest first."""
    weights = np.max([np.abs(record["codes"]).max(0) for record in records], axis=0)
    return np.argsort(-weights, kind="stable")[:STRONGEST].tolist()


def alike(B: np.ndarray, atoms: Sequence[int]) -> tuple[int, int] | None:
    """Return the two of these atoms of B (d_x, d_s) that look most alike, by the size of their cosine. None without two."""
    unit = B / np.maximum(np.linalg.norm(B, axis=0), 1e-12)
    pairs = combinations(atoms, 2)
    return max(pairs, key=lambda pair: abs(unit[:, pair[0]] @ unit[:, pair[1]]), default=None)
