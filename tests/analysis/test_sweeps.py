"""Codes at all stops at once are those at each stop alone."""

import pytest
import torch

from sc2viz import lasso, solvers
from sc2viz.analysis import sweeps

LAMS = 0.02, 0.1, 0.5


def problem():
    draw = torch.Generator().manual_seed(0)
    return torch.rand(4, 12, generator=draw), lasso.normalised(torch.randn(12, 20, generator=draw))


@pytest.mark.parametrize("name", solvers.NAMES)
def test_a_solver_codes_at_every_lambda_in_one_batch_as_at_one(name):
    x, B = problem()
    solver = solvers.build(name, B, steps=4).requires_grad_(False)
    found = sweeps.coded(solver, x, LAMS, 4)
    for lam, codes, F in zip(
        LAMS, torch.from_numpy(found.codes), torch.from_numpy(found.objective), strict=True
    ):
        torch.testing.assert_close(codes, solver(x, lam, 4), rtol=1e-4, atol=1e-5)
        honest = lasso.honest_objective(solver.centred(x), codes, solver.dictionary, lam)
        torch.testing.assert_close(F.float(), honest, rtol=1e-4, atol=1e-5)


def test_rows_that_are_repeated_are_a_tensor_like_any_other_but_for_products():
    x, B = problem()
    rows, plain = sweeps._Repeated.of(x, 3), x.repeat(3, 1)
    assert (
        type(rows @ B)
        is type(rows + 1)
        is type(rows[2:])
        is type(rows.new_zeros(2))
        is torch.Tensor
    )
    assert (
        torch.equal(rows + 1, plain + 1)
        and torch.equal(rows[2:], plain[2:])
        and torch.equal(B.T @ rows.T, B.T @ plain.T)
    )
    assert torch.equal(torch.cat([rows, x]), torch.cat([plain, x])) and torch.equal(
        torch.where(plain > 1, 0, rows), plain
    )
    assert (len(rows), rows.shape, rows.dtype) == (12, plain.shape, plain.dtype) and torch.equal(
        rows.norm(), plain.norm()
    )
    assert torch.equal(rows.norm(dim=1, keepdim=True), plain.norm(dim=1, keepdim=True))
    assert (rows.numpy() == plain.numpy()).all()
    torch.testing.assert_close(rows @ B, plain @ B)
    torch.testing.assert_close(
        torch.nn.functional.linear(rows, B.T, B[0]), torch.nn.functional.linear(plain, B.T, B[0])
    )


def test_a_path_has_the_codes_at_all_lambdas_and_for_each_sample_its_own():
    x, B = problem()
    path, own = (
        lasso.path(x, B, 0.02),
        torch.rand(5, 4, generator=torch.Generator().manual_seed(1)) + 0.02,
    )
    for lam, codes in zip(LAMS, path.at_each(LAMS), strict=True):
        torch.testing.assert_close(
            codes, lasso.solve(x.double(), B, lam, tol=1e-10).codes, rtol=0, atol=1e-5
        )
    for lam, codes in zip(own, path.at_each(own), strict=True):
        assert torch.equal(codes, path.at(lam))
    assert path.at_each([]).shape == (0, 4, 20)
    with pytest.raises(ValueError, match="lam must be ≥ 0.02, the lam_min of this path, got 0.01"):
        path.at_each([0.5, 0.01])
