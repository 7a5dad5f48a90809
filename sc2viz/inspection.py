"""Look inside a solver with gates: the terms of one iteration of one atom, the parts of its memory, and altered solvers.

    c⁽ᵗ⁾ = f⁽ᵗ⁾ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ c̃⁽ᵗ⁾,   s⁽ᵗ⁾ = h(c⁽ᵗ⁾)                              (Eq. 7 and 8)
    c⁽ᵀ⁾ = Σ_t (∏_{k > t} f⁽ᵏ⁾) i⁽ᵗ⁾ c̃⁽ᵗ⁾                                        (the same, unrolled)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from sc2viz import lasso
from sc2viz.activations import double_tanh, shrink
from sc2viz.solvers import Solver, State, Trajectory, unroll


@dataclass(frozen=True)
class Iteration:
    """The numbers of one iteration of one atom on one picture. The dicts hold the terms of Eq. (8) by name, in its order."""

    previous: float  # c⁽ᵗ⁻¹⁾
    candidate: float  # c̃⁽ᵗ⁾
    input_gate: float
    forget_gate: float
    cell: float  # c⁽ᵗ⁾
    code: float  # s⁽ᵗ⁾
    to_candidate: dict[str, float]
    to_input: dict[str, float] | None  # None if the gate is a constant
    to_forget: dict[str, float] | None
    h: dict[str, float]  # {"theta"} for shrinkage, {"D", "u"} for double tanh


def iteration(solver: Solver, path: Trajectory, x: Tensor, lam: float, t: int, atom: int) -> Iteration:
    """The numbers of iteration `t` (1 … T) for `atom`, where `path` is the solver's trace of x (1, d_x) at λ.

    Raises ValueError for a solver without gates, and for an iteration or an atom that does not exist.
    """
    if path.forget_gate is None:
        raise ValueError(f"{solver.name} has no gates: use slstm or adaptive-ista")
    steps, atoms = len(path.candidate), path.codes.shape[2]
    if not 1 <= t <= steps:
        raise ValueError(f"t must be an iteration from 1 to {steps}, got {t}")
    if not 0 <= atom < atoms:
        raise ValueError(f"atom must be from 0 to {atoms - 1}, got {atom}")
    s, picture = path.codes[t - 1, 0], x[0]
    drive = solver.drive(x, lasso.as_lambda(lam, x))
    to_input, to_forget = (_gate_terms(solver, name, s, picture, lam, atom) for name in "if")
    own = [path.candidate[t - 1], path.input_gate[t - 1], path.forget_gate[t - 1], path.cell[t], path.codes[t]]
    return Iteration(
        path.cell[t - 1, 0, atom].item(),
        *(values[0, atom].item() for values in own),
        {"W_e s": (solver.W_e[atom] @ s).item(), "W_d x": (solver.W_d[atom] @ picture).item()},
        to_input,
        to_forget,
        {name: values[atom].item() for name, values in activation(solver, drive).items()},
    )


def activation(solver: Solver, drive) -> dict[str, Tensor]:
    """The parameters of a solver's activation, each (d_s,): {"theta"} for shrinkage, {"D", "u"} for double tanh."""
    values = drive.h if hasattr(drive, "h") else (drive.theta,)
    names = ("theta",) if len(values) == 1 else ("D", "u")
    size = solver.dictionary.shape[1]
    return {name: value.detach().expand(1, size)[0] for name, value in zip(names, values, strict=True)}


def _gate_terms(solver: Solver, gate: str, s: Tensor, x: Tensor, lam: float, atom: int) -> dict[str, float] | None:
    on_code = getattr(solver, f"W_{gate}s", None)
    if on_code is None:
        return None
    terms = {f"W_{gate}s s": on_code[atom] @ s, f"W_{gate}x x": getattr(solver, f"W_{gate}x")[atom] @ x}
    if solver.gate_bias is not None:
        row = "if".index(gate)
        z = torch.log10(lasso.as_lambda(lam, x[None])) + 1
        terms |= {f"b_{gate}": solver.gate_bias[row, atom], f"v_{gate} z": solver.gate_lambda[row, atom] * z}
    return {name: value.item() for name, value in terms.items()}


def memory(input_gate: Tensor, forget_gate: Tensor, candidate: Tensor) -> Tensor:
    """The contribution of each iteration's candidate to the last cell state c⁽ᵀ⁾: (T, …), whose sum over T is c⁽ᵀ⁾.

    All arguments are (T, …).
    """
    kept = torch.ones_like(forget_gate)
    kept[:-1] = forget_gate[1:].flip(0).cumprod(0).flip(0)
    return kept * input_gate * candidate


class Altered:
    """A solver whose state is changed after each iteration. `solvers.unroll` takes it."""

    def __init__(self, solver: Solver, change: Callable[[State, State], State]):
        """`change(before, after)` returns the state that the next iteration starts from."""
        self.dictionary, self.steps = solver.dictionary, solver.steps
        self.drive, self.start = solver.drive, solver.start
        self._step, self._change = solver.step, change

    def step(self, state: State, drive) -> State:
        return self._change(state, self._step(state, drive))


def with_activation(solver: Solver, h: Callable[[Tensor], Tensor]) -> Altered:
    """The solver with `h` instead of its activation; its matrices and gates are unchanged."""

    def change(before: State, after: State) -> State:
        return after._replace(codes=h(after.candidate if after.cell is None else after.cell))

    return Altered(solver, change)


def with_forget_gate(solver: Solver, x: Tensor, lam: float, steps: int, atom: int, value: float) -> State:
    """The state after `steps` iterations on x (n, d_x) when the forget gate of `atom` is fixed at `value`.

    Everything else, including the gates of the other atoms, is computed as usual from the changed codes.
    """
    parameters = activation(solver, solver.drive(x, lasso.as_lambda(lam, x)))
    h = from_parameters(**parameters)

    def change(before: State, after: State) -> State:
        forget_gate = after.forget_gate.clone()
        forget_gate[:, atom] = value
        cell = forget_gate * before.cell + after.input_gate * after.candidate
        return after._replace(codes=h(cell), cell=cell, forget_gate=forget_gate)

    return unroll(Altered(solver, change), x, lam, steps)[-1]


def from_parameters(theta: Tensor | None = None, D: Tensor | None = None, u: Tensor | None = None):
    """Return shrinkage with threshold θ, or double tanh with D and u, as a function of c alone."""
    return (lambda c: shrink(c, theta)) if theta is not None else (lambda c: double_tanh(c, D, u))
