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
            now = inspection.iteration(solver, path, x, LAM, t, atom)
            assert now.cell == path.cell[t, 0, atom] and now.code == path.codes[t, 0, atom]
            assert now.forget_gate * now.previous + now.input_gate * now.candidate == pytest.approx(
                now.cell, abs=1e-6
            )
            assert sum(now.to_candidate.values()) == pytest.approx(now.candidate, abs=1e-5)
            for terms, gate in ((now.to_input, now.input_gate), (now.to_forget, now.forget_gate)):
                if solver.name == "adaptive-ista":
                    assert terms is None
                elif terms is None:  # a bounded cell forgets no less than 1 − i
                    assert solver.norm and gate == now.forget_gate == pytest.approx(
                        1 - now.input_gate, abs=1e-6
                    )
                else:
                    assert len(terms) == (2 if solver.gate_bias is None else 4)
                    near = (
                        {"rel": 2e-3} if getattr(solver, "norm", None) else {"abs": 1e-5}
                    )  # 1 − i may be as near
                    assert 1 / (1 + np.exp(-sum(terms.values()))) == pytest.approx(gate, **near)
            if "theta" in now.h:
                expected = soft(now.cell, now.h["theta"])
            else:
                expected = now.h["D"] * (
                    np.tanh(now.cell + now.h["u"]) + np.tanh(now.cell - now.h["u"])
                )
            assert now.code == pytest.approx(expected, abs=1e-6)


def test_memory_adds_up_to_the_cell(traced):
    _, _, path = traced
    for t in range(1, STEPS + 1):
        parts = inspection.memory(path.input_gate[:t], path.forget_gate[:t], path.candidate[:t])
        assert_close(parts.sum(0), path.cell[t], atol=1e-5, rtol=1e-4)


def test_its_own_activation_and_its_own_gate_change_nothing(traced):
    solver, x, path = traced
    own = inspection.activation(solver, solver.drive(x, torch.tensor(LAM)))
    same = unroll(
        inspection.with_activation(solver, inspection.from_parameters(**own)), x, LAM, STEPS
    )
    assert_close(same[-1].codes, path.codes[-1])
    if solver.name == "adaptive-ista":
        same = inspection.with_forget_gate(solver, x, LAM, STEPS, 4, solver.forget_gate[4].item())
        assert_close(same.codes, path.codes[-1])


def test_a_shut_forget_gate_leaves_only_the_last_candidate(traced):
    solver, x, path = traced
    shut = inspection.with_forget_gate(solver, x, LAM, STEPS, 4, 0.0)
    assert_close(shut.cell[:, 4], shut.input_gate[:, 4] * shut.candidate[:, 4])
    assert not torch.equal(shut.cell[:, 4], path.cell[-1][:, 4])


def test_errors_say_what_there_is(traced):
    solver, x, path = traced
    with pytest.raises(ValueError, match="iteration from 1 to 6, got 7"):
        inspection.iteration(solver, path, x, LAM, 7, 0)
    with pytest.raises(ValueError, match="from 0 to 11, got 12"):
        inspection.iteration(solver, path, x, LAM, 1, 12)
    ista = solvers.build("ista", solver.dictionary)
    with pytest.raises(ValueError, match="ista has no gates i and f"):
        inspection.iteration(ista, ista.trace(x, LAM), x, LAM, 1, 0)


def test_gates_without_biases_have_two_terms_and_what_is_computed_in_another_way_has_none(bring):
    bring("unbiased")
    generator = torch.Generator().manual_seed(3)
    B = torch.nn.functional.normalize(torch.randn(20, ATOMS, generator=generator), dim=0)
    solver, x = solvers.build("unbiased", B), torch.rand(1, 20, generator=generator)
    path = solver.trace(x, LAM, STEPS)
    assert inspection.explained(solver, path, x, LAM)
    now = inspection.iteration(solver, path, x, LAM, 3, 5)
    s, picture, rows = path.codes[2, 0], x[0], (solver.W_is[5], solver.W_ix[5])
    expected = [(row * part).sum().item() for row, part in zip(rows, (s, picture), strict=True)]
    assert list(now.to_input) == ["W_is s", "W_ix x"] and list(
        now.to_input.values()
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
    before = solver(torch.ones(1, 20), LAM)
    assert inspection.goes_by(solver, "W_e") == goes
    assert torch.equal(solver(torch.ones(1, 20), LAM), before)  # and it is left as it was
