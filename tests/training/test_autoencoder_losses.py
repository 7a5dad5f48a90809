"""The losses of sparse autoencoders, against numpy, and what training makes of them."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from sc2viz import data, lasso, solvers, training
from sc2viz.training import losses
from tests.problems import F, stirred

LAM = 0.05


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    B = lasso.normalised(torch.randn(10, 24, generator=generator, dtype=torch.float64))
    return torch.randn(7, 10, generator=generator, dtype=torch.float64), B


def built(name, B, **options):
    """A solver with weights that are far from untrained ones."""
    return stirred(solvers.build(name, B, 4, **options), seed=1).requires_grad_(True)


def fit(solver, x, s):
    return F(x - solver.offset, s, solver.dictionary)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("relu-sae", lambda s: LAM * s.sum(1)),
        ("jump-relu-sae", lambda s: LAM * (s > 0).sum(1)),
        ("mp-sae", lambda s: 0),
    ],
)
def test_relu_pays_for_the_sum_of_codes_jump_relu_for_their_number_and_pursuit_for_none(
    problem, name, price
):
    x, B = problem
    solver = built(name, B)
    s, cost = solver(x, LAM).detach().numpy(), losses.autoencoder(solver, x, LAM)
    assert_allclose(cost.detach(), fit(solver, x, s) + price(s), rtol=1e-12)
    cost.sum().backward()
    assert s.any() and solver.weights.B.grad.any() and solver.offset.grad.any()


def test_gated_pays_for_its_gate_which_alone_reconstructs_with_atoms_held_fixed(problem):
    x, B = problem
    solver = built("gated-sae", B)
    P = {key: value.detach().numpy() for key, value in solver.state_dict().items()}
    rows, D = x.numpy() - P["offset"], P["weights.B"]
    opened = np.maximum(rows @ P["weights.W"].T + P["weights.c"] - LAM * P["weights.tau"], 0)
    s = (opened > 0) * np.maximum(np.exp(P["r"]) * (rows @ P["weights.W"].T) + P["m"], 0)
    alone = 0.5 * ((rows - opened @ D.T) ** 2).sum(1)
    loss = losses.autoencoder(solver, x, LAM)
    assert_allclose(loss.detach(), fit(solver, x, s) + LAM * opened.sum(1) + alone, rtol=1e-12)
    loss.sum().backward()
    residual = rows - s @ D.T
    assert_allclose(
        solver.weights.B.grad, -residual.T @ s, rtol=1e-9, atol=1e-12
    )  # of the first term alone
    by_gate = (opened > 0) * (LAM - (rows - opened @ D.T) @ D)
    assert_allclose(solver.weights.c.grad, by_gate.sum(0), rtol=1e-9, atol=1e-12)


def test_matryoshka_pays_for_what_its_first_atoms_alone_reconstruct(problem):
    x, B = problem
    solver = built("matryoshka-sae", B, k=3)
    P = {key: value.detach().numpy() for key, value in solver.state_dict().items()}
    z = np.maximum((x.numpy() - P["offset"]) @ P["weights.W"].T + P["weights.c"], 0)
    s = z * (z >= np.sort(z.ravel())[-3 * len(z)])
    nested = [
        fit(solver, x, np.where(np.arange(24) < m, s, 0)) for m in (2, 3, 6, 12, 24)
    ]  # of 24/16 … 24 atoms
    assert_allclose(losses.autoencoder(solver, x, LAM).detach(), np.mean(nested, 0), rtol=1e-12)
    assert solver.threshold.item() == pytest.approx(z[s > 0].min(), rel=1e-14)


def test_the_straight_through_gradient_of_jump_relu_is_its_formula(problem):
    """∂L/∂a_j = θ_j ∂L/∂θ_j, with the kernel's estimates of ∂s/∂θ and ∂‖s‖₀/∂θ, in numpy."""
    x, B = problem
    solver = built("jump-relu-sae", B)
    with torch.no_grad():
        solver.weights.tau.fill_(2.0)  # a wide kernel, so that many entries lie under it
    losses.autoencoder(solver, x, LAM).sum().backward()
    P = {key: value.detach().numpy() for key, value in solver.state_dict().items()}
    rows, D = x.numpy() - P["offset"], P["weights.B"]
    epsilon = np.sqrt(2 * LAM * P["weights.tau"])
    z, theta = rows @ P["weights.W"].T + P["weights.c"], epsilon * np.exp(P["a"])
    s = z * (z > theta)
    K = (np.abs(z - theta) < epsilon / 2) / epsilon
    by_code = -(rows - s @ D.T) @ D
    assert_allclose(solver.a.grad, theta * (-theta * K * by_code - LAM * K).sum(0), rtol=1e-9)
    assert_allclose(solver.weights.W.grad, (by_code * (z > theta)).T @ rows, rtol=1e-9)
    assert K.sum() > 20


@pytest.mark.parametrize("batch", [False, True])
def test_dead_atoms_of_top_k_are_asked_for_what_is_left(problem, batch):
    x, B = problem
    solver = built("topk-sae", B, k=3, batch=batch)
    P = {key: value.detach().numpy() for key, value in solver.state_dict().items()}
    z = np.maximum((x.numpy() - P["offset"]) @ P["weights.W"].T + P["weights.c"], 0)
    sorted_codes = np.sort(z.ravel() if batch else z, axis=-1)
    s = z * (z >= (sorted_codes[-3 * len(z)] if batch else sorted_codes[:, [-3]]))
    assert_allclose(losses.autoencoder(solver, x, LAM).detach(), fit(solver, x, s), rtol=1e-12)
    assert solver.unused.tolist() == (len(x) * ~(s > 0).any(0)).tolist()
    solver.unused.fill_(1e6)  # all atoms but those that the next rows use are dead
    dead = ~(s > 0).any(0)
    loss = losses.autoencoder(solver, x, LAM)
    residual = x.numpy() - P["offset"] - s @ P["weights.B"].T
    of_dead = np.where(dead, z, 0)
    revived = of_dead * (of_dead >= np.sort(of_dead[:, dead], 1)[:, [-5]])  # d_x/2 of them
    extra = 0.5 * ((residual - revived @ P["weights.B"].T) ** 2).sum(1) / 32
    assert_allclose(loss.detach(), fit(solver, x, s) + extra, rtol=1e-12)
    assert dead.sum() > 5
    loss.sum().backward()
    assert solver.weights.W.grad[dead].abs().max() > 0


def test_the_threshold_of_a_batch_follows_the_smallest_entry_that_was_kept(problem):
    x, B = problem
    solver = built("topk-sae", B, k=3, batch=True)
    losses.autoencoder(solver, x, LAM)
    z = torch.relu(solver.preactivation(x)).detach().flatten().sort().values
    assert solver.threshold == z[-3 * len(x)]
    threshold_before = solver.threshold.item()
    losses.autoencoder(solver, 3 * x, LAM)
    smallest = (
        torch.relu(solver.preactivation(3 * x)).detach().flatten().sort().values[-3 * len(x)].item()
    )
    assert solver.threshold.item() == pytest.approx(0.99 * threshold_before + 0.01 * smallest)
    with torch.no_grad():  # what is only measured leaves it alone
        losses.autoencoder(solver, x, LAM)
    assert solver.threshold.item() == pytest.approx(0.99 * threshold_before + 0.01 * smallest)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relu-sae", {}),
        ("topk-sae", {"k": 6}),
        ("topk-sae", {"k": 6, "batch": True}),
        ("jump-relu-sae", {}),
        ("gated-sae", {}),
        ("matryoshka-sae", {"k": 6}),
        ("mp-sae", {}),
    ],
)
def test_training_fits_better_and_keeps_atoms_of_norm_one(name, options):
    images = data.load("digits")[:400]
    x = images.pixels
    B = lasso.normalised(x[:40].T.contiguous())
    solver = solvers.build(name, B, 6, **options)

    def cost():
        with torch.no_grad():
            return losses.autoencoder(solver, x, LAM).mean().item()

    cost_before, settings = cost(), training.Settings(rate=3e-3, lam=LAM, dictionary_rate=1.0)
    options = {"epochs": 4, "settings": settings, "batch_size": 50}
    *_, last = training.fit(solver, images, "autoencoder", **options)
    assert cost() < 0.8 * cost_before and last.stopped == "finished" and last.excess > -0.1
    torch.testing.assert_close(solver.dictionary.norm(dim=0), torch.ones(40))
    assert solver.offset.abs().max() > 0 and not torch.equal(solver.dictionary, B)


def test_atoms_and_offset_stay_where_their_rate_is_zero():
    images = data.load("digits")[:200]
    B = lasso.normalised(images.pixels[:40].T.contiguous())
    solver = solvers.build("relu-sae", B)
    settings = training.Settings(lam=LAM, dictionary_rate=0.0)
    list(training.fit(solver, images, "autoencoder", epochs=1, settings=settings))
    torch.testing.assert_close(solver.dictionary, B)
    assert not solver.offset.any() and not torch.equal(
        solver.weights.W, solvers.build("relu-sae", B).weights.W
    )
