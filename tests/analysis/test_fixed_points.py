"""The destination of adaptive ISTA with fixed gates: against scikit-learn's elastic net, and against running it."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import ElasticNet

from sc2viz import solvers
from sc2viz.analysis import fixed_points

LAM = 0.2


@pytest.fixture(scope="module")
def problem():
    generator = torch.Generator().manual_seed(0)
    B = torch.nn.functional.normalize(torch.randn(12, 20, generator=generator), dim=0)
    return torch.randn(4, 12, generator=generator), B


@pytest.mark.parametrize("gates", [(0.8, 0.1), (0.5, 0.0), (0.3, 0.6), (0.9, -0.5)])
def test_it_rests_at_an_elastic_net(problem, gates):
    x, B = problem
    g = gates[0] / (1 - gates[1])
    l1, l2 = LAM / g, (1 - g) / g * torch.linalg.svdvals(B)[0].item() ** 2
    # scikit-learn: 1/(2n) ‖y − Xw‖² + α ρ ‖w‖₁ + α (1 − ρ)/2 ‖w‖², n = d_x
    alpha = (l1 + l2) / len(B)
    net = ElasticNet(
        alpha=alpha, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-10, max_iter=100_000
    )
    expected = np.stack([net.fit(B.double().numpy(), row).coef_ for row in x.double().numpy()])
    destination = fixed_points.destination(x, B, LAM, *gates)
    np.testing.assert_allclose(destination, expected, atol=2e-3)
    solver = solvers.build("adaptive-ista", B, input_gate=gates[0], forget_gate=gates[1])
    np.testing.assert_allclose(solver(x, LAM, steps=500).detach(), expected, atol=2e-3)


def test_nothing_enters_without_an_input_gate_and_nothing_vouches_for_more_than_one(problem):
    x, B = problem
    assert not fixed_points.destination(x, B, LAM, 0, 1).any()
    assert not fixed_points.destination(x, B, LAM, 0, 0.5).any()
    assert fixed_points.destination(x, B, LAM, 1, 0.1) is None
    assert fixed_points.destination(x, B, LAM, 2, 1) is None
