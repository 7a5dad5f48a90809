"""From ISTA to an LSTM: solvers as one cell, c⁽ᵗ⁾ = f ⊙ memory + i ⊙ c̃⁽ᵗ⁾ and s⁽ᵗ⁾ = h(c⁽ᵗ⁾), in numbers of one atom."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from sc2viz.analysis.learned import step_lengths
from sc2viz.solvers.cell import Solver

TERMS = ("memory", "input", "forget", "candidate", "cell", "code")


def of_gates(
    solver: Solver,
    x: Tensor,
    lam: float,
    steps: int,
    atom: int,
    i: np.ndarray,
    f: np.ndarray,
    carries: Sequence[bool],
) -> list[Mapping[str, list[float]]]:
    """Return the terms of iterations 1 … steps of x (1, d_x), by name, where gates i and f (k, steps) weigh ISTA's candidate W_e
    s + W_d x and the memory: of each of the k solvers that these gates make.

    The memory is c⁽ᵗ⁻¹⁾, as in Eq. (7), where a solver `carries` one. Else it is the candidate of the code before, and with
    i = 1 + m and f = −m that is FISTA: its step from s⁽ᵗ⁻¹⁾ + m (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾) is linear in the point. ISTA has m = 0.
    """
    W = solver.weights.matrices()
    W_e, fixed = (matrix.detach().double().numpy() for matrix in (W.W_e, (x @ W.W_d.T)[0]))
    theta, carried = lam * float(W.step), np.array(carries)[:, None]
    s, terms = np.zeros((len(carried), len(fixed))), np.empty((steps, len(TERMS), len(carried)))
    memory = np.where(carried, 0, fixed)  # the candidate of the code of zeros is `fixed`
    for t in range(steps):
        candidate = s @ W_e.T + fixed
        c = f[:, t, None] * memory + i[:, t, None] * candidate
        s = c - c.clip(-theta, theta)
        terms[t] = memory[:, atom], i[:, t], f[:, t], candidate[:, atom], c[:, atom], s[:, atom]
        memory = np.where(carried, c, candidate)
    return [dict(zip(TERMS, matrix, strict=True)) for matrix in terms.transpose(2, 1, 0).tolist()]


def of_trace(trace, atom: int) -> Mapping[str, list[float]]:
    """Return the terms of iterations 1 … T of a solver with both gates, from its `trace` of one picture, by name."""

    T = len(trace.codes) - 1
    arrays = trace.cell, trace.input_gate, trace.forget_gate, trace.candidate, trace.codes
    cell, *others, candidate, codes = (array[-T:, 0, atom].double().tolist() for array in arrays)
    memory = [0.0, *cell[:-1]]
    return dict(zip(TERMS, (memory, *others, candidate, cell, codes), strict=True))


def describe(solver: Solver) -> Mapping[str, str | bool | float]:
    """Return what is said of a network with both gates beside its numbers: its activation, whether f is at most 1 − i, and how
    many times as long as ISTA's its steps are, the median over the atoms."""
    return {
        "activation": solver.traits.activation.replace("-", " "),
        "capped": getattr(solver, "norm", None) is not None,
        "longer": step_lengths(solver).median().item(),
    }
