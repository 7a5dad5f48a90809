"""What gates add, against numpy and where it is known."""

import numpy as np
import pytest
import torch

from sc2viz import lasso, solvers
from sc2viz.analysis import ablation
from tests.problems import F, soft, stirred

ATOMS, STEPS, LAM = 12, 5, 0.15


@pytest.fixture
def trained():
    """An SLSTM as if it had been trained, and pictures."""
    generator = torch.Generator().manual_seed(1)
    B = lasso.normalised(torch.randn(20, ATOMS, generator=generator))
    return stirred(solvers.build("slstm", B, STEPS), 0.03), torch.rand(7, 20, generator=generator)


def numpys(solver, x, i, f) -> np.ndarray:
    """The codes by Eq. (8) with gates i and f, (T, d_s) or (T, n, d_s), that are given."""
    x = x.double().numpy()
    W_e, W_d, theta = (
        part.detach().double().numpy() for part in (solver.W_e, solver.W_d, _theta(solver))
    )
    s, c = np.zeros((2, len(x), ATOMS))
    for i_t, f_t in zip(i, f, strict=True):
        c = f_t * c + i_t * (s @ W_e.T + x @ W_d.T)
        s = soft(c, theta)
    return s


def _theta(solver) -> torch.Tensor:
    """θ_j = λκτ exp(a_j + v_j z), z = log₁₀λ + 1."""
    scale = LAM * solver.weights.kappa * solver.weights.tau
    return scale * torch.exp(solver.a + solver.v * (np.log10(LAM) + 1))


def distance(x, codes, B, optimum) -> float:
    """Mean F with free atoms above the mean optimum, in %, by numpy."""
    norms = np.linalg.norm(B, axis=0)
    return 100 * (F(x, codes * norms, B / norms, LAM).mean() / optimum.mean() - 1)


def test_it_is_what_numpy_makes_of_the_same_matrices_with_other_gates(trained):
    solver, x = trained
    B = solver.dictionary.detach().double().numpy()
    unit = B / np.linalg.norm(B, axis=0)
    exact = lasso.solve(x.double(), torch.from_numpy(unit), LAM, tol=1e-8).codes.numpy()
    optimum = F(x, exact, unit, LAM)
    distances = ablation.gates(solver, x, LAM, STEPS, torch.from_numpy(optimum))
    path = solver.trace(x, LAM, STEPS)
    i, f = path.input_gate.double().numpy(), path.forget_gate.double().numpy()
    assert np.ptp(i, axis=1).max() > 0.01  # the gates see the picture
    for value, gates in (
        (distances.computed, (i, f)),
        (distances.mean, (i.mean(1), f.mean(1))),
        (distances.open, (np.ones((STEPS, ATOMS)), np.zeros((STEPS, ATOMS)))),
    ):
        assert value == pytest.approx(distance(x, numpys(solver, x, *gates), B, optimum), rel=1e-3)
    s, tau = np.zeros((7, ATOMS)), 1 / np.linalg.norm(unit, 2) ** 2
    for _ in range(STEPS):
        s = s - tau * (s @ unit.T - x.double().numpy()) @ unit
        s = soft(s, LAM * tau)
    assert distances.plain == pytest.approx(distance(x, s, unit, optimum), rel=1e-3)


def test_long_steps_overshoot_without_gates(trained):
    solver, x = trained
    x = x[:1]
    is_averaged, ungated = ablation.average_overshoots(solver, solver.trace(x, LAM, STEPS), x, LAM)
    ones = np.ones((STEPS, ATOMS))
    np.testing.assert_allclose(ungated, numpys(solver, x, ones, 0 * ones), atol=1e-5)
    assert not is_averaged  # κ = 2
    B = solver.dictionary.detach()
    long = solvers.build("slstm", B, STEPS, kappa=8.0)
    path = long.trace(x, LAM, STEPS)
    assert ablation.average_overshoots(long, path, x, LAM)[0]
    assert not ablation.average_overshoots(long, long.trace(x, LAM, 1), x, LAM)[0]
