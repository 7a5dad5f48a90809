"""FISTA with restarts, AMP and LAMP beside numpy in float64, written from the published equations."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from sc2viz import lasso, solvers
from tests.problems import soft, sparse_problem, stirred

LAM, STEPS = 0.05, 20


def problem(d_x=30, d_s=44, n=6):
    return sparse_problem(n, d_x, d_s, unit=True)


def fista_restart(P, x, T):
    """Beck & Teboulle's iteration in t_k, begun anew from s where ⟨y − s⁺, s⁺ − s⟩ > 0; one sample, and its restarts."""
    B = P["weights.B"]
    L = np.linalg.norm(B, 2) ** 2
    s = y = np.zeros(B.shape[1])
    momentum, restarts = 1.0, 0
    for _ in range(T):
        next_s = soft(y - B.T @ (B @ y - x) / L, LAM / L)
        if (y - next_s) @ (next_s - s) > 0:
            y, momentum, restarts = next_s, 1.0, restarts + 1
        else:
            following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            y, momentum = next_s + (momentum - 1) / following * (next_s - s), following
        s = next_s
    return s, restarts


def message_passing(P, x, T, alpha):
    """Donoho, Maleki & Montanari's iteration, and with W_t, α_t, β_t that of Borgerding, Schniter & Rangan; one sample."""
    B = P["weights.B"]
    layers = len(P["W"]) if "W" in P else T
    s, v, onsager = np.zeros(B.shape[1]), np.zeros(len(B)), 0.0
    for t in range(T):
        k = min(t, layers - 1)
        W, beta, threshold = (
            (P[key][k] for key in ("W", "beta", "alpha")) if "W" in P else (B, 1.0, alpha)
        )
        v = x - B @ s + onsager * v
        s = beta * soft(s + W.T @ v, max(threshold, 0) * np.linalg.norm(v) / np.sqrt(len(B)))
        onsager = beta * np.count_nonzero(s) / len(B)
    return s


@pytest.mark.parametrize("name", ["fista-restart", "amp", "lamp"])
@pytest.mark.parametrize("T", [1, 5, STEPS])
def test_each_is_its_published_equation_to_1e_10(name, T):
    x, B = problem(60, 40) if name == "fista-restart" else problem()
    solver = stirred(solvers.build(name, B, steps=12), 0.02)  # LAMP has fewer layers than 20
    P = {key: value.numpy() for key, value in solver.state_dict().items()}
    expected = [
        fista_restart(P, row, T)[0]
        if name == "fista-restart"
        else message_passing(P, row, T, getattr(solver, "alpha", None))
        for row in x.numpy()
    ]
    np.testing.assert_allclose(solver(x, LAM, steps=T), expected, rtol=0, atol=1e-10)
    assert np.abs(expected).max() > 0.1 and (np.array(expected) == 0).any()


def test_with_codes_and_with_a_mask_it_is_still_fista_with_restarts():
    x, B = problem(60, 40)
    solver, mask = (
        solvers.build("fista-restart", B),
        torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) < 0.8,
    )
    best = lasso.solve(x, B, LAM, tol=1e-10, mask=mask).codes
    torch.testing.assert_close(solver(x, LAM, steps=300, mask=mask), best, rtol=0, atol=1e-5)
    F = torch.stack(
        [
            lasso.objective(x, s, B, LAM)
            for s in solver.trace(x, LAM, steps=40, safeguard=True).codes
        ]
    )
    assert (F[1:] <= F[:-1] + 1e-12).all()


@pytest.mark.parametrize("d_x", [5, 25, 45])
def test_amps_threshold_is_the_minimax_one(d_x):
    """The z with the largest (1 − 2t/δ) / (1 + z² − 2t), t = (1 + z²)Φ(−z) − zφ(z): Donoho, Maleki & Montanari 2009."""
    delta = d_x / 50

    def share(z):
        t = (1 + z * z) * norm.cdf(-z) - z * norm.pdf(z)
        return -(1 - 2 / delta * t) / (1 + z * z - 2 * t)

    best = minimize_scalar(share, bounds=(0.01, 5), method="bounded", options={"xatol": 1e-9}).x
    assert solvers.build("amp", torch.eye(d_x, 50)).alpha == pytest.approx(best, abs=1e-4)
    assert solvers.build("lamp", torch.eye(d_x, 50)).alpha.tolist() == pytest.approx(
        [best] * 10, abs=1e-4
    )


@pytest.mark.parametrize("name", ["amp", "lamp"])
def test_more_values_than_atoms_and_a_wrong_alpha_are_refused(name):
    label = solvers.solver_class(name).label
    with pytest.raises(
        ValueError,
        match=f"{label} needs more atoms than values a row, and B has 20 atoms of 30 values",
    ):
        solvers.build(name, torch.eye(30, 20))
    with pytest.raises(ValueError, match="alpha, of the threshold, must be ≥ 0 and finite, got -1"):
        solvers.build("amp", torch.eye(4, 8), alpha=-1)


def test_untrained_lamp_is_amp_and_a_black_picture_has_gradients():
    x, B = problem(n=4)
    lamp = solvers.build("lamp", B, 7)
    amp = solvers.build("amp", B)(x, LAM, steps=7)
    torch.testing.assert_close(lamp(x, LAM), amp, rtol=0, atol=1e-13)
    dark = lamp(0 * x, LAM)
    dark.sum().backward()
    grads = [parameter.grad for parameter in lamp.parameters() if parameter.grad is not None]
    assert not dark.any() and grads and all(grad.isfinite().all() for grad in grads)
