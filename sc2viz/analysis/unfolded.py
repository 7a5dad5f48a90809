"""From ISTA to an LSTM: solvers as one cell, c⁽ᵗ⁾ = f ⊙ memory + i ⊙ c̃⁽ᵗ⁾ and s⁽ᵗ⁾ = h(c⁽ᵗ⁾), in numbers of one atom."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sc2viz.solvers.cell import Solver

TERMS = ("memory", "input", "forget", "candidate", "cell", "code")


def of_gates(solver: Solver, x: Tensor, lam: float, steps: int, atom: int, i: np.ndarray, f: np.ndarray,
             carries: bool) -> Mapping[str, list[float]]:  # fmt: skip
    """The terms of iterations 1 … steps of x (1, d_x), by name, where the gates i and f (steps,) weigh ISTA's candidate
    W_e s + W_d x and the memory.

    The memory is c⁽ᵗ⁻¹⁾, as in Eq. (7), where a solver `carries` one. Else it is the candidate of the code before, and with
    i = 1 + m and f = −m that is FISTA: its step from s⁽ᵗ⁻¹⁾ + m (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾) is linear in the point. ISTA has m = 0.
    """
    W = solver.weights.matrices()
    W_e, fixed, theta = W.W_e.detach().double(), (x @ W.W_d.T).detach().double()[0], lam * float(W.step)
    s = memory = torch.zeros_like(fixed)
    if not carries:
        memory = fixed  # of the code of zeros
    told: dict[str, list[float]] = {name: [] for name in TERMS}
    for t in range(steps):
        candidate = W_e @ s + fixed
        c = f[t] * memory + i[t] * candidate
        s = torch.sign(c) * (c.abs() - theta).clamp(min=0)
        for name, value in zip(TERMS, (memory[atom], i[t], f[t], candidate[atom], c[atom], s[atom]), strict=True):
            told[name].append(float(value))
        memory = c if carries else candidate
    return told


def of_trace(trace, atom: int) -> Mapping[str, list[float]]:
    """The terms of iterations 1 … T of a solver with both gates, from its `trace` of one picture, by name."""

    def last(part: Tensor | None) -> list[float]:
        return part[-len(trace.codes[1:]) :, 0, atom].double().tolist()

    cell = last(trace.cell)
    gates = last(trace.input_gate), last(trace.forget_gate)
    return dict(zip(TERMS, ([0.0, *cell[:-1]], *gates, last(trace.candidate), cell, last(trace.codes)), strict=True))
