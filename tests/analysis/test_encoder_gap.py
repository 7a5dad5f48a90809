"""The two gaps and the λ that suits a number of non-zeros, against scikit-learn and numpy."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from sc2viz import data, lasso, solvers
from sc2viz.analysis import encoder_gap
from tests.problems import F, scikit_learn


@pytest.fixture(scope="module")
def problem():
    """Rows, atoms whose norms are not 1, better atoms, and codes ≥ 0, float64."""
    rng = np.random.default_rng(0)
    D, better = rng.standard_normal((10, 15)) / 3, rng.standard_normal((10, 30)) / 3
    codes = np.maximum(rng.standard_normal((7, 15)), 0) * (rng.random((7, 15)) < 0.4)
    codes[:, 3] = 0
    return [torch.from_numpy(array) for array in (rng.standard_normal((7, 10)), D, better, codes)]


def sklearn_optimum(x, D, lam):
    """F* of codes ≥ 0 on atoms of norm 1, and the codes."""
    D = lasso.normalised(D)
    codes = scikit_learn(x, D, lam, positive=True)
    return F(x, codes, D, lam), codes.numpy()


def test_the_two_gaps_add_up_and_are_those_of_scikit_learn(problem):
    x, D, better, codes = problem
    lam = 0.3
    gaps = encoder_gap.measure(
        x, codes, D, lam, bar=encoder_gap.optimum(x, better, lam, tol=1e-9), tol=1e-9
    )
    cost = F(x, codes * D.norm(dim=0), lasso.normalised(D), lam)
    (own_optimum, exact), (bar, _) = (sklearn_optimum(x, atoms, lam) for atoms in (D, better))
    assert_allclose((gaps.F, gaps.optimum, gaps.bar), (cost, own_optimum, bar), atol=1e-7)
    assert gaps.percent == pytest.approx(100 * (cost.mean() / own_optimum.mean() - 1), rel=1e-6)
    assert gaps.dictionary_percent == pytest.approx(
        100 * (own_optimum.mean() / bar.mean() - 1), rel=1e-6
    )
    spread = ((x - x.mean(0)) ** 2).sum()
    assert gaps.r2 == pytest.approx(float(1 - ((x - codes @ D.T) ** 2).sum() / spread))
    assert (
        gaps.exact_non_zeros.tolist() == (exact > 0).sum(1).tolist()
        and gaps.non_zeros.tolist() == (codes > 0).sum(1).tolist()
    )
    assert (
        gaps.dead.tolist() == (codes.numpy() == 0).all(0).tolist()
        and gaps.dead[3]
        and not gaps.dead.all()
    )


def test_signed_codes_and_a_missing_bar_are_refused(problem):
    x, D, _, codes = problem
    with pytest.raises(ValueError, match="codes must be ≥ 0, got -"):
        encoder_gap.measure(x, codes - 1, D, 0.2)
    with pytest.raises(ValueError, match="optimum must be a torch tensor, got NoneType"):
        _ = encoder_gap.measure(x, codes, D, 0.2).dictionary_percent


@pytest.mark.parametrize("count", [1, 4.5, 8])
def test_lambda_gives_the_number_of_non_zeros(count):
    x = data.load("digits").pixels[:200]
    x = x - x.mean(0)
    D = lasso.normalised(x[:64].T.contiguous())
    lam = encoder_gap.lambda_for(x, D, count)
    codes = lasso.solve(x, D, lam, tol=1e-5, positive=True).codes
    assert encoder_gap.non_zeros(codes) == pytest.approx(count, rel=0.06)


def test_a_number_that_no_lambda_gives_is_refused():
    x = data.load("digits").pixels[:20]
    with pytest.raises(encoder_gap.TooMany, match="count must be at most") as error:
        encoder_gap.lambda_for(x, torch.eye(64)[:, :5], 6)
    assert 0 < error.value.lam < 1e-3 * lasso.lambda_max(x, torch.eye(64)[:, :5]).max()
    with pytest.raises(ValueError, match="count must be > 0"):
        encoder_gap.lambda_for(x, torch.eye(64), 0)
    with pytest.raises(ValueError, match="a row that is not zero"):
        encoder_gap.lambda_for(0 * x, torch.eye(64), 1)


def test_the_gaps_at_every_lambda_and_after_every_step_are_those_of_scikit_learn(problem):
    x, D, better, _ = problem
    solver, lams = solvers.build("ista", lasso.normalised(D), 3, positive=True), (0.2, 0.5)
    course = encoder_gap.course(solver, x, encoder_gap.optima(x, better, lams), lams, (0.3, 0.3))
    codes, unit = solver(x, 0.3), lasso.normalised(D)
    for k, lam in enumerate(lams):
        cost = F(x, codes, unit, lam).mean()
        own_optimum, bar = (sklearn_optimum(x, atoms, lam)[0].mean() for atoms in (D, better))
        assert_allclose(
            (course.F[k], course.optimum[k], course.bar[k]), (cost, own_optimum, bar), rtol=1e-3
        )
        assert course.encoder[k] == pytest.approx(100 * (cost - own_optimum) / bar, abs=0.1)
    assert tuple(course.lam) == lams
    steps = encoder_gap.stepping(solver, x, x[:1], 0.3, 2.0)
    costs = F(x, solver.trace(x, 0.3).codes, unit, 0.3).mean(1)
    assert_allclose(steps.excess, 100 * (costs / 2 - 1), rtol=1e-6)
