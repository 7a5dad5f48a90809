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
    swept = sweeps.coded(solver, x, LAMS, 4)
    for lam, codes, F in zip(
        LAMS, torch.from_numpy(swept.codes), torch.from_numpy(swept.objective), strict=True
    ):
        torch.testing.assert_close(codes, solver(x, lam, 4), rtol=1e-4, atol=1e-5)
        honest = lasso.honest_objective(solver.centred(x), codes, solver.dictionary, lam)
        torch.testing.assert_close(F.float(), honest, rtol=1e-4, atol=1e-5)
