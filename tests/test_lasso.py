import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from sc2viz import device, lasso
from sc2viz.exact import batches
from tests.exact.test_homotopy import problems
from tests.problems import F, problem, scikit_learn


@st.composite
def cases(draw):
    """(x, B, λ): from a tiny λ to one above λ_max, for all rows or for each."""
    x, B = draw(problems())
    shares = st.floats(-6, 0.3).map(lambda exponent: 10**exponent)
    lam = draw(shares | st.lists(shares, min_size=len(x), max_size=len(x)).map(np.array))
    return x, B, torch.as_tensor((lasso.lambda_max(x, B).max().item() or 1.0) * lam, dtype=x.dtype)


# The problem ----------------------------------------------------------------------------------------------------------


@given(cases(), st.integers(0, 99))
def test_objective_and_gap_are_the_formulas(case, seed):
    x, B, lam = case
    codes = torch.from_numpy(np.random.default_rng(seed).laplace(size=(len(x), B.shape[1])))
    cost = F(x, codes, B, lam)
    np.testing.assert_allclose(lasso.objective(x, codes, B, lam), cost, rtol=1e-12, atol=1e-12)

    residual = (x - codes @ B.T).numpy()
    feasible = (
        residual
        * np.minimum(1, np.asarray(lam) / np.maximum(np.abs(residual @ B.numpy()).max(1), 1e-300))[
            :, None
        ]
    )
    assert (np.abs(feasible @ B.numpy()).max(1) <= np.asarray(lam) * (1 + 1e-12)).all()
    dual = 0.5 * np.square(x.numpy()).sum(1) - 0.5 * np.square(x.numpy() - feasible).sum(1)
    np.testing.assert_allclose(
        lasso.duality_gap(x, codes, B, lam), cost - dual, rtol=1e-9, atol=1e-12 * cost.max()
    )


@pytest.mark.parametrize("shape", [(5, 12), (12, 5), (6, 6)])
def test_lipschitz_is_the_square_of_the_largest_singular_value(shape):
    _, B = problem(1, *shape)
    assert lasso.lipschitz(B).item() == pytest.approx(np.linalg.norm(B.numpy(), 2) ** 2)
    assert lasso.lipschitz(torch.zeros(shape)).item() == 0


def test_lambda_max_is_where_the_codes_vanish():
    x, B = problem(6, 10, 15)
    largest = lasso.lambda_max(x, B)
    assert (lasso.solve(x, B, largest * (1 + 1e-9), tol=1e-8).codes == 0).all()
    assert (lasso.solve(x, B, largest * 0.99, tol=1e-8).codes != 0).any(1).all()


def test_the_honest_objective_gains_nothing_from_large_atoms():
    x, B = problem(6, 10, 15)
    codes = torch.randn(6, 15, dtype=x.dtype, generator=torch.Generator().manual_seed(1))
    unit = lasso.normalised(B)
    assert_close(unit.norm(dim=0), torch.ones(15, dtype=x.dtype))
    honest = lasso.honest_objective(x, codes, unit, 0.3)
    assert_close(honest, lasso.objective(x, codes, unit, 0.3))
    assert_close(lasso.honest_objective(x, codes / 9, 9 * unit, 0.3), honest)
    assert (lasso.objective(x, codes / 9, 9 * unit, 0.3) < honest).all()
    assert torch.isfinite(lasso.honest_objective(x, codes, torch.zeros_like(B), 0.3)).all()


# The exact solver -----------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(cases())
def test_solve_is_never_above_scikit_learn(case):
    x, B, lam = case
    codes = scikit_learn(x, B, lam)
    rounding = np.finfo(float).eps * codes.abs().sum(1) / lam  # of Bᵀ(x − B s) beside λ
    tol = 1e-7 + rounding.max().item()
    solution, best = lasso.solve(x, B, lam, tol=tol), F(x, codes, B, lam)
    assert solution.converged.all()
    assert (F(x, solution.codes, B, lam) <= best * (1 + 10 * tol)).all()


def test_float32_pictures_get_float32_codes_down_to_what_float32_can_prove():
    x, B = problem(200, 64, 100, dtype=torch.float32)
    solution = lasso.solve(x, B, 0.1)
    assert solution.codes.dtype == torch.float32 and solution.gap.dtype == torch.float64
    x, B, codes = x.double(), B.double(), solution.codes.double()
    relative = lasso.duality_gap(x, codes, B, 0.1) / lasso.objective(x, codes, B, 0.1)
    assert relative.max() <= 1e-4
    assert_close(relative, solution.gap, rtol=1e-3, atol=1e-9)


def test_zero_pictures_have_zero_codes_and_no_gap():
    x, B = problem(5, 10, 15)
    x[1::2] = 0
    solution = lasso.solve(x, B, 0.1)
    assert (solution.codes[1::2] == 0).all() and (solution.gap[1::2] == 0).all()
    everything_zero = lasso.solve(torch.zeros(2, 10), torch.zeros(10, 15), 0.1)
    assert (everything_zero.codes == 0).all() and everything_zero.iterations == 0
    assert lasso.solve(torch.zeros(0, 10), torch.ones(10, 15), 0.1).codes.shape == (0, 15)


@pytest.mark.parametrize("inference", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_row_gets_its_own_answer_however_the_batch_is_cut(monkeypatch, threads, inference):
    x, B = problem(11, 30, 12)
    x *= torch.logspace(-1, 1, 11, dtype=x.dtype)[
        :, None
    ]  # easy ones leave the batch long before hard ones
    lam = torch.linspace(0.01, 0.2, 11, dtype=x.dtype)
    solution = lasso.solve(x, B, lam, tol=1e-10)
    monkeypatch.setattr(batches, "BATCH", 3)
    with device.threads(threads), torch.inference_mode(inference):
        cut = lasso.solve(x, B, lam, tol=1e-10)
    assert_close(cut.codes, solution.codes, rtol=0, atol=1e-4)
    assert cut.converged.all() and (cut.gap <= 1e-10).all()


def test_a_good_start_saves_the_iterations_and_a_bad_one_changes_nothing():
    x, B = problem(10, 30, 12)
    cold = lasso.solve(x, B, 0.1, tol=1e-8)
    warm = lasso.solve(x, B, 0.1, tol=1e-8, start=cold.codes)
    assert warm.iterations == 0 < cold.iterations
    assert torch.equal(warm.codes, cold.codes)
    bad = lasso.solve(x, B, 0.1, tol=1e-8, start=100 * torch.ones(10, 12))
    assert_close(bad.codes, cold.codes, rtol=0, atol=1e-3)
    assert bad.converged.all()


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_limit_of_iterations_is_flagged_and_warned_of(limit):
    x, B = problem(10, 10, 40)
    x[3] = 0
    with pytest.warns(lasso.NotConverged, match=f"9 of 10 samples .* after {limit} iterations"):
        solution = lasso.solve(x, B, 0.01, tol=1e-8, max_iterations=limit)
    assert solution.iterations == limit
    assert solution.converged.tolist() == [k == 3 for k in range(10)]
    reached, best = (F(x, s, B, 0.01) for s in (solution.codes, scikit_learn(x, B, 0.01)))
    assert (reached - best <= solution.gap.numpy() * reached + 1e-12).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_solve_on_cuda_is_solve_on_the_cpu():
    x, B = problem(100, 64, 40)
    on_cpu, on_cuda = (
        lasso.solve(x, B, 0.1, tol=1e-8),
        lasso.solve(x.cuda(), B.cuda(), 0.1, tol=1e-8),
    )
    assert on_cuda.codes.is_cuda and on_cuda.converged.all()
    assert_close(on_cuda.codes.cpu(), on_cpu.codes, rtol=0, atol=1e-3)
    assert_close(
        lasso.objective(x, on_cuda.codes.cpu(), B, 0.1), lasso.objective(x, on_cpu.codes, B, 0.1)
    )


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, message",
    [
        ({"lam": torch.tensor([0.1, 0.1, -2.0, 0.1])}, "lam must be > 0, got -2"),
        ({"lam": torch.ones(3)}, r"one for each of the 4 samples, got \(3,\)"),
        ({"lam": torch.ones(4, 1)}, r"one for each of the 4 samples, got \(4, 1\)"),
        ({"tol": 0}, "tol must be > 0 and finite, got 0"),
        ({"max_iterations": -1}, "max_iterations must be a whole number ≥ 0, got -1"),
        ({"start": torch.full((4, 15), float("nan"))}, "start must be finite, got NaN or infinity"),
        (
            {"start": torch.zeros(4, 5)},
            r"start must be \(4, 15\), one row of codes a sample, got \(4, 5\)",
        ),
        ({"x": torch.zeros(4, 9)}, r"must agree in d_x, .* got \(4, 9\) and \(10, 15\)"),
        ({"x": torch.zeros(10)}, r"x must be \(n, d_x\), got shape \(10,\)"),
        ({"x": torch.full((4, 10), float("nan"))}, "x must be finite, got NaN or infinity"),
        ({"mask": torch.ones(4, 10)}, r"mask must be bool \(4, 10\) like x, got torch.float32"),
        ({"B": torch.full((10, 15), float("inf"))}, "B must be finite, got NaN or infinity"),
        ({"B": torch.zeros(10, 0)}, r"with at least one atom, got \(4, 10\) and \(10, 0\)"),
    ],
)
def test_bad_input_is_named_with_its_value(change, message):
    x, B = problem(4, 10, 15)
    with pytest.raises(ValueError, match=message):
        lasso.solve(**{"x": x, "B": B, "lam": 0.1} | change)


def test_exact_codes_in_float64_are_measured_with_the_float32_rows_that_they_came_from():
    x, B = (part.float() for part in problem(4, 10, 15))
    codes = lasso.solve(x, B, 0.1, tol=1e-9).codes
    assert codes.dtype == torch.float64
    F = lasso.objective(x, codes, B, 0.1)
    assert F.dtype == torch.float64 and (lasso.duality_gap(x, codes, B, 0.1) <= 1e-9 * F).all()
    assert_close(F, lasso.objective(x.double(), codes, B.double(), 0.1))


def test_a_lambda_of_a_graph_is_taken_as_a_number():
    x, B, lam = torch.rand(2, 4), torch.eye(4), torch.tensor(0.1, requires_grad=True)
    assert_close(lasso.solve(x, B, lam).codes, (x - 0.1).clamp_min(0))
