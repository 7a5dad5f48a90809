"""The classics CD, LCA and ADMM and the solvers after 2018, against their equations in numpy and float64."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch
from scipy.special import expit
from torch.testing import assert_close

from sc2viz import data, lasso, solvers
from tests.problems import soft
from tests.problems import sparse_problem as problem

CLASSICS = ("cd", "lca", "admm")
LEARNED = [
    ("step-lista", {}),
    ("lista-cp", {}),
    ("lista-cp", {"selection": True, "analytic": True}),
    ("alista", {}),
    ("alista", {"selection": True}),
    ("alista", {"selection": True, "gated": True}),
    ("alista", {"ridge": 0.5}),
    ("glista", {}),
    ("glista", {"analytic": True}),
    ("na-alista", {}),
    ("na-alista", {"ridge": 2.0}),
    ("hyperlista", {}),
]
ALL = [*((name, {}) for name in CLASSICS), *LEARNED]
every_solver = pytest.mark.parametrize(
    "name, options", ALL, ids=lambda value: str(value) if value else "-"
)
every_learned_solver = pytest.mark.parametrize(
    "name, options", LEARNED, ids=lambda value: str(value) if value else "-"
)


def stirred(solver, seed=0):
    """The solver with all that it learns moved at random."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in solver.state_dict().items():
            if name in ("W", "inverse", "tau", "weights.B") and name not in dict(
                solver.named_parameters()
            ):
                continue
            noise = torch.randn(value.shape, generator=generator, dtype=torch.float64).to(value)
            if name == "c":
                value *= (0.3 * noise).exp()
            elif name != "weights.B":
                value += 0.1 * noise
    return solver


# The equations, written out -------------------------------------------------------------------------------------------


def h(c, theta, p):
    """Support selection, entry by entry: rows are samples, p a share for all or a list of one a row."""
    out = soft(c, theta)
    theta, p = np.broadcast_to(theta, (len(c), 1)), np.broadcast_to(p, len(c))
    for row in range(len(c)):
        for j in np.argsort(-np.abs(c[row]))[: round(p[row] * c.shape[1])]:
            if abs(c[row, j]) > theta[row, 0]:
                out[row, j] = c[row, j]
    return out


def coupled(B, ridge=0.0):
    """ALISTA's W by Lagrange's conditions, atom by atom: [BBᵀ + ρI b; bᵀ 0] [w; ν] = [0; 1]."""
    columns = []
    for b in B.T:
        system = np.block(
            [[B @ B.T + ridge * np.eye(len(B)), b[:, None]], [b[None], np.zeros((1, 1))]]
        )
        columns.append(np.linalg.solve(system, np.append(np.zeros(len(B)), 1))[:-1])
    return np.array(columns).T


def softplus(value):
    return np.log1p(np.exp(value))


def written_out(solver, x, lam, steps):
    """The codes of `solver` after each iteration, from its raw parameters P; rows are samples."""
    P = {key: value.detach().double().numpy() for key, value in solver.state_dict().items()}
    x, B = x.double().numpy(), P["weights.B"]
    tau, (n, d_s) = 1 / np.linalg.norm(B, 2) ** 2, (len(x), B.shape[1])
    s = previous = c = u = np.zeros((n, d_s))
    hidden = memory = np.zeros((n, 128))
    first, path = None, []
    lam = np.broadcast_to(lam, n)[:, None]
    bound = np.exp(P["log_theta"][0]) if "log_theta" in P else None
    rho = np.square(B).sum(0).mean()
    for t in range(1, steps + 1):
        k, r = min(t, solver.steps) - 1, x - s @ B.T
        theta = np.exp(P["log_theta"][k]) if "log_theta" in P else None
        p = min(0.012 * t, 0.13)
        if solver.name == "cd":
            next_s = s.copy()
            for j, b in enumerate(B.T):
                next_s[:, j] = soft((x - next_s @ B.T) @ b + next_s[:, j] * (b @ b), lam[:, 0]) / (
                    b @ b
                )
        elif solver.name == "lca":
            u = u + tau * (x @ B - u - s @ (B.T @ B - np.eye(d_s)))
            next_s = soft(u, lam)
        elif solver.name == "admm":
            least_squares = np.linalg.solve(
                B.T @ B + rho * np.eye(d_s), (x @ B + rho * (s - u)).T
            ).T
            v = 1.7 * least_squares - 0.7 * s + u
            next_s = soft(v, lam / rho)
            u = v - next_s
        elif solver.name == "step-lista":
            alpha = tau * np.exp(P["a"][k])
            next_s = soft(s + alpha * r @ B, lam * alpha)
        elif solver.name == "lista-cp":
            next_s = h(s + r @ P["W"][k], theta, p if solver.selection else 0)
        elif solver.name == "alista":
            i, f = (P["gates"][0, k], P["gates"][1, k]) if "gates" in P else (1, 0)
            c = np.clip(f, -1, 1) * c + np.clip(i, 0, 2) * (
                s + P["gamma"][k] * r @ coupled(B, solver.config.get("ridge", 0))
            )
            next_s = h(c, theta, p if solver.selection else 0)
        elif solver.name == "glista":
            g = 1 + np.clip(P["a"][k], 0, 5) * np.maximum(
                1 - np.maximum(P["nu"][k] * np.abs(s), 0), 0
            )
            inner = g * s + (x - (g * s) @ B.T) @ P["W"][k]
            new = h(inner, theta, p)
            o = np.clip(1 + P["b"][k] * bound / (np.abs(new - s) + 0.1), 0, 2)
            next_s, bound = o * new + (1 - o) * s, np.where(new == inner, 0, theta)
        elif solver.name == "na-alista":
            q = r @ coupled(B, solver.config.get("ridge", 0))
            norms = np.stack((np.abs(r).sum(1), np.abs(q).sum(1)), 1)
            first = norms if first is None else first
            gates = np.log(norms / first) @ P["to_gates"].T + hidden @ P["recurrent"].T + P["bias"]
            i, f, new, o = np.split(gates, 4, axis=1)
            memory = expit(f) * memory + expit(i) * np.tanh(new)
            hidden = expit(o) * np.tanh(memory)
            gamma, relative = np.split(softplus(hidden @ P["A"].T + P["a"]), 2, axis=1)
            next_s = h(s + gamma * q, relative * norms[:, 1:] / d_s, p)
        elif solver.name == "hyperlista":
            c1, c2, c3 = P["c"]
            length, full = (np.abs(array @ np.linalg.pinv(B).T).sum(1) for array in (r, x))
            momentum = c2 * (s != 0).sum(1, keepdims=True)
            share = np.clip(c3 * np.log(full / length), 0, 1)
            next_s = h(s + r @ P["W"] + momentum * (s - previous), c1 * length[:, None], share)
        previous, s = s, next_s
        path.append(s)
    return np.array(path)


@every_solver
@pytest.mark.parametrize("seed", range(6))
def test_every_solver_is_its_equations(name, options, seed):
    x, B = problem(d_x=12 - seed % 3, d_s=20 + 3 * seed, seed=seed)
    solver = stirred(
        solvers.build(name, B, steps=6, **options), seed
    )  # 9 steps: longer than it has layers
    for lam in (0.05, torch.linspace(0.02, 0.4, len(x), dtype=x.dtype)):
        codes = solver.trace(x, lam, steps=9).codes[1:].detach().numpy()
        expected = written_out(solver, x, lam, 9)
        assert np.abs(expected[-1]).max() > 1e-3
        np.testing.assert_allclose(
            codes, expected, rtol=0, atol=1e-9 * max(1, np.abs(expected).max())
        )


@every_solver
def test_float32_follows_the_equations_as_far_as_float32_can(name, options):
    x, B = problem(dtype=torch.float32)
    solver = solvers.build(name, B, steps=6, **options)
    expected = written_out(solver, x, 0.1, 6)[-1]
    atol = 2e-5 * max(1, np.abs(expected).max())
    np.testing.assert_allclose(solver(x, 0.1).detach().numpy(), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("name", CLASSICS)
@pytest.mark.parametrize("lam", [0.02, 0.2])
def test_the_classics_reach_the_optimum_of_the_lasso(name, lam):
    x, B = problem(n=20, d_x=25, d_s=40, seed=3)
    codes = solvers.build(name, B)(
        x, lam, steps=400 if name == "cd" else 8000
    ).detach()  # one of CD is a sweep
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-10).codes, B, lam)
    assert_close(lasso.objective(x, codes, B, lam), best, rtol=1e-6, atol=0)


# The computed matrices ------------------------------------------------------------------------------------------------


def test_hyperlistas_matrix_is_the_best_symmetric_one():
    """Of all symmetric M with b_iᵀMb_i = 1, MB has the least ‖BᵀMB‖_F, by Lagrange's conditions."""
    B = problem(d_x=10, d_s=24, unit=True)[1].numpy()
    basis = np.zeros((55, 10, 10))
    for E, (i, j) in zip(basis, combinations_with_replacement(range(10), 2), strict=True):
        E[i, j] = E[j, i] = 1
    products = B.T @ basis @ B
    A, Q = np.diagonal(products, axis1=1, axis2=2).T, products.reshape(55, -1)
    system = np.block([[Q @ Q.T, A.T], [A, np.zeros((24, 24))]])
    m = np.linalg.lstsq(system, np.append(np.zeros(55), np.ones(24)), rcond=None)[0][:55]
    W = solvers.build("hyperlista", torch.from_numpy(B)).W.numpy()
    np.testing.assert_allclose(W, np.tensordot(m, basis, 1) @ B, atol=1e-8)


@pytest.mark.parametrize("name", ["alista", "na-alista", "hyperlista"])
def test_more_values_than_atoms_are_refused_with_the_reason(name):
    label = solvers.solver_class(name).label
    with pytest.raises(
        ValueError,
        match=f"{label} needs at least as many atoms as values a row, and B has 20 atoms of 30",
    ):
        solvers.build(name, problem(d_x=30, d_s=20)[1])
    with pytest.raises(ValueError, match="pseudo-inverse"):
        solvers.build("lista-cp", problem(d_x=30, d_s=20)[1], analytic=True)
    if name != "hyperlista":
        with pytest.raises(
            ValueError, match="ridge, the weight of .* must be ≥ 0 and finite, got -1"
        ):
            solvers.build(name, problem()[1], ridge=-1)
    assert torch.isfinite(
        solvers.build("lista-cp", problem(d_x=30, d_s=20)[1])(problem(d_x=30, d_s=20)[0], 0.1)
    ).all()


def test_a_dictionary_that_leaves_values_unused_has_the_matrices_of_the_rest():
    """The corners of digits are always black, so that B Bᵀ is singular there."""
    _, B = problem(d_x=10, d_s=24)
    padded = torch.cat((B, B.new_zeros(3, 24)))
    for name in ("alista", "hyperlista"):
        W = solvers.build(name, padded).W
        assert_close(W[:10], solvers.build(name, B).W)
        assert not W[10:].any()


# What they have in common ---------------------------------------------------------------------------------------------


@every_learned_solver
def test_all_that_is_learned_has_a_gradient(name, options):
    if name == "hyperlista":
        pytest.skip("it is fitted by a search")
    x, B = problem(n=30, seed=2)
    solver = stirred(solvers.build(name, B, steps=4, **options))
    solver(x, 0.1).square().sum().backward()
    for key, parameter in solver.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name, options", LEARNED, ids=str)
def test_its_gates_stay_in_their_range(name, options):
    x, B = problem(n=20)
    solver = stirred(solvers.build(name, B, steps=5, **options), seed=1)
    with torch.no_grad():
        for parameter in solver.parameters():
            if parameter is not solver.dictionary and parameter.ndim < 3:
                parameter *= 5
    path = solver.trace(x, 0.1, steps=8)
    for gate in solver.traits.gates:
        _, low, high = solver.traits.gate(gate)
        values = path.iterations(gate)
        assert low <= values.min() and values.max() <= high
    assert bool(solver.traits.gates) == (name == "glista" or "gated" in options)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_na_alista_and_hyperlista_treat_every_brightness_alike(scale):
    x, B = problem()
    for name in ("na-alista", "hyperlista"):
        solver = stirred(solvers.build(name, B))
        assert_close(solver(scale * x, 0.1), scale * solver(x, 0.1))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lca", {"eta": 0.0}, "eta, the step, must be > 0 and finite, got 0.0"),
        ("admm", {"rho": -1.0}, "rho must be > 0 and finite, got -1.0"),
        ("admm", {"rho": float("nan")}, "rho must be > 0 and finite, got nan"),
    ],
)
def test_bad_options_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        solvers.build(name, torch.eye(4), **options)


def test_hyperlista_needs_true_codes():
    with pytest.raises(ValueError, match="HyperLISTA is fitted to true codes, and digits has none"):
        solvers.build("hyperlista", torch.eye(64)).fit_by_search(data.load("digits"), 0.1)
