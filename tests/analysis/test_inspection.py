"""The numbers inside an iteration, against the trace and against numpy."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from sc2viz import solvers
from sc2viz.analysis import inspection
from sc2viz.solvers import unroll
from tests.problems import soft, stirred

ATOMS, STEPS, LAM = 12, 6, 0.2
KINDS = {
    "recommended": ("slstm", {}),
    "bounded": ("slstm", {"norm": 2.0}),
    "double tanh": ("slstm", {"activation": "double-tanh"}),
    "paper": ("slstm", {"preset": "paper"}),
    "adaptive": ("adaptive-ista", {"input_gate": 1.8, "forget_gate": -0.8}),
}


@pytest.fixture(params=KINDS)
def traced(request):
    generator = torch.Generator().manual_seed(3)
    B = torch.nn.functional.normalize(torch.randn(20, ATOMS, generator=generator), dim=0)
    name, options = KINDS[request.param]
    solver = stirred(solvers.build(name, B, **options), 0.05)  # so that every term counts
    x = torch.rand(1, 20, generator=generator)
    return solver, x, solver.trace(x, LAM, STEPS)


def test_an_iteration_is_the_traces_and_its_sums_add_up(traced):
    solver, x, path = traced
    for t in range(1, STEPS + 1):
        for atom in range(ATOMS):
            iteration = inspection.iteration(solver, path, x, LAM, t, atom)
            assert (
                iteration.cell == path.cell[t, 0, atom] and iteration.code == path.codes[t, 0, atom]
            )
            assert (
                iteration.forget_gate * iteration.previous
                + iteration.input_gate * iteration.candidate
                == pytest.approx(iteration.cell, abs=1e-6)
            )
            assert sum(iteration.to_candidate.values()) == pytest.approx(
                iteration.candidate, abs=1e-5
            )
            for terms, gate in (
                (iteration.to_input, iteration.input_gate),
                (iteration.to_forget, iteration.forget_gate),
            ):
                if solver.name == "adaptive-ista":
                    assert terms is None
                elif terms is None:  # a bounded cell forgets no less than 1 − i
                    assert solver.norm and gate == iteration.forget_gate == pytest.approx(
                        1 - iteration.input_gate, abs=1e-6
                    )
                else:
                    assert len(terms) == (2 if solver.gate_bias is None else 4)
                    near = (
                        {"rel": 2e-3} if getattr(solver, "norm", None) else {"abs": 1e-5}
                    )  # 1 − i may be as near
                    assert 1 / (1 + np.exp(-sum(terms.values()))) == pytest.approx(gate, **near)
            if "theta" in iteration.h:
                expected = soft(iteration.cell, iteration.h["theta"])
            else:
                expected = iteration.h["D"] * (
                    np.tanh(iteration.cell + iteration.h["u"])
                    + np.tanh(iteration.cell - iteration.h["u"])
                )
            assert iteration.code == pytest.approx(expected, abs=1e-6)


def test_memory_adds_up_to_the_cell(traced):
    _, _, path = traced
    for t in range(1, STEPS + 1):
        parts = inspection.memory(path.input_gate[:t], path.forget_gate[:t], path.candidate[:t])
        assert_close(parts.sum(0), path.cell[t], atol=1e-5, rtol=1e-4)


def test_its_own_activation_and_its_own_gate_change_nothing(traced):
    solver, x, path = traced
    activation = inspection.activation(solver, solver.drive(x, torch.tensor(LAM)))
    same = unroll(
        inspection.with_activation(solver, inspection.from_parameters(**activation)), x, LAM, STEPS
    )
    assert_close(same[-1].codes, path.codes[-1])
    if solver.name == "adaptive-ista":
        same = inspection.with_forget_gate(solver, x, LAM, STEPS, 4, solver.forget_gate[4].item())
        assert_close(same.codes, path.codes[-1])


def test_gates_without_biases_have_two_terms_and_what_is_computed_in_another_way_has_none(bring):
    bring("unbiased")
    generator = torch.Generator().manual_seed(3)
    B = torch.nn.functional.normalize(torch.randn(20, ATOMS, generator=generator), dim=0)
    solver, x = solvers.build("unbiased", B), torch.rand(1, 20, generator=generator)
    path = solver.trace(x, LAM, STEPS)
    assert inspection.explained(solver, path, x, LAM)
    iteration = inspection.iteration(solver, path, x, LAM, 3, 5)
    s, picture, rows = path.codes[2, 0], x[0], (solver.W_is[5], solver.W_ix[5])
    expected = [(row * term).sum().item() for row, term in zip(rows, (s, picture), strict=True)]
    assert list(iteration.to_input) == ["W_is s", "W_ix x"] and list(
        iteration.to_input.values()
    ) == pytest.approx(expected, abs=1e-6)
    solver.gate_bias = torch.ones(
        2, ATOMS
    )  # of another meaning than SLSTM's: the sum would be a falsehood
    assert inspection.iteration(solver, path, x, LAM, 3, 5).to_input is None


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        *((name, True) for name in ("ista", "fista", "adaptive-ista", "lista", "lfista", "slstm")),
        ("omp", False),
        ("residual-ista", False),
        ("guest-lista-cp", False),
        ("guest-cd", False),
        ("gru-ista", True),
    ],
)
def test_whether_a_solver_goes_by_the_matrix_of_its_weights(bring, name, goes):
    """A solver that computes B'(x - Bs) by itself has Tied's matrix and does not use it."""
    bring("residual", "guest-lista-cp", "guest-cd", "gated")
    B = torch.nn.functional.normalize(
        torch.randn(20, ATOMS, generator=torch.Generator().manual_seed(3)), dim=0
    )
    solver = solvers.build(name, B)
    codes = solver(torch.ones(1, 20), LAM)
    assert inspection.goes_by(solver, "W_e") == goes
    assert torch.equal(solver(torch.ones(1, 20), LAM), codes)  # and it is left as it was
