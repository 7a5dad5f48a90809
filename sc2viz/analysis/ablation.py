"""What the gates of a solver add to its matrices and thresholds: its distance to the optimum with and without them."""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso, solvers
from sc2viz.analysis.inspection import ends, traced, with_gates_held
from sc2viz.solvers import Solver, Trajectory

NEARLY = 0.1  # i + f differs from 1 by less where a memory is called an average
LITTLE = 1e-5  # of the distance of ISTA: two that differ by less are the same


class Gates(NamedTuple):
    """How far F lies above that of exact codes on the solver's own atoms, scaled to norm 1, in % (`evaluation.excess`)."""

    computed: float  # with the gates that the solver computes
    mean: float  # each atom's gates are, at every iteration, their mean over the pictures, so that they see no picture
    one_gate: float  # the same, and all atoms have the mean of these gates
    open: float  # i = 1 and f = 0: the code follows the candidate alone, and the cell remembers nothing
    plain: float  # ISTA on the same atoms, whose matrices are not learned

    def are_mostly_fixed(self) -> bool:
        """Return whether gates that see no picture give most of what the solver gains over ISTA, and its own the rest."""
        fixed, middle = min(self.mean, self.one_gate), (self.computed + self.plain) / 2
        return self.computed + LITTLE * self.plain < fixed < middle


def with_gates(solver: Solver, input_gate: Tensor, forget_gate: Tensor) -> Solver:
    """Return the solver with these gates, both (T, d_s) or (T, 1), instead of those that it computes, for T iterations.

    The solver must follow Eq. (7) and have an activation.
    """

    gates = {"input_gate": input_gate, "forget_gate": forget_gate}
    return with_gates_held(
        solver,
        lambda state: {
            name: rows[state.t - 1].expand_as(state.codes) for name, rows in gates.items()
        },
    )


def without_gates(solver: Solver) -> Solver:
    """Return the solver with its gates held at i = 1 and f = 0."""
    gates = {"input_gate": 1.0, "forget_gate": 0.0}
    return with_gates_held(
        solver,
        lambda state: {name: torch.full_like(state.codes, gate) for name, gate in gates.items()},
    )


@torch.no_grad()
def gates(
    solver: Solver, x: Tensor, lam: float, steps: int, optimum: Tensor, beyond: int | None = None
) -> Gates:
    """Return how far from the optimum the solver is with and without its gates, on x (n, d_x) at λ after `steps` ≥ 1
    iterations. optimum (n,): F* on the atoms, scaled to norm 1. beyond: the safeguard acts after so many iterations, where a
    number is given."""
    path, atoms = traced(solver, x, lam, steps, beyond), solver.dictionary.detach()
    means = [path.iterations(name).mean(1) for name in ("input_gate", "forget_gate")]
    one_gate = (gate.mean(1, keepdim=True) for gate in means)
    others = with_gates(solver, *means), with_gates(solver, *one_gate), without_gates(solver)
    codes = [ends(altered, x, lam, steps, beyond).codes for altered in others]
    x0, unit = solver.centred(x), lasso.normalised(atoms)
    excess = evaluation.rank(x0, torch.stack([path.codes[-1], *codes]), atoms, lam, optimum)
    ista = solvers.build(defaults.UNTRAINED[0], unit, steps)
    return Gates(*excess.tolist(), evaluation.rank(x0, ista(x0, lam), unit, lam, optimum).item())


@torch.no_grad()
def average_overshoots(
    solver: Solver, path: Trajectory, x: Tensor, lam: float, beyond: int | None = None
) -> tuple[bool, Tensor]:
    """Return whether the gates of one sample x (1, d_x), whose trace at λ is `path`, average what overshoots without them,
    and its codes without them, (1, d_s). That is so where i + f is about 1, and without gates the second iteration turns back
    and F ends above that of the code of zeros."""
    ungated = traced(without_gates(solver), x, lam, len(path.codes) - 1, beyond).codes
    x0, moves = solver.centred(x), ungated.diff(dim=0)
    objective = lasso.honest_objective(x0, ungated[-1], solver.dictionary, lam)
    # A move alone, where T = 1, does not turn back, and F may be NaN.
    overshoots = not objective <= x0.square().sum() / 2 and (moves[:1] * moves[1:2]).sum() < 0
    total = (path.iterations("input_gate") + path.iterations("forget_gate")).mean()
    return bool(overshoots and abs(total - 1) < NEARLY), ungated[-1]
