"""Look inside a solver with gates: the terms of one iteration of one atom, the parts of its memory, and altered solvers.

c⁽ᵗ⁾ = f⁽ᵗ⁾ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ c̃⁽ᵗ⁾,   s⁽ᵗ⁾ = h(c⁽ᵗ⁾)                              (Eq. 7 and 8)
c⁽ᵀ⁾ = Σ_t (∏_{k > t} f⁽ᵏ⁾) i⁽ᵗ⁾ c̃⁽ᵗ⁾                                        (the same, unrolled)
"""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import lasso
from sc2viz.activations import double_tanh, shrink
from sc2viz.solvers import Solver, State, Trajectory, failing, unroll
from sc2viz.solvers.cell import Safeguard
from sc2viz.solvers.shortening import shortened
from sc2viz.solvers.weights import level


class Iteration(NamedTuple):
    """The numbers of one iteration of one atom on one picture. The dicts hold the terms of Eq. (8) by name, in its order."""

    previous: float  # c⁽ᵗ⁻¹⁾
    candidate: float  # c̃⁽ᵗ⁾
    input_gate: float
    forget_gate: float
    cell: float  # c⁽ᵗ⁾
    code: float  # s⁽ᵗ⁾
    # The candidate's terms; None where the solver computes it in another way than Eq. (8).
    to_candidate: dict[str, float] | None
    # The input gate's terms; None where it is a constant or computed in another way than Eq. (8).
    to_input: dict[str, float] | None
    # The forget gate's terms; None likewise, and where a bounded cell takes 1 − i instead.
    to_forget: dict[str, float] | None
    h: dict[str, float]  # {"theta"} for shrinkage, {"D", "u"} for double tanh


def iteration(
    solver: Solver, path: Trajectory, x: Tensor, lam: float, t: int, atom: int
) -> Iteration:
    """Return the numbers of iteration `t` (1 … T) for `atom`, where `path` is the trace of x (1, d_x) at λ of a solver with
    gates."""
    s, picture = path.codes[t - 1, 0], x[0]
    with failing.name_failures(solver):
        drive = solver.drive(x, lasso.as_lambda(lam, x))
    gated = path.candidate[t - 1], path.input_gate[t - 1], path.forget_gate[t - 1]
    candidate, input_gate, forget_gate, previous, cell, code = (
        values[0, atom].item() for values in (*gated, *path.cell[t - 1 : t + 1], path.codes[t])
    )
    scale = getattr(drive, "scale", None)
    alpha = None if scale is None else scale[:, -1:]
    to_input, to_forget = (
        _if_they_add_up(
            _gate_terms(solver, gate, s, picture, lam, atom, alpha), value, torch.sigmoid
        )
        for gate, value in (("i", input_gate), ("f", forget_gate))
    )
    W = solver.weights.matrices()
    to_candidate = {"W_e s": (W.W_e[atom] @ s).item(), "W_d x": (W.W_d[atom] @ picture).item()}
    return Iteration(
        previous,
        candidate,
        input_gate,
        forget_gate,
        cell,
        code,
        _if_they_add_up(to_candidate, candidate, lambda total: total),
        to_input,
        to_forget,
        {name: values[atom].item() for name, values in activation(solver, drive).items()},
    )


def activation(solver: Solver, drive) -> dict[str, Tensor]:
    """Return the parameters of a solver's activation by their names, each (d_s,): {"theta"} for shrinkage, {"D", "u"} for double
    tanh, and none for another one."""
    names = {"shrinkage": ("theta",), "double-tanh": ("D", "u")}.get(solver.traits.activation, ())
    values = drive.h if hasattr(drive, "h") else (getattr(drive, "theta", None),)
    if len(names) != len(values) or any(value is None for value in values):
        return {}
    size = solver.dictionary.shape[1]
    return {
        name: value.detach().expand(1, size)[0] for name, value in zip(names, values, strict=True)
    }


def _gate_terms(
    solver: Solver, gate: str, s: Tensor, x: Tensor, lam: float, atom: int, alpha: Tensor | None
) -> dict[str, float]:
    """Return the terms of one gate of one atom, by their names in Eq. (8), as far as a solver has parameters under the names of
    SLSTM's. gate: "i", the input gate, or "f", the forget gate; s (d_s,): the code before; x (d_x,): the picture; alpha: the
    brightness (1, 1) of x that a bounded one divides by."""
    row, z = "if".index(gate), level(lasso.as_lambda(lam, x[None]), alpha)
    over, scale = ("", 1.0) if alpha is None else ("/α", alpha[0, 0])
    terms = {
        f"W_{gate}s s{over}": (f"W_{gate}s", lambda W: W[atom] @ s / scale),
        f"W_{gate}x x{over}": (f"W_{gate}x", lambda W: W[atom] @ x / scale),
        f"b_{gate}": ("gate_bias", lambda b: b[row, atom]),
        f"v_{gate} z": ("gate_lambda", lambda v: v[row, atom] * z),
    }
    return {
        name: term(values).item()
        for name, (key, term) in terms.items()
        if (values := getattr(solver, key, None)) is not None
    }


def _if_they_add_up(
    terms: dict[str, float], value: float, h: Callable[[Tensor], Tensor]
) -> dict[str, float] | None:
    """Return `terms` where `h` of their sum is `value`; else None, because the value was not made of these terms alone."""
    total = h(torch.tensor(sum(terms.values()), dtype=torch.float64))
    adds_up = torch.isclose(total, total.new_tensor(value), rtol=1e-3, atol=1e-4)
    return terms if terms and adds_up else None


def memory(input_gate: Tensor, forget_gate: Tensor, candidate: Tensor) -> Tensor:
    """Return the contribution of each iteration's candidate to the last cell state c⁽ᵀ⁾: (T, …), whose sum over T is c⁽ᵀ⁾.

    All arguments are (T, …).
    """
    retention = torch.ones_like(forget_gate)
    retention[:-1] = forget_gate[1:].flip(0).cumprod(0).flip(0)
    return retention * input_gate * candidate


def with_activation(solver: Solver, h: Callable[[Tensor], Tensor]) -> Solver:
    """Return the solver with `h` instead of its activation; its matrices and gates are unchanged.

    Raises ValueError if the solver has no activation.
    """
    if solver.traits.activation is None:
        raise ValueError(f"{solver.label} has no activation: use a solver whose traits name one")
    twin = copy.copy(solver)
    twin.h = lambda c, drive: h(c)
    return twin


def with_matrices(solver: Solver, **matrices: Tensor) -> Solver:
    """Return the solver with some of the matrices of its weights replaced (`weights.Matrices`); its dictionary is unchanged."""
    twin, weights = copy.copy(solver), copy.copy(solver.weights)
    altered = solver.weights.matrices()._replace(**matrices)
    weights.matrices = lambda: altered
    twin._modules = {**solver._modules, "weights": weights}
    return twin


def with_gates_held(solver: Solver, hold: Callable[[State], dict[str, Tensor]]) -> Solver:
    """Return the solver with some of its gates held at other values than those that it computes.

    `hold` is given the state after an iteration and returns the gates to replace, each (n, d_s), by their fields. The
    solver must follow Eq. (7) and have an activation.
    """

    def step(state: State, drive) -> State:
        result = solver.step(state, drive)
        result = result._replace(**hold(result))
        cell = result.forget_gate * state.cell + result.input_gate * result.candidate
        codes = shortened(solver.h(cell, drive), result.t, drive)
        return result._replace(codes=codes, cell=cell)

    twin = copy.copy(solver)
    twin.step = step
    return twin


def traced(solver: Solver, x: Tensor, lam: float, steps: int, beyond: int | None) -> Trajectory:
    """Return the trace of `steps` iterations, with the safeguard after the first `beyond` where a number is given."""
    return solver.trace(x, lam, steps, safeguard=beyond is not None, beyond=beyond or 0)


def ends(
    solver: Solver, x: Tensor, lam: float | Tensor, steps: int | None, beyond: int | None
) -> State:
    """Return the last state of what `traced` records: that after `steps` iterations, by default the solver's own number."""
    cell = solver if beyond is None else Safeguard(solver, x, lam, beyond)
    return unroll(cell, x, lam, steps)[-1]


def with_forget_gate(
    solver: Solver,
    x: Tensor,
    lam: float,
    steps: int,
    atom: int,
    value: float,
    beyond: int | None = None,
) -> State:
    """Return the state after `steps` iterations on x (n, d_x) when the forget gate of `atom` is fixed at `value`, with the
    safeguard after the first `beyond` iterations where a number is given.

    Everything else, including the gates of the other atoms, is computed as usual from the changed codes. The solver must
    follow Eq. (7) and have an activation.
    """

    def hold(state: State) -> dict[str, Tensor]:
        gate = state.forget_gate.clone()
        gate[:, atom] = value
        return {"forget_gate": gate}

    return ends(with_gates_held(solver, hold), x, lam, steps, beyond)


def follows_eq7(path: Trajectory) -> bool:
    """Whether c⁽ᵗ⁾ = f⁽ᵗ⁾ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ c̃⁽ᵗ⁾ holds at every iteration of a trace, as `memory` and `iteration` require."""
    names = {"cell", "candidate", "input_gate", "forget_gate"}
    if not names <= set(path.parts) or len(path.cell) != len(path.codes):
        return False
    i, f, candidate = map(path.iterations, ("input_gate", "forget_gate", "candidate"))
    cell = f * path.cell[:-1] + i * candidate
    return torch.allclose(cell, path.cell[1:], rtol=1e-4, atol=1e-5, equal_nan=True)


def explained(solver: Solver, path: Trajectory, x: Tensor, lam: float) -> bool:
    """Whether `iteration` has all numbers of a trace of x (n, d_x) at λ: the trace follows Eq. (7), its codes are s = h(c),
    and h is shrinkage or double tanh."""
    if solver.traits.activation is None or not follows_eq7(path):
        return False
    with failing.name_failures(solver), torch.no_grad():
        drive = solver.drive(x, lasso.as_lambda(lam, x))
        codes = torch.stack([solver.h(cell, drive) for cell in path.cell[1:]])
        is_alike = torch.allclose(codes, path.codes[1:], rtol=1e-4, atol=1e-5, equal_nan=True)
        return is_alike and bool(activation(solver, drive))


@torch.no_grad()
def goes_by(solver: Solver, matrix: str) -> bool:
    """Whether the codes of a solver depend on a matrix of its weights, such as "W_e": whether another one changes them."""
    draw, B = torch.Generator().manual_seed(0), solver.dictionary
    x = torch.rand(2, len(B), generator=draw, dtype=torch.float32).to(B)
    values = getattr(solver.weights.matrices(), matrix)
    noise = 0.1 * torch.randn(values.shape, generator=draw, dtype=torch.float32).to(B)
    altered = with_matrices(solver, **{matrix: values + noise})
    return not torch.equal(altered(x, 0.01, steps=3), solver(x, 0.01, steps=3))


def from_parameters(theta: Tensor | None = None, D: Tensor | None = None, u: Tensor | None = None):
    """Return shrinkage with threshold θ, or double tanh with D and u, as a function of c alone."""
    return (lambda c: shrink(c, theta)) if theta is not None else (lambda c: double_tanh(c, D, u))
