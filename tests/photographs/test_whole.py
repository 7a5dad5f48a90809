"""Denoising by solvers on filters: against numpy, and as a reader does it."""

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, convolution, data, photographs, solvers
from sc2viz.photographs import whole

SIGMA = 0.1


def smooth(high=30, wide=27):
    down, right = np.mgrid[:high, :wide]
    return 0.5 + 0.3 * np.sin(down / 4) * np.cos(right / 5)


def noisy(clean):
    return clean + SIGMA * np.random.default_rng(0).standard_normal(clean.shape)


def psnr(clean, answer):
    return -10 * np.log10(np.mean((clean - answer) ** 2))


def filters():
    return whole.dct(9, 5, 2)


def test_the_answer_is_the_synthesis_of_the_mirrored_pictures_codes(monkeypatch):
    noisy_picture, margin = noisy(smooth(9, 7)).astype(np.float32), 3
    monkeypatch.setattr(whole, "MARGIN", margin)
    around = np.pad(noisy_picture - noisy_picture.mean(), margin, "symmetric")
    B = convolution.Dictionary(filters().filters, 2, around.shape)
    solver = solvers.build("conv-lfista", B, 4)
    with torch.no_grad():
        codes = solver(torch.from_numpy(around).reshape(1, -1), 0.2)
        expected = (codes @ B.matrix().T).view(around.shape)[
            margin:-margin, margin:-margin
        ].numpy() + noisy_picture.mean()
    answer = photographs.denoise(noisy_picture, SIGMA, solver, lam=0.2, stride=2)
    np.testing.assert_allclose(answer.picture, expected, atol=1e-5)
    assert answer.non_zeros_a_pixel == pytest.approx((codes != 0).sum().item() / noisy_picture.size)


def test_positions_one_pixel_apart_average_the_answers_of_all_grids():
    """A grid that is moved by a pixel is that of the picture without its first row or column."""
    clean = np.pad(smooth(40, 36), 20, "reflect")
    noisy_picture = noisy(clean).astype(np.float32)
    noisy_picture -= noisy_picture.mean()  # which otherwise would differ a little
    inner = (slice(20, -20),) * 2
    solver = solvers.build("conv-lista", filters(), 3)
    answers = [
        photographs.denoise(noisy_picture[down:, right:], SIGMA, solver, lam=0.2, stride=2).picture[
            20 - down : 60 - down, 20 - right : 56 - right
        ]
        for down in (0, 1)
        for right in (0, 1)
    ]
    average = photographs.denoise(noisy_picture, SIGMA, solver, lam=0.2)
    assert "averaged over 4 grids" in average.way
    np.testing.assert_allclose(average.picture[inner], np.mean(answers, 0), atol=2e-3)
    single = photographs.denoise(noisy_picture, SIGMA, solver, lam=0.2, stride=2)
    assert psnr(clean - clean.mean(), average.picture) > psnr(clean - clean.mean(), single.picture)


def test_tiles_change_nothing_but_what_their_margins_do_not_see_and_channels_are_pictures_of_their_own():
    solver = solvers.build("conv-lista", filters(), 3)  # three layers see less far than a margin
    colour = torch.rand(2, 40, 37, generator=torch.Generator().manual_seed(0))
    shares = []
    tiled, _ = whole.remove(colour, SIGMA, solver, shares.append, tile=16)
    untiled, sums = whole.remove(colour, SIGMA, solver)
    torch.testing.assert_close(tiled, untiled, rtol=0, atol=1e-5)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) == 9 * 4
    single, _ = whole.remove(colour[1:], SIGMA, solver)
    torch.testing.assert_close(untiled[1:], single, rtol=0, atol=1e-6)
    with pytest.raises(photographs.Stopped):
        whole.remove(colour, SIGMA, solver, lambda done: False)
    assert sums.patches == 4 * 2 * np.prod(solver.at((72, 69)).dictionary.grid)


def test_nobody_sees_where_the_tiles_of_the_shipped_network_meet():
    """Its layers see further than a margin, but what lies there hardly matters: less than half a grey level."""
    network = checkpoints.load("photographs/conv-lista")
    values = torch.from_numpy(data.photograph("china")[:96, :160]).float()[None]
    values = values + 50 / 255 * torch.randn(
        values.shape, generator=torch.Generator().manual_seed(0)
    )
    tiled, untiled = (
        whole.remove(values, 50 / 255, network, tile=tile, stride=2)[0] for tile in (64, 512)
    )
    assert 0 < (tiled - untiled).abs().max() < 0.5 / 255


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (
            lambda x, net: photographs.denoise(x, SIGMA, "conv-lista", torch.eye(25)),
            "codes whole pictures on filters",
        ),
        (lambda x, net: photographs.inpaint(x, x > 1, net), "removes noise alone"),
        (lambda x, net: photographs.approximate(x, 0.2, net), "removes noise alone"),
    ],
)
def test_what_they_cannot_do_is_refused(work, message):
    with pytest.raises(ValueError, match=message):
        work(noisy(smooth()), solvers.build("conv-lista", filters(), 2))
