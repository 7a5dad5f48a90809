"""One place of a picture, against the picture that `denoise` makes of it."""

import numpy as np
import pytest
import torch

from sc2viz import photographs, solvers
from sc2viz.photographs import assembling, coding, places, whole
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
    assert place.reconstructions[-1, place.pixel] == pytest.approx(
        place.estimates[place.chosen], abs=1e-5
    )


@pytest.mark.parametrize("solver", ["lista", "lfista", "exact"])
def test_it_does_not_depend_on_how_many_patches_are_coded_at_a_time(noisy, solver, monkeypatch):
    monkeypatch.setattr(assembling, "BLOCK", 10**6)
    place = places.look(noisy, SIGMA, coder(noisy, solver), 15, 20)
    monkeypatch.setattr(assembling, "BLOCK", 60)
    in_blocks = places.look(noisy, SIGMA, coder(noisy, solver), 15, 20)
    np.testing.assert_allclose(in_blocks.estimates, place.estimates, atol=1e-5)
    np.testing.assert_allclose(in_blocks.codes, place.codes, atol=1e-5)
    assert (in_blocks.corner, in_blocks.lam) == (place.corner, pytest.approx(place.lam, rel=1e-6))


def test_the_patch_is_cut_out_of_the_picture_and_coded_as_by_the_solver_itself(noisy):
    place_coder = coder(noisy, "lista")
    place = places.look(noisy, SIGMA, place_coder, 15, 20)
    (top, column), rows = place.corner, noisy[11:19, 16:24]
    assert (top, column) == (11, 16) and place.pixel == 4 * 8 + 4
    np.testing.assert_allclose(place.noisy, rows.ravel(), atol=1e-6)
    codes = place_coder.solver(torch.from_numpy(place.x)[None], place.lam).detach().numpy()
    np.testing.assert_allclose(place.codes[-1], codes[0], atol=1e-6)
    assert len(place.codes) == place_coder.solver.steps + 1 and not place.codes[0].any()


def test_noise_beyond_what_a_network_knows_is_scaled_as_in_the_whole_picture(noisy):
    loud, sigma = 4 * noisy, 4 * SIGMA
    place = places.look(loud, sigma, coder(loud, "lista", sigma), 15, 20)
    assert place.scale < 1
    assert place.average == pytest.approx(
        photographs.denoise(loud, sigma, "lista").picture[15, 20], abs=1e-4
    )


def test_a_colour_picture_shows_one_of_its_channels_and_has_no_pixel_outside(noisy):
    colour = np.stack([noisy / 2, noisy, noisy / 3], 2)
    place = places.look(colour, SIGMA, coder(colour, "lista"), 15, 20)
    grey = places.look(noisy, SIGMA, coder(noisy, "lista"), 15, 20)
    assert place.channel == 1 and np.array_equal(place.x, grey.x)
    with pytest.raises(ValueError, match="no pixel"):
        places.look(noisy, SIGMA, coder(noisy, "lista"), 30, 0)


@pytest.mark.parametrize("pixel", [(0, 0), (15, 20), (29, 35)])
def test_a_position_of_filters_is_that_of_the_whole_pictures_codes(noisy, pixel):
    """Against the matrix of all columns, whose row of pixels it is, and the picture that `denoise` makes."""
    solver = solvers.build("conv-slstm", whole.dct(9, 5, 2), 3)
    place = places.look(noisy, SIGMA, whole.coder(solver), *pixel)
    cleaned = photographs.denoise(noisy, SIGMA, solver).picture
    assert len(place.estimates) == 4 and place.average == pytest.approx(cleaned[pixel], abs=1e-5)
    assert place.reconstructions[-1, place.pixel] == pytest.approx(
        place.estimates[place.chosen], abs=1e-5
    )
    (top, column), edge = place.corner, whole.MARGIN
    assert top <= pixel[0] < top + 5 and column <= pixel[1] < column + 5
    window = slice(edge + top, edge + top + 5), slice(edge + column, edge + column + 5)
    np.testing.assert_allclose(
        place.noisy, np.pad(noisy, edge, "symmetric")[window].ravel(), atol=1e-6
    )
    around = np.pad(noisy - noisy.mean(), edge, "symmetric").astype(np.float32)
    sized = solver.at(around.shape)
    constant = sized.dictionary.synthesise(torch.eye(sized.dictionary.shape[1])[::9]).view(
        -1, *around.shape
    )
    inside = constant[:, *window].abs().sum((1, 2)) / constant.abs().sum((1, 2))
    k = int(inside.argmax())  # the position all of whose pixels are these
    trace = sized.trace(torch.from_numpy(around).view(1, -1), coding.LAM_PER_SIGMA * SIGMA)
    np.testing.assert_allclose(
        place.codes, trace.codes[:, 0, 9 * k : 9 * k + 9].detach(), atol=1e-5
    )
    assert [len(place.maps[name]) for name in ("codes", "input_gate", "forget_gate")] == [4] * 3
    middle = place.maps["codes"][:, :, places.REACH, places.REACH]
    np.testing.assert_array_equal(middle, place.codes[:, place.loudest])
    assert (
        place.maps["input_gate"][1:, :, places.REACH, places.REACH] > 0.9
    ).all()  # as it is before training
