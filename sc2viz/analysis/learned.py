"""What a network learned, beside ISTA on its atoms, and what becomes of F where a part of it is put back to ISTA's.

    steps        (W_d B)_jj / (τ‖b_j‖²) of each atom: how long a step is along it     put back: W_d = τBᵀ
    thresholds   θ_j / (λτ) of each atom                                              put back: θ = λτ
    matrix       the singular values of W_e, and of W_m where there is one            put back: W_e = W_m = I − τBᵀB
    gates        the mean of each atom's input gate                                   put back: i = 1, f = 0

with τ = 1/‖B‖₂² and the network's own atoms B. A network that has none of the others' parts is ISTA once all are put back.
Everything is asked of what a solver computes, so that networks of the reader's own solvers are shown as well.
"""

import copy
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from itertools import compress, product

import numpy as np
import torch
from torch import Tensor

from sc2viz import defaults, solvers
from sc2viz.activations import shrink
from sc2viz.analysis import ablation, inspection, sweeps
from sc2viz.solvers import Solver, Trajectory
from sc2viz.solvers.weights import step_size

KINDS = "steps", "thresholds", "matrix", "gates"
HORIZON = 100  # iterations of ISTA
LARGE = 4.0  # of a memory whose threshold is asked for, so that float32 has the difference to seven digits


@dataclass(frozen=True, eq=False)
class Learned:
    """The parts of a network on n pictures, those that it has in the order of `KINDS`, and F as a mean over the pictures,
    that of the same reconstruction on atoms of norm 1 (`lasso.honest_objective`)."""

    values: dict[str, np.ndarray]  # by part, the numbers that the top of this file defines
    spectrum: np.ndarray  # (d_s,) the singular values of ISTA's I − τBᵀB, falling
    forget: float  # the mean of the forget gates; NaN where there are none
    F: dict[
        tuple[str, ...], np.ndarray
    ]  # (T + 1,) after each iteration, by the parts that are put back
    ista: np.ndarray  # (HORIZON + 1,) that of ISTA on the network's atoms


@torch.no_grad()
def learned(
    solver: Solver, x: Tensor, lam: float, steps: int, beyond: int | None = None
) -> Learned:
    """Return the parts that `solver` learned and F with any of them put back, on x (n, d_x) at λ with `steps` ≥ 1 iterations.
    beyond: the safeguard acts after so many, where a number is given."""
    B, x0 = solver.dictionary.detach(), solver.centred(x)
    path = inspection.traced(solver, x, lam, steps, beyond)
    values = _measure_parts(solver, path, x, lam, steps)

    def F(codes: Tensor) -> np.ndarray:
        return sweeps.measured(x0, codes, B, range(len(codes)), lam).objective.mean(1)

    altered = {(): F(path.codes)}
    for chosen in product((False, True), repeat=len(values)):
        if names := tuple(compress(values, chosen)):
            twin = put_back(solver, names, lam)
            altered[names] = F(inspection.traced(twin, x, lam, steps, beyond).codes)
    plain = solvers.build(defaults.UNTRAINED[0], B, HORIZON).trace(x0, lam, HORIZON)
    forget = path.iterations("forget_gate").mean().item() if "gates" in values else np.nan
    return Learned(values, torch.linalg.svdvals(_ista(B)).numpy(), forget, altered, F(plain.codes))


@torch.no_grad()
def step_lengths(solver: Solver) -> Tensor:
    """Return how long a step along each atom is beside ISTA's, (W_d B)_jj / (τ‖b_j‖²), (d_s,)."""
    B = solver.dictionary
    ista = step_size(B) * B.square().sum(0)
    return (solver.weights.matrices().W_d * B.T).sum(1) / ista.clamp_min(1e-12)


def put_back(solver: Solver, names: Collection[str], lam: float) -> Solver:
    """Return the solver with these of its `KINDS` of parts as ISTA has them at λ on the same atoms."""
    B = solver.dictionary.detach()
    tau, twin, matrices = step_size(B), solver, {}
    if "steps" in names:
        matrices["W_d"] = tau * B.T
    if "matrix" in names:
        has_two = solver.weights.matrices().W_m is not None
        matrices |= dict.fromkeys(("W_e", "W_m") if has_two else ("W_e",), _ista(B))
    if matrices:
        twin = inspection.with_matrices(twin, **matrices)
    if "thresholds" in names:
        twin = inspection.with_activation(twin, lambda c: shrink(c, lam * tau))
    return ablation.without_gates(twin) if "gates" in names else twin


def _ista(B: Tensor) -> Tensor:
    """Return I − τBᵀB, (d_s, d_s), ISTA's W_e on B (d_x, d_s)."""
    return torch.eye(B.shape[1], dtype=B.dtype) - step_size(B) * B.T @ B


def _measure_parts(
    solver: Solver, path: Trajectory, x: Tensor, lam: float, steps: int
) -> dict[str, np.ndarray]:
    """Return the numbers of the parts that a solver has, by part. path: its trace of x."""
    B = solver.dictionary.detach()
    tau, values = step_size(B), {}
    try:
        W, changes = solver.weights.matrices(), partial(inspection.goes_by, solver)
        uses_W_d, uses_W_e = changes("W_d"), changes("W_e")
    except Exception:  # a guest that has weights of another kind
        uses_W_d = uses_W_e = False
    if uses_W_d:
        values["steps"] = step_lengths(solver)
    if solver.traits.activation == "shrinkage":
        values["thresholds"] = _thresholds(solver, x, lam, steps) / (lam * tau)
    if uses_W_e:
        matrices = [W.W_e] if W.W_m is None else [W.W_e, W.W_m]
        values["matrix"] = torch.cat([torch.linalg.svdvals(matrix) for matrix in matrices])
    if solver.traits.activation is not None and inspection.follows_eq7(path):
        values["gates"] = path.iterations("input_gate").mean((0, 1))
    return {name: numbers.numpy() for name, numbers in values.items()}


def _thresholds(solver: Solver, x: Tensor, lam: float, steps: int) -> Tensor:
    """Return what a solver's shrinkage takes from a large memory, as a mean over the pictures: (d_s,); (T · d_s,) where layers
    differ."""
    taken = []

    def h(c: Tensor, drive) -> Tensor:
        large = torch.full_like(c, LARGE)
        taken.append((large - solver.h(large, drive)).mean(0))
        return solver.h(c, drive)

    twin = copy.copy(solver)
    twin.h = h
    twin(x, lam, steps=steps)
    theta = torch.stack(taken)
    return theta[0] if torch.equal(theta, theta[:1].expand_as(theta)) else theta.flatten()
