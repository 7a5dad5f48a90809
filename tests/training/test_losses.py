"""The losses against numpy, sample by sample."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.special import log_softmax

from sc2viz import patches, solvers
from sc2viz.training import losses
from tests.problems import F, stirred

LAM = 0.2


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    B = rng.standard_normal((12, 20))
    B /= np.linalg.norm(B, axis=0)
    x, labels = rng.random((7, 12)), rng.integers(0, 4, 7)
    solver = solvers.build("slstm", torch.from_numpy(B), 3, classes=4)
    with torch.no_grad():
        solver.C += torch.from_numpy(rng.standard_normal((4, 20)))
        solver.weights.B *= 1.5  # atoms outside the unit ball count as printed
    return solver, torch.from_numpy(x), torch.from_numpy(labels)


def printed(solver, x, lam=LAM):
    return F(x, solver(x, torch.as_tensor(lam, dtype=x.dtype)), solver.dictionary, lam)


def test_codes_is_half_the_squared_distance(problem):
    solver, x, _ = problem
    target = torch.rand(7, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = F(target, solver(x, LAM), torch.eye(20))
    assert_allclose(losses.codes(solver, x, LAM, target).detach(), expected, rtol=1e-12)


@pytest.mark.parametrize("lam", [LAM, np.linspace(0.05, 0.9, 7)])
def test_sc2net_is_equation_10_with_a_half(problem, lam):
    solver, x, _ = problem
    loss = losses.sc2net(solver, x, torch.as_tensor(lam, dtype=x.dtype))
    assert_allclose(loss.detach(), printed(solver, x, lam), rtol=1e-12)


def test_with_a_later_number_of_iterations_it_is_the_mean_of_both(problem):
    solver, x, labels = problem
    target = torch.rand(7, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for loss, *arguments in (
        (losses.codes, target),
        (losses.sc2net,),
        (losses.supervised, labels, 2.0),
        (losses.codes_supervised, target, labels, 2.0),
    ):
        solver.steps = 3
        mean, shorter = (loss(solver, x, LAM, *arguments, later=t).detach() for t in (8, None))
        solver.steps = 8
        longer = loss(solver, x, LAM, *arguments).detach()
        assert (shorter - longer).abs().max() > 1e-3
        torch.testing.assert_close(mean, (shorter + longer) / 2, rtol=1e-12, atol=0)


@pytest.mark.parametrize("window", [1, 3, 5, 9, None])
def test_the_gradient_of_a_window_is_that_of_changing_only_its_iterations(problem, window):
    """By finite differences: the first iterations keep the weights as they are, the last ones move."""
    solver, x, _ = problem
    B, eps, last = solver.weights.B, 1e-6, 8 if window is None else min(window, 5)
    point, direction = (
        B.detach().clone(),
        torch.randn(B.shape, dtype=B.dtype, generator=torch.Generator().manual_seed(1)),
    )

    @torch.no_grad()
    def loss(atoms):
        found, (state, fixed) = (
            0.0,
            (solver.start(x), solver.drive(x, torch.tensor(LAM, dtype=x.dtype))),
        )
        B.copy_(point + atoms * direction)
        drive = solver.drive(x, torch.tensor(LAM, dtype=x.dtype))
        for t in range(8):
            state = solver.step(state, drive if t >= 8 - last else fixed)
        for codes in (solver(x, LAM), state.codes):
            found += F(x, codes, B, LAM).sum() / 2
        B.copy_(point)
        return found

    found = torch.autograd.grad(losses.sc2net(solver, x, LAM, later=8, window=window).sum(), B)[0]
    expected = (loss(eps) - loss(-eps)) / (2 * eps)
    assert float((found * direction).sum()) == pytest.approx(expected, rel=1e-5)


def test_what_runs_away_costs_the_logarithm_of_its_growth_and_what_does_not_costs_nothing(problem):
    solver, x, _ = problem
    with torch.no_grad():
        solver.weights.delta_e += 3 * torch.eye(len(solver.weights.delta_e), dtype=x.dtype)
    growth = printed(solver, x) / (0.5 * (x.numpy() ** 2).sum(1))
    costs = losses.running_away(solver, x, LAM)
    assert growth.max() > 1.5
    assert_allclose(costs.detach(), 4 * np.log1p(np.maximum(growth - 1.1, 0)), rtol=1e-10)
    assert torch.equal(losses.running_away(solver, 0 * x, LAM), torch.zeros(len(x), dtype=x.dtype))
    ista = solvers.build("ista", solver.dictionary)
    assert not losses.running_away(ista, x, LAM, later=30).any()  # F never rises


@pytest.mark.parametrize("later", [None, 5])
def test_a_guest_that_fails_is_named_at_every_horizon(bring, later):
    """It raises an exception at T = 3, which is within either."""
    assert bring("guest-raises") == ()
    solver = solvers.build("guest-raises", torch.eye(6), 3)
    for loss in (losses.sc2net, losses.running_away):
        with pytest.raises(
            solvers.Failed, match=r"Raising ISTA failed in guest-raises\.py, line \d+: RuntimeError"
        ):
            loss(solver, torch.rand(2, 6), LAM, later=later)


@pytest.mark.parametrize("weight", [0.0, 10.0])
def test_labels_add_the_weighted_cross_entropy(problem, weight):
    solver, x, labels = problem
    logits = solver(x, LAM).detach().numpy() @ solver.C.detach().numpy().T
    surprise = -weight * log_softmax(logits, axis=1)[np.arange(7), labels.numpy()]
    target = torch.rand(7, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for labelled, plain, *arguments in (
        (losses.supervised, losses.sc2net),
        (losses.codes_supervised, losses.codes, target),
    ):
        loss_found = labelled(solver, x, LAM, *arguments, labels, weight).detach()
        expected = plain(solver, x, LAM, *arguments).detach().numpy() + surprise
        assert_allclose(loss_found, expected, rtol=1e-12)


@pytest.mark.parametrize("tilt, share", [(0.25, 0.0), (0.0, 0.15), (0.5, 0.15)])
def test_lambda_is_log_uniform_but_for_a_share_at_the_highest_and_its_weight_has_mean_one(
    tilt, share
):
    n, (low, high) = 100_000, losses.LAMBDA_RANGE
    uniform = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    lam, weight = losses.draw_lambda(uniform, tilt, share) if share else losses.draw_lambda(uniform)
    top = lam == high
    assert top.double().mean().item() == pytest.approx(share)
    positions = (lam[~top].log() - np.log(low)) / np.log(high / low)
    assert (
        positions.sort().values - (torch.arange(len(positions)) + 0.5) / len(positions)
    ).abs().max() < 1e-6
    assert weight.mean().item() == pytest.approx(1, rel=1e-6)
    assert (weight.max() / weight.min()).item() == pytest.approx((high / low) ** tilt, rel=1e-3)


# Denoising ------------------------------------------------------------------------------------------------------------


def noise_of(x, seed=0):
    """λ, σ and noise for rows x, drawn as `training` does."""
    generator = torch.Generator().manual_seed(seed)
    sigma = 0.02 + 0.2 * torch.rand(len(x), generator=generator, dtype=torch.float64)
    return (
        2 * sigma,
        sigma,
        sigma[:, None] * torch.randn(x.shape, generator=generator, dtype=torch.float64),
    )


def test_denoising_is_the_mean_error_of_a_patch_in_units_of_the_noise(problem):
    solver, x, _ = problem
    lam, sigma, noise = noise_of(x)
    losses_found = losses.denoising(solver, x, lam, sigma, noise).detach().numpy()
    for i in range(len(x)):
        noisy = (x + noise)[i].numpy()
        s = solver(torch.from_numpy(noisy - noisy.mean())[None], float(lam[i])).detach().numpy()[0]
        estimate = solver.dictionary.detach().numpy() @ s + noisy.mean()
        assert_allclose(
            losses_found[i],
            np.mean((estimate - x[i].numpy()) ** 2) / float(sigma[i]) ** 2,
            rtol=1e-10,
        )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("learned", [False, True])
def test_denoising_of_larger_pictures_is_that_of_the_averaged_patches(channels, learned):
    """An averaging that has learned nothing changes nothing but the share of the noisy picture."""
    rng, size, side = np.random.default_rng(0), 3, 8
    B = rng.standard_normal((size * size * channels, 30))
    solver = solvers.build("lista", torch.from_numpy(B / np.linalg.norm(B, axis=0)), 4)
    averaging = patches.Averaging(len(B)).double().requires_grad_(False)
    if learned:
        solver.averaging = stirred(averaging)
    x = torch.from_numpy(rng.random((2, side * side * channels)))
    lam, sigma, noise = noise_of(x)
    losses_found = losses.denoising(solver, x, lam, sigma, noise).detach().numpy()
    D = solver.requires_grad_(False).dictionary.numpy()
    for i, picture in enumerate((x + noise).numpy().reshape(2, side, side, channels)):
        total, weights = np.zeros_like(picture), np.zeros_like(picture)
        for top, column in np.ndindex(side - size + 1, side - size + 1):
            place = np.s_[top : top + size, column : column + size]
            square = picture[
                max(top - size, 0) : top + 2 * size, max(column - size, 0) : column + 2 * size
            ]
            mean = picture[place].mean()
            rows, further = (
                torch.from_numpy(picture[place] - mean).reshape(1, -1),
                square.mean() - mean,
            )
            chosen = averaging.choose(rows, torch.tensor([further]), lam[[i]], sigma[[i]])
            s = solver(rows, chosen.lam).numpy()[0]
            w = np.exp(averaging.p.numpy() + chosen.b.item())
            w *= (1 + np.count_nonzero(s)) ** -averaging.q.item()
            estimate = D @ s + mean + chosen.g.item() * further
            total[place] += (w * estimate).reshape(size, size, -1)
            weights[place] += w.reshape(size, size, -1)
        r = averaging.r.numpy() @ np.array([1, np.log(sigma[i].item() / 0.1)])
        share = learned / (1 + np.exp(-r))
        answer = (1 - share) * total / weights + share * picture
        error = (answer - x[i].numpy().reshape(picture.shape))[2:-2, 2:-2]
        assert_allclose(losses_found[i], np.mean(error**2) / sigma[i].item() ** 2, rtol=1e-9)


def test_the_learned_averaging_starts_at_the_plain_one():
    averaging = patches.Averaging(16)
    x, further, lam, sigma = (
        torch.randn(5, 16),
        torch.randn(5),
        torch.full((5,), 0.2),
        torch.tensor(0.1),
    )
    chosen = averaging.choose(x, further, lam, sigma)
    assert torch.equal(chosen.lam, lam) and torch.equal(
        averaging.weights(x, chosen.b), torch.ones(5, 16)
    )
    assert not chosen.g.any()
    with torch.no_grad():
        for parameter in averaging.chooser.parameters():
            parameter += 100
    chosen = averaging.choose(x, further, lam, sigma)
    assert ((chosen.lam / lam).log().abs() <= patches.LARGEST + 1e-5).all() and (
        chosen.b.abs() <= patches.LARGEST
    ).all()
