"""Charts for a projector: what they show stays, and their letters grow."""

import json

import numpy as np
import pytest

from sc2viz.draw import curves, style
from sc2viz.draw.enlarged import LETTERS, enlarged

LINES = [
    curves.SolverLine(name, name.lower(), 50 * rate ** np.arange(1, 101))
    for name, rate in (("ISTA", 0.9), ("FISTA", 0.8))
]


def drawn():
    return curves.excess_by_step(LINES, steps=10)


def letters(part, found=None):
    """The size of every font in a figure's JSON."""
    found = [] if found is None else found
    if isinstance(part, dict):
        found += [
            each["size"] for key, each in part.items() if key.endswith("font") and "size" in each
        ]
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        letters(each, found)
    return found


def test_no_letter_of_a_large_chart_is_small():
    layout = json.loads(enlarged(drawn()).to_json())["layout"]
    assert min(letters(layout)) >= LETTERS
    assert all(layout[axis]["tickfont"]["size"] >= LETTERS for axis in ("xaxis", "yaxis"))
    assert all(note["font"]["size"] >= LETTERS for note in layout["annotations"])


def test_a_large_chart_shows_the_same_numbers():
    before, after = drawn(), enlarged(drawn())
    for one, other in zip(before.to_dict()["data"], after.to_dict()["data"], strict=True):
        assert one["x"] == other["x"] and one["y"] == other["y"]
    assert (
        before.layout.meta == after.layout.meta
        and before.layout.yaxis.range == after.layout.yaxis.range
    )
    assert after.data[0].line.width == pytest.approx(1.5 * before.data[0].line.width)


def test_the_figure_itself_stays_as_it_is():
    figure = drawn()
    before = figure.to_json()
    enlarged(figure)
    assert figure.to_json() == before


def test_labels_at_the_ends_of_lines_do_not_come_closer_to_each_other():
    ends = [style.End(f"solver {k}", "#000000", 0.5) for k in range(5)]
    figure = style.figure([], "labels", {}, {}, **style.at_ends(ends, 0, 1))
    large = enlarged(figure)
    room = large.layout.height - 56 * 5 / 3  # px of the plot, above its axis
    at = sorted(note.y * room for note in large.layout.annotations)
    assert min(np.diff(at)) >= LETTERS
