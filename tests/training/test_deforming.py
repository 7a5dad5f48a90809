"""Deformed pictures: against scipy's affine transformation, and what must not change."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from sc2viz.training import deforming


def draws(**values) -> torch.Tensor:
    names = ("turn", "shear", "wide", "high", "right", "down", "gamma")
    return torch.tensor([[values.get(name, 0.0) for name in names]], dtype=torch.float64)


def blob(h: int, w: int) -> np.ndarray:
    """A smooth picture, dark at its border."""
    y, x = np.mgrid[:h, :w]
    return np.exp(-(((y - 0.55 * h) / (0.12 * h)) ** 2) - ((x - 0.45 * w) / (0.2 * w)) ** 2)


@pytest.mark.parametrize(
    "values",
    [{"turn": 2.0}, {"shear": -2.0}, {"wide": 2.0, "high": -1.0}, {"right": 1.0, "down": -2.0}],
)
def test_a_picture_moves_as_scipy_moves_it(values):
    side, draw_values = (
        40,
        {
            name: values.get(name, 0.0)
            for name in ("turn", "shear", "wide", "high", "right", "down")
        },
    )
    picture = blob(side, side)
    cos, sin = (
        math.cos(deforming.TURN * draw_values["turn"]),
        math.sin(deforming.TURN * draw_values["turn"]),
    )
    wide, high = (math.exp(deforming.SCALE * draw_values[name]) for name in ("wide", "high"))
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array(
        [[wide, deforming.SHEAR * draw_values["shear"]], [0, high]]
    )
    matrix = matrix[::-1, ::-1]  # scipy has the row first
    middle, shift = (
        (side - 1) / 2,
        deforming.SHIFT * side / 2 * np.array([draw_values["down"], draw_values["right"]]),
    )
    expected = ndimage.affine_transform(
        picture, matrix, middle - matrix @ [middle, middle] + shift, order=3
    )
    x = torch.from_numpy(np.stack([picture, picture / 2], 2)).reshape(1, -1)
    moved_picture = deforming.deform(x, (side, side, 2), draws(**values)).reshape(side, side, 2)
    for channel, brightness in ((0, 1), (1, 0.5)):
        np.testing.assert_allclose(
            moved_picture[..., channel], brightness * expected.clip(0, 1), atol=0.01
        )
    assert np.abs(expected - picture).max() > 0.05


def test_contrast_is_a_power_and_values_stay_in_their_range():
    x = torch.linspace(0, 1, 16, dtype=torch.float64)[None]
    deformed = deforming.deform(x, (4, 4, 1), draws(gamma=2.0))
    torch.testing.assert_close(deformed, x ** math.exp(2 * deforming.GAMMA), rtol=0, atol=1e-6)
    pictures = torch.randn(200, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    deformed = deforming.deform(x.expand(200, -1), (4, 4, 1), pictures)
    assert deformed.min() >= 0 and deformed.max() <= 1 and len(deformed.unique(dim=0)) == 200
