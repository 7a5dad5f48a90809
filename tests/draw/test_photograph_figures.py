"""The figures of the page Photograph: what they say is what they were given."""

import pickle
import re

import numpy as np

from sc2viz.browser import board
from sc2viz.draw import mosaics, patch_sums


def test_a_patch_is_its_mean_and_its_largest_atoms():
    B, codes = np.eye(64)[:, :20] * np.linspace(1, 0.5, 20), np.zeros(20)
    codes[[3, 7, 11]] = 0.2, -0.5, 1e-6  # the last is not in use
    html = patch_sums.draw_sum_of_atoms(B @ codes + 0.4, 0.4, codes, B, (8, 8, 1), dark=False)
    assert re.findall(r"<small>(.*?)</small>", html) == ["Bs + mean", "0.40", "0.50", "0.20"]
    assert re.findall(r"<b>(.)</b>", html) == ["=", "−", "+"] and "smaller" not in html
    html = patch_sums.draw_sum_of_atoms(B @ codes, 0, codes + 0.1, B, (8, 8, 1), False)
    assert "and 9 smaller ones" in html
    assert "no atom" in patch_sums.draw_sum_of_atoms(B @ codes, 0, 0 * codes, B, (8, 8, 1), True)


def test_estimates_stand_where_their_values_are():
    values = np.array([0.2, 0.4, 0.3])
    html = patch_sums.draw_estimates(values, 1, 0.3, 0.25)
    places = [
        float(position) for position in re.findall(r'<i class="\w*" style="left:(.*?)%', html)
    ]
    marks = [float(position) for position in re.findall(r'<u class="\w+" style="left:(.*?)%', html)]
    assert np.allclose(np.diff(places) / np.diff(values), (places[1] - places[0]) / 0.2, rtol=1e-3)
    assert np.allclose(marks, np.interp([0.3, 0.25], [0.2, 0.4], places[:2]), atol=0.02)
    assert "3 patches" in html and "the clean pixel is 0.250" in html
    assert html.count('class="own" style') == 1
    assert "clean" not in patch_sums.draw_estimates(values, 0, 0.3, None)


def test_what_was_coded_without_its_mean_is_drawn_with_it():
    patch = np.random.default_rng(0).random((1, 64), np.float32)
    shape = mosaics.Raised((8, 8, 1), float(patch.mean()))
    for raised in (shape, pickle.loads(pickle.dumps(shape))):
        tile = mosaics.tiles(patch - patch.mean(), raised)
        np.testing.assert_allclose(tile, mosaics.tiles(patch, (8, 8, 1)), atol=1e-6)
    bases = [
        board.Codes(patch, kind, {}, {}, []).message()[0]["base"] for kind in (shape, (8, 8, 1))
    ]
    assert bases == [shape.base, 0]
