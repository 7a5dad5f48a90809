"""Printed and measured accuracies as dots: where they stand, and what a screen reader hears."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc2viz.draw import dots

ROWS = [
    dots.MethodRow(
        "ISTA", "ista", {"in the paper": 35.0, "ours, fair": 78.9, "ours, as printed": 59.4}
    ),
    dots.MethodRow(
        "SLSTM", "slstm", {"in the paper": 65.4, "ours, fair": 78.7, "ours, as printed": None}
    ),
]


@pytest.fixture
def drawn():
    return dots.draw_accuracies([("CIFAR-10, without labels", ROWS)])


def test_dots_stand_in_proportion_to_their_values(drawn):
    low, high = 30, 80  # the ticks that enclose 35.0 and 78.9
    assert re.findall(r">(\d+)</b>", drawn) == ["30", "40", "50", "60", "70", "80"]
    first = drawn.split("<span>ISTA</span>")[1].split("<span>SLSTM</span>")[0]
    places = [float(place) for place in re.findall(r'sc-dot-\d" style="left:([\d.]+)%', first)]
    expected = [100 * (value - low) / (high - low) for value in ROWS[0].values.values()]
    np.testing.assert_allclose(places, expected, atol=0.05)


def test_a_panel_is_told_in_numbers(drawn):
    alt = re.search(r'role="img" aria-label="(.*?)"', drawn)[1]
    assert alt == (
        "CIFAR-10, without labels, accuracy in %. ISTA: in the paper 35.0, ours, fair 78.9, ours, as printed 59.4; "
        "SLSTM: in the paper 65.4, ours, fair 78.7."
    )


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_a_scale_encloses_its_values_with_few_even_ticks(values):
    ticks = dots.scale(values)
    assert ticks[0] <= min(values) and max(values) <= ticks[-1] and 2 <= len(ticks) <= 7
    assert len(set(np.diff(ticks).round(9))) == 1


def test_a_label_is_no_markup():
    html = dots.draw_accuracies([("<i>", [dots.MethodRow("a <b> & c", "ista", {"x": 1.0})])])
    assert (
        "<span>a &lt;b&gt; &amp; c</span>" in html and "<figcaption>&lt;i&gt;</figcaption>" in html
    )
