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
from itertools import compress, product

import numpy as np
import torch
from torch import Tensor

from sc2viz import defaults, solvers
from sc2viz.activations import shrink
from sc2viz.analysis import inspection, sweeps
from sc2viz.solvers import Solver, Trajectory
from sc2viz.solvers.weights import step_size

PARTS = "steps", "thresholds", "matrix", "gates"
HORIZON = 100  # iterations of ISTA
LARGE = 4.0  # of a memory whose threshold is asked for, so that float32 has the difference to seven digits


@dataclass(frozen=True, eq=False)
class Learned:
    """The parts of a network on n pictures, those that it has in the order of `PARTS`, and F as a mean over the pictures,
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
    """What `solver` learned, on x (n, d_x) at λ with `steps` ≥ 1 iterations. beyond: the safeguard acts after so many, where
    a number is given."""
    B = solver.dictionary.detach()
    path = inspection.traced(solver, x, lam, steps, beyond)
    values = _values(solver, path, x, lam, steps)

    def F(codes: Tensor) -> np.ndarray:
        return sweeps.measured(solver.centred(x), codes, B, range(len(codes)), lam).objective.mean(
            1
        )

    altered = {(): F(path.codes)}
    for chosen in product((False, True), repeat=len(values)):
        if back := tuple(compress(values, chosen)):
            altered[back] = F(
                inspection.traced(put_back(solver, back, lam), x, lam, steps, beyond).codes
            )
    plain = solvers.build(defaults.UNTRAINED[0], B, HORIZON).trace(solver.centred(x), lam, HORIZON)
    forget = path.iterations("forget_gate").mean().item() if "gates" in values else np.nan
    return Learned(values, torch.linalg.svdvals(_ista(B)).numpy(), forget, altered, F(plain.codes))


def put_back(solver: Solver, parts: Collection[str], lam: float) -> Solver:
    """The solver with these of its `PARTS` as ISTA has them at λ on the same atoms."""
    B = solver.dictionary.detach()
    tau = step_size(B)
    twin = solver
    if "steps" in parts:
        twin = inspection.with_matrices(twin, W_d=tau * B.T)
    if "matrix" in parts:
        both = ("W_e",) if solver.weights.matrices().W_m is None else ("W_e", "W_m")
        twin = inspection.with_matrices(twin, **dict.fromkeys(both, _ista(B)))
    if "thresholds" in parts:
        twin = inspection.with_activation(twin, lambda c: shrink(c, lam * tau))
    if "gates" in parts:
        hold = {"input_gate": torch.ones_like, "forget_gate": torch.zeros_like}
        twin = inspection.with_gates_held(
            twin, lambda state: {name: of(state.codes) for name, of in hold.items()}
        )
    return twin


def _ista(B: Tensor) -> Tensor:
    """I − τBᵀB."""
    return torch.eye(B.shape[1], dtype=B.dtype) - step_size(B) * B.T @ B


def _values(
    solver: Solver, path: Trajectory, x: Tensor, lam: float, steps: int
) -> dict[str, np.ndarray]:
    """The numbers of the parts that a solver has, by part. path: its trace of x."""
    B = solver.dictionary.detach()
    tau, found = step_size(B), {}
    try:
        goes_by = [name for name in ("W_d", "W_e") if inspection.goes_by(solver, name)]
        W = solver.weights.matrices() if goes_by else None
    except Exception:  # a guest that has weights of another kind
        goes_by = []
    if "W_d" in goes_by:
        found["steps"] = (W.W_d * B.T).sum(1) / (tau * B.square().sum(0)).clamp_min(1e-12)
    if solver.traits.activation == "shrinkage":
        found["thresholds"] = _thresholds(solver, x, lam, steps) / (lam * tau)
    if "W_e" in goes_by:
        found["matrix"] = torch.cat(
            [torch.linalg.svdvals(each) for each in (W.W_e, W.W_m) if each is not None]
        )
    if solver.traits.activation is not None and inspection.follows_eq7(path):
        found["gates"] = path.iterations("input_gate").mean((0, 1))
    return {name: values.numpy() for name, values in found.items()}


def _thresholds(solver: Solver, x: Tensor, lam: float, steps: int) -> Tensor:
    """What its shrinkage takes from a large memory, as a mean over the pictures: (d_s,); (T · d_s,) where layers differ."""
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
