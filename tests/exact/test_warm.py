"""Coordinate descent from codes and atoms at hand, against exact codes and the closed form of a step."""

import numpy as np
import pytest
import torch

from sc2viz import lasso
from sc2viz.exact import warm


@pytest.fixture
def problem():
    rng = np.random.RandomState(0)
    x, B = (
        torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        for shape in ((40, 12), (12, 30))
    )
    return x, lasso.normalised(B)


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_codes_from_other_codes_come_near_the_optimum(problem, positive, kind):
    x, B = (array.to(kind) for array in problem)
    lam, codes = torch.linspace(0.2, 0.5, 40, dtype=kind), torch.full((40, 30), 0.3, dtype=kind)
    for _ in range(4):
        warm.improve_(codes, x, B, lam, positive)
    x, B, lam = x.double(), B.double(), lam.double()
    F, minimum = (
        lasso.objective(x, s.double(), B, lam)
        for s in (codes, lasso.solve(x, B, lam, positive=positive).codes)
    )
    assert (F / minimum < 1.01).all() and (codes.min() >= 0) == positive


@pytest.mark.parametrize("positive", [False, True])
def test_atoms_move_in_turn_to_their_best_on_the_sphere(problem, positive):
    x, B = problem
    B = B.abs() if positive else B
    codes = torch.rand(40, 30) * (torch.rand(40, 30) < 0.2)
    codes[:, 7] = 0
    moved, expected = (
        warm.updated(B, codes.T @ codes, x.T @ codes, positive),
        B.double().numpy().copy(),
    )
    s, rows = codes.double().numpy(), x.double().numpy()
    for j in set(range(30)) - {
        7
    }:  # ‖x_i − s_ij b‖² falls with bᵀ Σ s_ij (x_i − Σ_{k≠j} s_ik b_k), as ‖b‖ = 1
        others = rows - s @ expected.T + np.outer(s[:, j], expected[:, j])
        pull = others.T @ s[:, j]
        pull = np.maximum(pull, 0) if positive else pull
        if pull.any():
            expected[:, j] = pull / np.linalg.norm(pull)
    np.testing.assert_allclose(moved.numpy(), expected, atol=2e-3)
    assert torch.equal(moved[:, 7], B[:, 7])
