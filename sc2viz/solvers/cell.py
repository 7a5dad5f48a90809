"""Every solver is a recurrent cell, and one loop unrolls them all and records what they did.

    drive = cell.drive(x, λ)                     all that stays fixed over the iterations, computed once
    state = cell.start(drive); state = cell.step(state, drive) …       T times
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz import lasso
from sc2viz.solvers.weights import Weights


class State(NamedTuple):
    """What a cell hands from one iteration to the next, and shows of it. All (n, d_s); None where it has none."""

    t: int  # iterations done
    codes: Tensor  # s⁽ᵗ⁾
    previous: Tensor | None = None  # s⁽ᵗ⁻¹⁾, for momentum
    cell: Tensor | None = None  # c⁽ᵗ⁾
    candidate: Tensor | None = None  # c̃⁽ᵗ⁾
    input_gate: Tensor | None = None  # i⁽ᵗ⁾
    forget_gate: Tensor | None = None  # f⁽ᵗ⁾


@dataclass(frozen=True)
class Trajectory:
    """One entry an iteration. `codes` and `cell` (T + 1, n, d_s) begin with the start; the others (T, n, d_s)."""

    codes: Tensor
    cell: Tensor | None
    candidate: Tensor | None
    input_gate: Tensor | None
    forget_gate: Tensor | None


class Solver(nn.Module):
    """A recurrent cell with its weights. Called as `solver(x, lam)` it returns the codes after `steps` iterations.

    λ is an argument of every call: a float, or one value a sample, (n,). `steps=` overrides the number of iterations;
    beyond `self.steps` a trained network leaves what it was trained for.
    """

    name: str
    config: dict[str, Any]  # set by `solvers.build`

    def __init__(self, weights: Weights, steps: int = 10, classes: int | None = None):
        super().__init__()
        if steps < 1:
            raise ValueError(f"steps must be at least 1, got {steps}")
        if classes is not None and classes < 1:
            raise ValueError(f"classes must be at least 1, got {classes}")
        self.weights, self.steps = weights, steps
        # Eq. (12) takes C_j as a row: (classes, d_s). Zero: at the start no class is preferred.
        B = weights.dictionary
        self.C = None if classes is None else nn.Parameter(B.new_zeros(classes, B.shape[1]))

    @property
    def dictionary(self) -> Tensor:
        """(d_x, d_s): the dictionary that it reconstructs with, x ≈ s Bᵀ."""
        return self.weights.dictionary

    @property
    def W_e(self) -> Tensor:
        """(d_s, d_s), on s, as in Eq. (6); other papers call the encoder W_e."""
        return self.weights.matrices().W_e

    @property
    def W_d(self) -> Tensor:
        """(d_s, d_x), on x, as in Eq. (6)."""
        return self.weights.matrices().W_d

    def drive(self, x: Tensor, lam: Tensor) -> Any:
        """All that x (n, d_x) and λ, () or (n, 1), fix for every iteration."""
        raise NotImplementedError

    def step(self, state: State, drive: Any) -> State:
        """One iteration: the solver's equation."""
        raise NotImplementedError

    def start(self, x: Tensor) -> State:
        """s⁽⁰⁾ = 0, and c⁽⁰⁾ = 0 where there is a cell."""
        return State(0, x.new_zeros(len(x), self.dictionary.shape[1]))

    def forward(self, x: Tensor, lam: float | Tensor, steps: int | None = None) -> Tensor:
        """Codes (n, d_s) of x (n, d_x)."""
        return unroll(self, x, lam, steps)[-1].codes

    def trace(self, x: Tensor, lam: float | Tensor, steps: int | None = None) -> Trajectory:
        """Everything that the iterations computed."""
        states = unroll(self, x, lam, steps, record=True)

        def gather(part: str, first: int) -> Tensor | None:
            values = [getattr(state, part) for state in states[first:]]
            return torch.stack(values) if values and values[-1] is not None else None

        return Trajectory(gather("codes", 0), gather("cell", 0), *(gather(part, 1) for part in State._fields[4:]))

    def classify(self, x: Tensor, lam: float | Tensor, steps: int | None = None) -> Tensor:
        """Logits (n, classes) of the linear head on the codes, C s in Eq. (11); ValueError where there is no head."""
        return self.head(self(x, lam, steps))

    def head(self, codes: Tensor) -> Tensor:
        """C s for codes (…, d_s)."""
        if self.C is None:
            raise ValueError(f"this {self.name} has no softmax head: build it with classes=, or load a supervised one")
        return functional.linear(codes, self.C)

    @torch.no_grad()
    def project_(self) -> None:
        """Clip every atom to the unit ball, Eq. (2)'s constraint: after each training step, unless atoms are free."""
        self.weights.project_()


def unroll(cell: Solver, x: Tensor, lam: float | Tensor, steps: int | None = None, record: bool = False) -> list[State]:
    """Run `cell` on x (n, d_x): the last state alone, or with `record` every state from the start on."""
    if x.ndim != 2 or x.shape[1] != len(cell.dictionary):
        raise ValueError(f"x must be (n, {len(cell.dictionary)}) to fit this solver's atoms, got {tuple(x.shape)}")
    steps = cell.steps if steps is None else steps
    if steps < 0:
        raise ValueError(f"steps must be ≥ 0, got {steps}")
    lam = lasso.as_lambda(lam, x)
    if x.dtype != cell.dictionary.dtype:
        raise ValueError(f"x must be {cell.dictionary.dtype}, as the solver is, got {x.dtype}: convert either")
    drive = cell.drive(x, lam)
    states = [cell.start(x)]
    for _ in range(steps):
        states.append(cell.step(states[-1], drive))
        if not record:
            del states[0]
    return states
