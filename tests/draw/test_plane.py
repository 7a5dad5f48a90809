"""The drawing of two weights: the contour touches the ball at the optimum, at every λ."""

import re

import numpy as np
import pytest

from sc2viz import checkpoints, data
from sc2viz.analysis import refitting, sweeps
from sc2viz.browser import stops
from sc2viz.draw import plane


@pytest.fixture(scope="module", params=[3, 5])
def two(request):
    """Two weights of a picture of digits at every stop of λ."""
    x, B = data.load("digits", "test").pixels[request.param : request.param + 1], checkpoints.load_dictionary("digits")
    return refitting.plane(x[0].numpy(), sweeps.exact(x, B, stops.LAM).codes[:, 0], B.numpy(), stops.LAM, 0.5)


def numbers(svg: str, what: str) -> list[float]:
    """The numbers in the first transform of the element with a class."""
    transform = re.search(rf'class="{what}"[^>]*? transform="(.*?)"', svg)[1]
    return [float(number) for number in re.findall(r"-?[\d.]+", transform)]


def test_the_contour_that_is_drawn_touches_the_ball_at_the_optimum(two):
    """In the drawing's own coordinates: the optimum lies on both, and no point of the ball's edge inside the contour."""
    for k in range(0, len(stops.LAM), 10):
        svg = plane.l1_ball(two, stops.LAM, k)
        radii = [float(each) for each in re.search(r'<ellipse rx="([\d.]+)" ry="([\d.]+)"/></g>', svg).groups()]
        *centre, turn, scale = numbers(svg, "touching")
        *zero, reach = numbers(svg, "ball")
        dot, back = np.array(numbers(svg, "optimum")), np.radians(-turn)
        rotate = np.array([[np.cos(back), -np.sin(back)], [np.sin(back), np.cos(back)]])
        corners = np.array(zero) + reach * np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
        edge = [one + t * (other - one) for one, other in zip(corners, np.roll(corners, 1, 0), strict=True)
                for t in np.linspace(0, 1, 21)]  # fmt: skip
        level, *levels = (np.hypot(*((rotate @ (point - centre)) / radii)) for point in (dot, *edge))
        assert abs(dot - zero).sum() == pytest.approx(reach, abs=0.5)
        assert level == pytest.approx(scale, abs=0.02 + 0.02 * scale)
        assert min(levels) >= scale - 0.02 - 0.02 * scale


def test_it_says_which_weight_is_zero(two):
    said = plane.verdict(two, stops.LAM, 0)
    assert "touches a side" in said.partition(">")[2] and f"the weight of atom {two.atoms[0]} is zero" in said
    svg = plane.l1_ball(two, stops.LAM, 0)
    assert [int(atom) for atom in re.findall(r">atom (\d+)<", svg)] == list(two.atoms)
    assert svg.count("data-moves") == 5
