"""A solver with an offset: reconstructions are offset + s Dᵀ, and F is that of x − offset, by numpy."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from sc2viz import checkpoints, data, evaluation, lasso, photographs, solvers, training
from sc2viz.analysis import unusual
from sc2viz.training import losses
from tests.problems import F

LAM = 0.1


@pytest.fixture
def solver_with_offset(bring):
    """The guest with an offset of random numbers on the atoms of digits, and pictures."""
    assert bring("guest-offset") == ()
    B = checkpoints.load_dictionary("digits")
    solver = solvers.build("guest-offset", B)
    solver.offset.data = 0.3 * torch.rand(len(B), generator=torch.Generator().manual_seed(0))
    return solver.requires_grad_(False), data.load("digits", "test").pixels[:12]


def cost(solver, x, codes, lam=LAM) -> np.ndarray:
    return F(x - solver.offset, codes, solver.dictionary, lam)


def test_built_in_solvers_have_none_and_files_keep_it(solver_with_offset, tmp_path):
    solver, x = solver_with_offset
    ista = solvers.build("ista", solver.dictionary)
    assert (
        ista.offset is None
        and ista.centred(x) is x
        and ista.is_ranked
        and "offset" not in ista.state_dict()
    )
    assert not solver.is_ranked
    loaded = checkpoints.load(checkpoints.save(solver, tmp_path / "offset.safetensors"))
    assert torch.equal(loaded.offset, solver.offset) and torch.equal(loaded(x, LAM), solver(x, LAM))
    torch.testing.assert_close(solver(x, LAM), ista(x - solver.offset, LAM))
    codes = solver(x, LAM)
    torch.testing.assert_close(
        solver.reconstruct(codes), codes @ solver.dictionary.T + solver.offset
    )


def test_numbers_of_evaluation_are_those_of_x_minus_the_offset(solver_with_offset):
    solver, x = solver_with_offset
    codes, B = solver(x, LAM), solver.dictionary
    exact = lasso.solve(
        (x - solver.offset).double(), lasso.normalised(B.double()), LAM, tol=1e-8
    ).codes
    best, costs = cost(solver, x, exact).mean(), cost(solver, x, codes)
    yardsticks = evaluation.yardsticks(solver, x, LAM, B)
    assert yardsticks["F"] == pytest.approx(costs.mean(), rel=1e-5)
    assert yardsticks["above_own"] == pytest.approx(100 * (costs.mean() / best - 1), rel=1e-2)
    (mean, _), *_ = evaluation.beyond(solver, x, LAM, [solver.steps]).tolist()
    assert mean == pytest.approx(100 * (costs.mean() / best - 1), rel=1e-3)
    nothing = cost(solver, x, torch.zeros_like(codes))
    assert_allclose(unusual.growth(solver, x, LAM, [10])[0], costs / nothing, rtol=1e-5)


def test_the_safeguard_goes_by_it(solver_with_offset):
    solver, x = solver_with_offset
    solver.h = lambda c, drive: 3 * c  # which runs away
    path = solver.trace(x, LAM, 20, safeguard=True)
    costs = np.stack([cost(solver, x, codes) for codes in path.codes])
    assert path.safeguarded.any() and (np.diff(costs, axis=0) <= 1e-4).all()


def test_it_learns_by_the_loss_of_x_minus_the_offset(solver_with_offset):
    solver, x = solver_with_offset
    assert_allclose(
        losses.sc2net(solver, x, LAM).detach(), cost(solver, x, solver(x, LAM)), rtol=1e-5
    )  # in float32
    images, offset_before = data.load("digits")[:300], solver.offset.clone()
    first, *_, last = training.fit(
        solver.requires_grad_(True),
        images,
        epochs=2,
        from_start=True,
        settings=training.Settings(lam=LAM, rate=1e-2),
    )
    assert last.objective < first.objective and (solver.offset - offset_before).abs().max() > 1e-3
    rows = images.pixels[-60:]  # the fifth that is held out
    assert last.objective == pytest.approx(
        cost(solver.requires_grad_(False), rows, solver(rows, LAM)).mean(), rel=1e-4
    )


def test_the_offset_to_which_codes_belong_stays_while_they_are_learned():
    images = data.load("digits")[:300]
    solver = solvers.build("relu-sae", checkpoints.load_dictionary("digits"))
    solver.offset.data += 0.1
    state_before = {name: value.clone() for name, value in solver.state_dict().items()}
    [*_] = training.fit(solver, images, "codes", epochs=1, settings=training.Settings(lam=LAM))
    same = {
        name
        for name, value in solver.state_dict().items()
        if torch.equal(value, state_before[name])
    }
    assert {"offset", "weights.B"} <= same and "weights.W" not in same


def test_a_photograph_is_made_of_it(solver_with_offset):
    """Where λ leaves no atom, every patch is its mean and the offset; so is the picture where patches do not overlap."""
    solver, _ = solver_with_offset
    clean = np.random.RandomState(0).rand(16, 16).astype(np.float32)
    tiles = clean.reshape(2, 8, 2, 8)
    expected = tiles.mean((1, 3), keepdims=True) + solver.offset.numpy().reshape(1, 8, 1, 8)
    answer = photographs.approximate(clean, solver=solver, lam=100.0, stride=8)
    assert_allclose(answer.picture, expected.reshape(16, 16), atol=1e-5)
    cleaned = photographs.denoise(clean, 0.1, solver, lam=100.0, stride=8)
    assert_allclose(cleaned.picture, expected.reshape(16, 16), atol=1e-5)
