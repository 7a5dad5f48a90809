"""The bound that codes prove, against numpy and against the exact solver."""

import numpy as np
import pytest
import torch

from sc2viz import lasso, solvers
from sc2viz.analysis import bounds
from tests.problems import F as cost


def dual(x: np.ndarray, s: np.ndarray, B: np.ndarray, lam: float) -> float:
    """½‖x‖² − ½‖x − u‖² where u is the residual, scaled until |bᵀu| ≤ λ."""
    u = x - B @ s
    u = u * min(1, lam / np.abs(B.T @ u).max())
    assert np.abs(B.T @ u).max() <= lam * (1 + 1e-9)
    return 0.5 * x @ x - 0.5 * (x - u) @ (x - u)


@pytest.mark.parametrize(
    ("seed", "lam", "name"), [(0, 0.1, "fista"), (1, 0.3, "ista"), (2, 0.9, "ista")]
)
def test_f_and_its_bound_enclose_the_optimum_and_approach_it(seed, lam, name):
    rng = np.random.default_rng(seed)
    B = lasso.normalised(torch.from_numpy(rng.normal(size=(12, 20))))
    x = torch.from_numpy(rng.normal(size=(1, 12)))
    trace = solvers.build(name, B).trace(x, lam, 300).codes[:, 0].detach()
    path = torch.cat([torch.zeros(1, 20, dtype=x.dtype), trace, trace[3:4]])  # the last goes back
    F, bound = bounds.course(x, path, B, lam)
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-10).codes, B, lam).item()
    assert (bound <= best + 1e-9).all() and (best - 1e-9 <= F).all() and (bound.diff() >= 0).all()
    assert F[-2] - bound[-2] < 0.02 * (F[0] - bound[0])
    dual_values = [dual(x[0].numpy(), s, B.numpy(), lam) for s in path.numpy()]
    np.testing.assert_allclose(bound, np.maximum.accumulate(dual_values), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(F, cost(x, path, B, lam))
