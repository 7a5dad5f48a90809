"""What the gates of a solver add to its matrices and thresholds: its distance to the optimum with and without them."""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import defaults, evaluation, lasso, solvers
from sc2viz.analysis.inspection import traced, with_gates_held
from sc2viz.solvers import Solver, State


class Gates(NamedTuple):
    """How far F lies above that of exact codes on the solver's own atoms, scaled to norm 1, in % (`evaluation.excess`)."""

    computed: float  # with the gates that the solver computes
    mean: float  # each atom's gates are, at every iteration, their mean over the pictures, so that they see no picture
    open: float  # i = 1 and f = 0: the code follows the candidate alone, and the cell remembers nothing
    plain: float  # ISTA on the same atoms, whose matrices are not learned


class Variants(NamedTuple):
    """The codes (n, d_s) of n pictures, as `Gates` has their distances, and with the forget gate alone closed."""

    computed: Tensor
    mean: Tensor
    closed: Tensor  # f = 0, with the input gates of `computed`
    open: Tensor
    plain: Tensor


def with_gates(solver: Solver, input_gate: Tensor, forget_gate: Tensor) -> Solver:
    """The solver with these gates, both (T, d_s), instead of those that it computes, for T iterations.

    The solver must follow Eq. (7) and have an activation.
    """

    def hold(state: State) -> dict[str, Tensor]:
        rows = {"input_gate": input_gate[state.t - 1], "forget_gate": forget_gate[state.t - 1]}
        return {name: row.expand_as(state.codes) for name, row in rows.items()}

    return with_gates_held(solver, hold)


@torch.no_grad()
def codes(solver: Solver, x: Tensor, lam: float, steps: int, others: Tensor, beyond: int | None = None) -> Variants:
    """The codes of x (n, d_x) at λ after `steps` ≥ 1 iterations, with the gates and without them. The means of gates are
    those over `others` (m, d_x). `plain` is a code of the untrained first solver for the solver's atoms scaled to norm 1, of
    x − offset.

    beyond: the safeguard acts after so many iterations, where a number is given. Raises ValueError for a solver without
    gates i and f.
    """
    path = traced(solver, others, lam, steps, beyond)
    if path.input_gate is None or path.forget_gate is None:
        raise ValueError(f"{solver.label} has no gates i and f of Eq. (7): take a solver that has them")
    i, f = (path.iterations(name).mean(1) for name in ("input_gate", "forget_gate"))
    closed = with_gates_held(solver, lambda state: {"forget_gate": torch.zeros_like(state.codes)})
    opened = with_gates(solver, torch.ones_like(i), torch.zeros_like(f))
    made = [traced(each, x, lam, steps, beyond).codes[-1] for each in (solver, with_gates(solver, i, f), closed, opened)]
    plain = solvers.build(defaults.UNTRAINED[0], lasso.normalised(solver.dictionary.detach()), steps)
    return Variants(*made, plain(solver.centred(x), lam))


@torch.no_grad()
def gates(solver: Solver, x: Tensor, lam: float, steps: int, optimum: Tensor, beyond: int | None = None) -> Gates:
    """What the gates add on x (n, d_x) at λ after `steps` ≥ 1 iterations. optimum (n,): F* on the atoms, scaled to norm 1.
    beyond: as in `codes`.

    Raises ValueError for a solver without gates i and f.
    """
    made, atoms, x = codes(solver, x, lam, steps, x, beyond), solver.dictionary.detach(), solver.centred(x)

    def above(codes: Tensor, B: Tensor = atoms) -> float:
        return evaluation.rank(x, codes, B, lam, optimum).item()

    return Gates(above(made.computed), above(made.mean), above(made.open), above(made.plain, lasso.normalised(atoms)))
