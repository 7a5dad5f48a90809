"""What each iteration of a solver does to one picture, as the figure "One iteration" shows it (browser/ideas/iteration.js)."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from sc2viz import lasso
from sc2viz.solvers import Solver

ITERATIONS = 20  # that are shown at most: later ones change little
STRONGEST = 10  # atoms that are shown with their pictures
PARTS = "candidate", "point", "input_gate", "forget_gate"  # of a trace


def record(solver: Solver, x: Tensor, lam: float, steps: int) -> dict[str, np.ndarray]:
    """Iterations 1 … T of x (1, d_x), in float64, where T is `steps` or ITERATIONS.

    codes    (T + 1, d_s), and each of PARTS that the trace has, (T, d_s)
    help     (T, d_s): Bᵀ(x − B y), the correlations with what is missing where the step starts
    norms    (1, d_s): the lengths of the atoms
    missing  (T + 1, d_x): x − B s, less the offset of a solver that has one
    F        (T + 1,): with the norms of the solver's own atoms
    """
    with torch.no_grad():
        trace = solver.trace(x, lam, min(steps, ITERATIONS))
        codes, B = trace.codes[:, 0].double(), solver.dictionary.double()
        parts = {
            name: trace.iterations(name)[:, 0].double() for name in PARTS if name in trace.parts
        }
        seen = solver.centred(x).double()
        parts["help"] = (seen - parts.get("point", codes[:-1]) @ B.T) @ B
        missing = seen - codes @ B.T
        F = lasso.honest_objective(seen.expand_as(missing), codes, B, lam)
    norms = B.norm(dim=0, keepdim=True)
    arrays = {"codes": codes, **parts, "norms": norms, "missing": missing, "F": F}
    return {name: array.numpy() for name, array in arrays.items()}


def strongest(records: Iterable[dict[str, np.ndarray]]) -> list[int]:
    """The atoms with the largest weights of all iterations and solvers, the largest first."""
    weights = np.max([np.abs(each["codes"]).max(0) for each in records], axis=0)
    return np.argsort(-weights, kind="stable")[:STRONGEST].tolist()
