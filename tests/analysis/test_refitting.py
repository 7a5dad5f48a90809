"""What the price does to codes, against numpy's least squares, scikit-learn's Lasso, and what a quadratic form is."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sc2viz import checkpoints, data
from sc2viz.analysis import refitting, sweeps
from sc2viz.browser import stops
from tests.problems import F, scikit_learn


@pytest.fixture(scope="module")
def swept():
    """Three pictures of digits, the atoms, and the exact codes at every stop of λ."""
    x, B = data.load("digits", "test").pixels[3:6], checkpoints.load_dictionary("digits")
    return x, B, sweeps.exact(x, B, stops.LAM)


@given(st.integers(0, 10_000), st.integers(1, 12), st.booleans())
def test_refitted_codes_are_the_least_squares_of_numpy(seed, atoms, twice):
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(9, atoms))
    if twice:
        B[:, -1] = B[:, 0]  # atoms that depend on each other
    x, codes = (
        rng.normal(size=(2, 9)),
        rng.normal(size=(3, 2, atoms)) * (rng.random((3, 2, atoms)) < 0.6),
    )
    refitted = refitting.refitted(
        torch.from_numpy(x), torch.from_numpy(codes), torch.from_numpy(B)
    ).numpy()
    for k in range(3):
        for r in range(2):
            used = np.abs(codes[k, r]) > 1e-3
            best = np.linalg.lstsq(B[:, used], x[r], rcond=1e-9)[0]
            assert not refitted[k, r, ~used].any()
            assert_allclose(B @ refitted[k, r], B[:, used] @ best, atol=1e-5)
            assert np.linalg.norm(refitted[k, r]) <= np.linalg.norm(best) * (1 + 1e-4) + 1e-6


def test_codes_rest_where_the_iteration_with_another_matrix_ends():
    images = data.load("synthetic", "test", n_samples=4, d_x=30, d_s=50, k=4, snr_db=20.0)
    x, B, codes = images.pixels.double().numpy(), images.dictionary.double().numpy(), images.codes
    W = np.linalg.solve(B @ B.T, B)
    W /= (W * B).sum(0)
    s, used = np.zeros(codes.shape), (codes != 0).numpy()
    for _ in range(3000):
        s = used * (s + 0.2 * (x - s @ B.T) @ W)
    resting = refitting.resting(images.pixels, codes, images.dictionary, torch.from_numpy(W))
    assert_allclose(resting, s, atol=1e-5)
    refitted = refitting.refitted(images.pixels, codes, images.dictionary)
    torch.testing.assert_close(
        refitting.resting(images.pixels, codes, *[images.dictionary] * 2),
        refitted,
        rtol=0,
        atol=1e-5,
    )
    assert (resting - images.codes).square().sum() > (refitted - images.codes).square().sum()


@pytest.mark.parametrize("picture", [0, 1, 2])
def test_the_plane_is_that_of_the_lasso_in_two_weights(swept, picture):
    x, B, best = swept
    row, atoms, codes = x[picture].double().numpy(), B.double().numpy(), best.codes[:, picture]
    plane = refitting.plane(
        row, codes, atoms, refitting.pair(row, codes[stops.LAM.index(0.5)], atoms)
    )
    both, s = atoms[:, list(plane.atoms)], np.random.default_rng(0).normal(size=2)
    for k in range(0, len(stops.LAM), 6):
        residual = row - np.delete(atoms, plane.atoms, 1) @ np.delete(codes[k], plane.atoms)
        alone = scikit_learn(*map(torch.from_numpy, (residual[None], both)), stops.LAM[k])[0]
        assert_allclose(plane.weights[k], alone, atol=2e-4)
        centre = plane.centres[k]
        assert_allclose(centre, np.linalg.lstsq(both, residual, rcond=None)[0], atol=1e-5)
        form = 0.5 * (s - centre) @ plane.gram @ (s - centre)
        assert F(residual, s, both) - F(residual, centre, both) == pytest.approx(
            form, rel=1e-5, abs=1e-6
        )


@pytest.mark.parametrize("lam", [0.01, 0.1, 0.5, 1.0])
def test_the_two_atoms_show_a_zero_that_the_loss_alone_does_not_have(swept, lam):
    x, B, best = swept
    for picture, row in enumerate(x.double().numpy()):
        k, codes, atoms = stops.LAM.index(lam), best.codes[:, picture], B.double().numpy()
        plane = refitting.plane(row, codes, atoms, refitting.pair(row, codes[k], atoms))
        used, zero = np.abs(plane.weights[k])
        assert used > 1e-3 and zero <= 1e-3
        assert (
            0.1 < abs(plane.centres[k, 1]) / used < 2
        )  # it is drawn beside the axis, not far from the ball


def test_where_no_two_atoms_can_be_drawn_there_is_no_pair():
    B = np.random.default_rng(0).normal(size=(7, 5))
    assert refitting.pair(np.ones(7), np.zeros(5), B) is None
    assert refitting.pair(np.ones(7), np.ones(1), B[:, :1]) is None
    B[:, 1:] = 0
    assert refitting.pair(np.ones(7), np.eye(5)[0], B) is None
