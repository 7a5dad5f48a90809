"""The paper's experiments as curves: what they draw is what they were given."""

import numpy as np
import pytest

from sc2viz.draw import paper_curves, style


@pytest.fixture
def courses():
    epochs = np.arange(3.0)
    honest = paper_curves.LossCourse(
        "LISTA-SC2Net", "lista", epochs, np.array([9.0, 6.0, 5.0]), np.array([9.0, 6.0, 5.01])
    )
    cheat = paper_curves.LossCourse(
        "SLSTM", "slstm", epochs, np.array([40.0, 5.0, 4.0]), np.array([40.0, 9.0, 8.0])
    )
    return [honest, cheat]


def test_what_cheats_is_drawn_as_printed_too(courses):
    assert [paper_curves.cheats(course) for course in courses] == [False, True]
    figure = paper_curves.loss_by_epoch(courses, [paper_curves.Level("ISTA", "ista", 41.0)])
    honest, solid, dotted, key, level = figure.data
    np.testing.assert_array_equal(honest.y, courses[0].honest)
    np.testing.assert_array_equal(solid.y, courses[1].honest)
    np.testing.assert_array_equal(dotted.y, courses[1].printed)
    assert (
        key.name == "as printed"
        and key.line.dash == dotted.line.dash == "dot"
        and dotted.showlegend is False
    )
    assert figure.layout.xaxis.title.text == "epoch" and figure.layout.yaxis.title.text == "F"
    assert solid.line.color == dotted.line.color == style.colour("slstm")
    assert list(level.y) == [41.0, 41.0] and list(level.x) == [0, 2]
    assert (
        "SLSTM 8 (as printed 4)" in figure.layout.meta["alt"]
        and "ISTA 41" in figure.layout.meta["alt"]
    )


def test_the_axis_is_logarithmic_only_where_the_loss_spans_much(courses):
    wide = paper_curves.loss_by_epoch(courses, [paper_curves.Level("ISTA", "ista", 41.0)])
    narrow = paper_curves.loss_by_epoch(courses[:1], [])
    assert wide.layout.yaxis.type == "log" and narrow.layout.yaxis.type is None
    low, high = wide.layout.yaxis.range
    assert low < np.log10(4) and high > np.log10(41)


def test_the_start_of_training_leaves_the_picture_rather_than_flattening_it(courses):
    low, high = paper_curves.loss_by_epoch(courses, []).layout.yaxis.range
    assert 3.5 < low < 4 and 8 < high < 10  # the second starts at 40
    low, high = paper_curves.loss_by_epoch(
        courses, [paper_curves.Level("FISTA", "fista", 12.0)]
    ).layout.yaxis.range
    assert high > 12


def test_training_that_runs_away_leaves_the_picture_to_the_others(courses):
    wild = paper_curves.LossCourse(
        "LISTA", "lista", np.arange(4.0), *[np.array([9.0, 9.0, 1e6, 300.0])] * 2
    )
    level = paper_curves.Level("ISTA", "ista", 12.0)
    assert [paper_curves.runs_away(course, [level]) for course in (*courses, wild)] == [
        False,
        False,
        True,
    ]
    axis = paper_curves.loss_by_epoch([*courses, wild], [level]).layout.yaxis
    assert 12 < 10 ** axis.range[1] < 30 and 10 ** axis.range[0] < 4


def test_accuracy_has_bars_only_where_seeds_differ():
    x, mean = np.array([50, 100, 400]), np.array([90.0, 93.0, 95.0])
    one = paper_curves.Points("ISTA", "ista", x, mean, np.zeros(3))
    many = paper_curves.Points("SLSTM", "slstm", x, mean + 1, np.array([0.1, 0.2, 0.3]))
    figure = paper_curves.accuracy([one, many], "d_s", (50, 100, 200, 400))
    assert [trace.error_y.visible for trace in figure.data] == [False, True]
    np.testing.assert_array_equal(figure.data[1].y, mean + 1)
    assert list(figure.layout.xaxis.tickvals) == [50, 100, 200, 400]
    assert "SLSTM 91.0 to 96.0 %" in figure.layout.meta["alt"]
