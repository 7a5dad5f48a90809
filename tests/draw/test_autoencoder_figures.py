"""The figures of Autoencoders: bars are as long as their numbers, dead atoms are crossed out, and points stand in place."""

import re

import numpy as np
import pytest

from sc2viz.draw import encoder_gaps
from sc2viz.draw.encoder_gaps import GapBar, Recovered

BAR = GapBar(np.array([4.0, 10.0]), np.array([-2.0, 5.0]))


def test_the_bars_follow_each_other_and_a_gap_below_zero_stands_left_of_zero():
    html = encoder_gaps.draw_bars(BAR, (-5.0, 20.0), 1, "price", [["a", "b"]] * 3)
    ends = {}
    for name, texts in re.findall(r'class="(\w+)".*?&quot;price&quot;: &quot;(.*?)&quot;', html):
        places = re.findall(r"translate\((\S+) 0\) scale\((\S+) 1\)", texts)
        ends[name] = [(float(begin), float(begin) + float(width)) for begin, width in places]
    zero = 20.0  # −5 to 20 on an axis of 100
    np.testing.assert_allclose(ends["encoder"], [(zero, zero + 16), (zero + 20, zero + 60)])
    np.testing.assert_allclose(ends["dictionary"], [(zero - 8, zero), (zero, zero + 20)])
    assert f'd="M{zero:.2f} 0v1"' in html and html.count(">b<") == 3
    low, high = encoder_gaps.find_span([BAR, GapBar(np.array([1.0, 30.0]), np.zeros(2))], 0)
    assert -3.3 <= low <= -2.0 and 4.0 <= high <= 6.0


def test_a_dead_atom_comes_last_and_is_crossed_out_and_no_other():
    B = np.random.default_rng(0).standard_normal((16, 4))
    B[:, 3] = B[:, 0]
    uses = np.array([0, 2, 2, 2])
    dead = encoder_gaps.mark_dead(B, (4, 4, 1), uses, side=100)
    alive = encoder_gaps.mark_dead(B[:, [1, 2, 3, 0]], (4, 4, 1), None, side=100)
    changed = np.argwhere((dead != alive).any(2))
    half = np.array(dead.shape[:2]) / 2
    assert len(changed) and (changed > half).all()  # the last of 2 × 2


def test_points_stand_at_their_numbers_with_a_line_to_the_published_one():
    points = [Recovered("One", "1", 0.6, 0.7, 0.7), Recovered("Two", "2", 0.3, 0.99)]
    points.append(Recovered("True", "t", 0.98, 0.95, 0.986, True))
    figure = encoder_gaps.mcc_by_r2(points)
    (line, _, exact, coded, printed) = figure.data
    assert list(line.x) == [0.7, 0.7] and list(line.y) == [0.6, 0.7]
    assert (list(exact.x), list(exact.y), list(exact.text)) == ([0.95], [0.98], ["t"])
    assert (list(coded.x), list(coded.y)) == ([0.7, 0.99], [0.6, 0.3])
    assert list(printed.y) == [0.7, 0.986]
    assert "Two MCC 0.300 with R² 0.990" in figure.layout.meta["alt"]


def test_the_sheet_has_bars_as_long_as_their_numbers():
    picture = np.full((200, 200, 4), 255, np.uint8)
    page = encoder_gaps.draw_sheet("t", [("One", 20.0, 10.0, [picture])])
    colours = [bytes.fromhex(light[1:]) for light, _dark in encoder_gaps.COLOURS]
    matches = [(page == list(colour)).all(2).sum(1) for colour in colours]
    row = np.flatnonzero(np.all(matches, 0))[0]  # through both bars
    assert matches[0][row] == pytest.approx(2 * matches[1][row], abs=3) and matches[1][row] > 50
