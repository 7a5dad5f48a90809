"""The figures of Autoencoders: bars are as long as their numbers, dead atoms are crossed out, and points stand in place."""

import re

import numpy as np
import pytest

from sc2viz.draw import encoder_gaps
from sc2viz.draw.encoder_gaps import GapBar, Recovered

BAR = GapBar(np.array([4.0, 10.0]), np.array([-2.0, 5.0]))


def ends(html: str, name: str) -> list[tuple[float, float]]:
    """Where a bar begins and ends at every stop, in hundredths of the axis."""
    moves = re.search(rf'class="{name}".*?&quot;price&quot;: &quot;(.*?)&quot;', html)[1].split("|")
    pairs = [
        tuple(map(float, re.match(r"translate\((\S+) 0\) scale\((\S+) 1\)", each).groups()))
        for each in moves
    ]
    return [(begin, begin + wide) for begin, wide in pairs]


def test_the_bars_follow_each_other_and_a_gap_below_zero_stands_left_of_zero():
    told = [["a", "b"]] * 3
    html = encoder_gaps.gap_bars(BAR, (-5.0, 20.0), 1, "price", told)
    zero = 20.0  # −5 to 20 on an axis of 100
    np.testing.assert_allclose(ends(html, "encoder"), [(zero, zero + 16), (zero + 20, zero + 60)])
    np.testing.assert_allclose(ends(html, "dictionary"), [(zero - 8, zero), (zero, zero + 20)])
    assert f'd="M{zero:.2f} 0v1"' in html and html.count(">b<") == 3


def test_the_axis_reaches_what_is_at_hand():
    low, high = encoder_gaps.reach([BAR, GapBar(np.array([1.0, 30.0]), np.zeros(2))], 0)
    assert -3.3 <= low <= -2.0 and 4.0 <= high <= 6.0


def test_a_dead_atom_is_crossed_out_and_no_other():
    B, dead = (
        np.random.default_rng(0).standard_normal((16, 4)),
        np.array([False, False, True, False]),
    )
    plain, marked = (
        encoder_gaps.marked(B, (4, 4, 1), each, side=100) for each in (dead & False, dead)
    )
    changed = np.argwhere((plain != marked).any(2))
    half = np.array(plain.shape[:2]) / 2
    assert (
        len(changed) and (changed[:, 0] > half[0]).all() and (changed[:, 1] < half[1]).all()
    )  # the third of 2 × 2


def test_points_stand_at_their_numbers_with_a_line_to_the_published_one():
    found = [Recovered("One", "1", 0.6, 0.7, 0.7), Recovered("Two", "2", 0.3, 0.99)]
    found.append(Recovered("True", "t", 0.98, 0.95, 0.986, True))
    drawn = encoder_gaps.mcc_by_r2(found)
    (line, _, exact, coded, printed) = drawn.data
    assert list(line.x) == [0.7, 0.7] and list(line.y) == [0.6, 0.7]
    assert (list(exact.x), list(exact.y), list(exact.text)) == ([0.95], [0.98], ["t"])
    assert (list(coded.x), list(coded.y)) == ([0.7, 0.99], [0.6, 0.3])
    assert (
        list(printed.y) == [0.7, 0.986]
        and "Two MCC 0.300 with R² 0.990" in drawn.layout.meta["alt"]
    )


def test_every_row_counts_in_the_histogram():
    distances = np.concatenate([np.linspace(0, 50, 99), [1e6]])
    drawn = encoder_gaps.gaps_of_rows(distances)
    assert sum(drawn.data[0].y) == 100 and "the median is 25" in drawn.layout.meta["alt"]


def test_the_sheet_has_bars_as_long_as_their_numbers():
    picture = np.full((8, 8, 4), 255, np.uint8)
    drawn = encoder_gaps.sheet("t", [("One", 20.0, 10.0, [picture])])
    colours = [
        tuple(int(each[0][k : k + 2], 16) for k in (1, 3, 5)) for each in encoder_gaps.COLOURS
    ]
    row = drawn[96 + 55]
    long, short = (int((row == colour).all(1).sum()) for colour in colours)
    assert long == pytest.approx(2 * short, abs=3) and short > 50
