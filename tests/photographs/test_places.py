"""One place of a picture, against the picture that `denoise` makes of it."""

import numpy as np
import pytest
import torch

from sc2viz import photographs
from sc2viz.photographs import assembling, coding, places
from sc2viz.photographs.channels import planes

SIGMA = 25 / 255


@pytest.fixture(scope="module")
def noisy():
    from skimage.data import camera

    clean = camera()[100:130, 200:236] / 255
    return clean + SIGMA * np.random.RandomState(0).standard_normal(clean.shape)


def coder(noisy, solver: str, sigma: float = SIGMA) -> coding.PatchCoder:
    return coding.coder(solver, None, planes(noisy), coding.LAM_PER_SIGMA * sigma, None, sigma)


@pytest.mark.parametrize("solver", ["lista", "lfista", "omp"])
@pytest.mark.parametrize("pixel", [(0, 0), (15, 20), (29, 35)])
def test_the_estimates_average_to_the_pixel_of_the_cleaned_picture(noisy, solver, pixel):
    place = places.look(noisy, SIGMA, coder(noisy, solver), *pixel)
    cleaned = photographs.denoise(noisy, SIGMA, solver).picture
    assert len(place.estimates) == {(0, 0): 1, (15, 20): 64, (29, 35): 1}[pixel]
    assert place.average == pytest.approx(cleaned[pixel], abs=1e-5)
    assert place.made[-1, place.pixel] == pytest.approx(place.estimates[place.own], abs=1e-5)


@pytest.mark.parametrize("solver", ["lista", "lfista", "exact"])
def test_it_does_not_depend_on_how_many_patches_are_coded_at_a_time(noisy, solver, monkeypatch):
    monkeypatch.setattr(assembling, "BLOCK", 10**6)
    whole = places.look(noisy, SIGMA, coder(noisy, solver), 15, 20)
    monkeypatch.setattr(assembling, "BLOCK", 60)
    in_blocks = places.look(noisy, SIGMA, coder(noisy, solver), 15, 20)
    np.testing.assert_allclose(in_blocks.estimates, whole.estimates, atol=1e-5)
    np.testing.assert_allclose(in_blocks.codes, whole.codes, atol=1e-5)
    assert (in_blocks.corner, in_blocks.lam) == (whole.corner, pytest.approx(whole.lam, rel=1e-6))


def test_the_patch_is_cut_out_of_the_picture_and_coded_as_by_the_solver_itself(noisy):
    found = coder(noisy, "lista")
    place = places.look(noisy, SIGMA, found, 15, 20)
    (top, left), rows = place.corner, noisy[11:19, 16:24]
    assert (top, left) == (11, 16) and place.pixel == 4 * 8 + 4
    np.testing.assert_allclose(place.noisy, rows.ravel(), atol=1e-6)
    codes = found.solver(torch.from_numpy(place.x)[None], place.lam).detach().numpy()
    np.testing.assert_allclose(place.codes[-1], codes[0], atol=1e-6)
    assert len(place.codes) == found.solver.steps + 1 and not place.codes[0].any()


def test_noise_beyond_what_a_network_knows_is_scaled_as_in_the_whole_picture(noisy):
    loud, sigma = 4 * noisy, 4 * SIGMA
    place = places.look(loud, sigma, coder(loud, "lista", sigma), 15, 20)
    assert place.scale < 1
    assert place.average == pytest.approx(photographs.denoise(loud, sigma, "lista").picture[15, 20], abs=1e-4)


def test_a_colour_picture_shows_one_of_its_channels(noisy):
    colour = np.stack([noisy / 2, noisy, noisy / 3], 2)
    place = places.look(colour, SIGMA, coder(colour, "lista"), 15, 20)
    assert place.channel == 1
    np.testing.assert_array_equal(place.x, places.look(noisy, SIGMA, coder(noisy, "lista"), 15, 20).x)


def test_a_pixel_outside_is_refused(noisy):
    with pytest.raises(ValueError, match="no pixel"):
        places.look(noisy, SIGMA, coder(noisy, "lista"), 30, 0)
