"""Coordinate descent on working sets: its optimum, proved by the duality gap of `lasso` and by scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2viz import lasso
from sc2viz.exact import batches, problem, working_sets
from tests.exact.test_homotopy import problems, relative_gap
from tests.problems import F, scikit_learn, soft


def everything(shape, n, is_single, share):
    return np.ones(len(share), bool)


@settings(max_examples=80)
@given(problems(), st.floats(-4, 0.1), st.booleans(), st.booleans())
def test_the_optimum_is_that_of_all_atoms(case, exponent, positive, without_gram):
    x, B = case
    lam = (lasso.lambda_max(x, B).max().item() or 1.0) * 10**exponent
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working_sets, "suits", everything)
        patch.setattr(working_sets, "worth_a_gram", lambda *_: not without_gram)
        solution = lasso.solve(x, B, lam, tol=1e-9, positive=positive)
    assert (relative_gap(x, solution.codes, B, lam, positive=positive) <= 1e-9).all()


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("without_gram", [False, True])
@pytest.mark.parametrize("rounds, others", [(working_sets.ROUNDS, []), (3, [0, 1, 2, 3, 4])])
def test_working_sets_alone_reach_the_optimum_and_leave_the_rest_to_the_homotopy(
    monkeypatch, positive, without_gram, rounds, others
):
    """Whose number of sweeps, which differs from processor to processor, must not decide. Samples come in several parts."""
    rng, solved = torch.Generator().manual_seed(0), []
    x, B = (torch.randn(*size, generator=rng, dtype=torch.float64) for size in ((5, 30), (30, 200)))
    B = lasso.normalised(B)
    for name, value in {
        "PROBE": 2,
        "BLOCK": 2,
        "ROUNDS": rounds,
        "suits": everything,
        "worth_a_gram": lambda *_: not without_gram,
        "worth_the_homotopy": lambda *_: False,
    }.items():
        monkeypatch.setattr(working_sets, name, value)
    monkeypatch.setattr(batches, "solve", lambda *_: pytest.fail("by ADMM"))
    homotopy = problem.Samples.solve
    monkeypatch.setattr(
        problem.Samples,
        "solve",
        lambda self, rows, *arguments: solved.extend(rows) or homotopy(self, rows, *arguments),
    )
    solution = lasso.solve(x, B, 0.3, tol=1e-10, positive=positive)
    reached, best = (F(x, s, B, 0.3) for s in (solution.codes, scikit_learn(x, B, 0.3, positive)))
    assert reached == pytest.approx(best, rel=1e-9)
    assert solved == others and (solution.gap <= 1e-10).all()


def test_few_rounds_suffice_for_small_working_sets(monkeypatch):
    """A round takes a product with all atoms, which is worth many sweeps over the 16 atoms of these signals."""
    monkeypatch.setattr(working_sets, "suits", everything)
    monkeypatch.setattr(working_sets, "ROUNDS", 5)
    monkeypatch.setattr(problem.Samples, "solve", lambda *_: pytest.fail("by the homotopy"))
    rng = torch.Generator().manual_seed(0)
    B = lasso.normalised(torch.randn(128, 1024, generator=rng, dtype=torch.float64))
    x = torch.randn(4, 16, generator=rng, dtype=torch.float64) @ B[:, :16].T
    x += 0.01 * torch.randn(4, 128, generator=rng, dtype=torch.float64)
    assert lasso.solve(x, B, 0.1 * lasso.lambda_max(x, B), tol=1e-8).converged.all()


@pytest.mark.parametrize("share, support", [(0.01, 2000), (0.999, 1)])
def test_supports_of_thousands_and_of_one_are_the_soft_threshold(share, support):
    """Of orthonormal atoms, the reflection of the unit vectors: the optimum is known."""
    d, rng = 2100, torch.Generator().manual_seed(0)
    x, v = torch.randn(1, d, generator=rng), lasso.normalised(torch.randn(d, 1, generator=rng))
    B = torch.eye(d) - 2 * v @ v.T
    lam = share * lasso.lambda_max(x, B).item()
    solution, best = (
        lasso.solve(x, B, lam),
        torch.from_numpy(soft((x.double() @ B.double()).numpy(), lam)),
    )
    assert solution.converged.all() and (best != 0).sum() >= support
    torch.testing.assert_close((solution.codes != 0).sum(), (best != 0).sum(), rtol=0.01, atol=0)
    reached, minimum = (F(x, codes, B, lam) for codes in (solution.codes, best))
    assert minimum * (1 - 1e-12) <= reached <= minimum * 1.0001


@pytest.mark.parametrize("share", [1, 0.1, 1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("n", [1, 70])
def test_every_lambda_is_solved_by_the_method_that_is_chosen(share, positive, n):
    rng = torch.Generator().manual_seed(0)
    x, B = (
        torch.randn(n, 120, generator=rng),
        lasso.normalised(torch.randn(120, 200, generator=rng)),
    )
    lam = share * (x @ B).amax(1)
    single, double = (lasso.solve(x, B, lam, tol=tol, positive=positive) for tol in (1e-4, 1e-8))
    x, B, lam = x.double(), B.double(), lam.double()
    assert (relative_gap(x, double.codes, B, lam, positive=positive) <= 1.001e-8).all()
    F, minimum = (
        lasso.objective(x, solution.codes.double(), B, lam) for solution in (single, double)
    )
    assert single.converged.all() and (1.0001 * minimum >= F).all()


@pytest.mark.parametrize(("share", "is_left"), [(0.5, 0), (0.02, 12)])
def test_samples_that_would_take_many_sweeps_are_left_to_the_homotopy(monkeypatch, share, is_left):
    """As the first eight did, whose codes stay as they are."""
    solved, solve = [], problem.Samples.solve
    monkeypatch.setattr(
        problem.Samples,
        "solve",
        lambda samples, rows, *arguments: (
            solved.append(len(rows)) or solve(samples, rows, *arguments)
        ),
    )
    rng = torch.Generator().manual_seed(0)
    x, B = (
        torch.randn(20, 256, generator=rng),
        lasso.normalised(torch.randn(256, 1024, generator=rng)),
    )
    solution = lasso.solve(x, B, share * lasso.lambda_max(x, B), tol=1e-6)
    assert sum(solved) == is_left
    assert solution.converged.all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("scale", [1, 1e-6])
def test_correlations_in_the_precision_of_the_dictionary_prove_a_gap_in_float64(
    dtype, positive, scale
):
    """Also where an atom outside W has the largest correlation by less than float32 can tell."""
    rng = np.random.default_rng(0)
    B = rng.standard_normal((300, 50))
    B = (B / np.linalg.norm(B, axis=0) * scale).astype(np.float64)
    B[:, 1] = B[:, 0] * (1 + 1e-9)
    x, W, s = (
        torch.from_numpy(rng.standard_normal((1, 300))).numpy()[0],
        np.array([0, 5]),
        np.array([0.1, 0.2]) / scale,
    )
    dictionary = problem.FixedAtoms(B.astype(np.float32) if dtype == torch.float32 else B)
    residual = x - dictionary.B[:, W] @ s
    lam = 0.9 * np.abs(dictionary.B.T @ residual).max()
    rough = residual.astype(dictionary.given.dtype) @ dictionary.given
    wrong = rough * (1 - 3e-6 if dtype == torch.float32 else 1)  # the bound allows more
    proof = working_sets.proof(
        wrong,
        dictionary.slack,
        dictionary.given,
        residual,
        W,
        s,
        dictionary.B[:, W].T @ residual,
        lam,
        positive,
    )
    codes = np.zeros(50)
    codes[W] = s
    exact = relative_gap(
        *(torch.from_numpy(array) for array in (x[None], codes[None], dictionary.B)),
        lam,
        positive=positive,
    )
    assert proof == pytest.approx(exact.item(), rel=1e-9)
