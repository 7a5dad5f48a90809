"""Charts for a projector: what they show stays, and their letters grow."""

import json

import numpy as np
import pytest

from sc2viz.draw import curves, style, traces
from sc2viz.draw.enlarged import LETTERS, enlarged

LINES = [
    curves.SolverLine(name, name.lower(), 50 * rate ** np.arange(1, 101))
    for name, rate in (("ISTA", 0.9), ("FISTA", 0.8))
]


def make_figure():
    return curves.excess_by_step(LINES, steps=10)


def letters(node, sizes=None):
    """The size of every font in a figure's JSON."""
    sizes = [] if sizes is None else sizes
    if isinstance(node, dict):
        sizes += [
            value["size"] for key, value in node.items() if key.endswith("font") and "size" in value
        ]
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        letters(value, sizes)
    return sizes


def test_no_letter_of_a_large_chart_is_small():
    layout = json.loads(enlarged(make_figure()).to_json())["layout"]
    assert min(letters(layout)) >= LETTERS
    assert all(layout[axis]["tickfont"]["size"] >= LETTERS for axis in ("xaxis", "yaxis"))
    assert all(note["font"]["size"] >= LETTERS for note in layout["annotations"])


def test_a_large_chart_shows_the_same_numbers():
    small, large = make_figure(), enlarged(make_figure())
    for small_trace, large_trace in zip(
        small.to_dict()["data"], large.to_dict()["data"], strict=True
    ):
        assert small_trace["x"] == large_trace["x"] and small_trace["y"] == large_trace["y"]
    assert (
        small.layout.meta == large.layout.meta
        and small.layout.yaxis.range == large.layout.yaxis.range
    )
    assert large.data[0].line.width == pytest.approx(1.5 * small.data[0].line.width)


def test_labels_at_the_ends_of_lines_do_not_come_closer_to_each_other():
    ends = [traces.End(f"solver {k}", "exact", 0.5) for k in range(5)]
    figure = style.figure([], "labels", {}, {}, **traces.at_ends(ends, 0, 1))
    large = enlarged(figure)
    room = large.layout.height - 56 * 5 / 3  # px of the plot, above its axis
    heights = sorted(note.y * room for note in large.layout.annotations)
    assert min(np.diff(heights)) >= LETTERS
