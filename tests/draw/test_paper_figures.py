"""The paper's experiments as curves: what they draw is what they were given."""

import numpy as np
import pytest

from sc2viz.draw import paper_curves


def course(label, solver, honest, printed=None):
    honest = np.array(honest)
    printed = honest if printed is None else np.array(printed)
    return paper_curves.LossCourse(label, solver, np.arange(len(honest)), printed, honest)


@pytest.fixture
def courses():
    cheat = course("SLSTM", "slstm", [40.0, 9.0, 8.0], [40.0, 5.0, 4.0])
    return [course("LISTA-SC2Net", "lista", [9.0, 6.0, 5.0]), cheat]


def test_what_cheats_is_drawn_as_printed_too(courses):
    assert [paper_curves.cheats(line) for line in courses] == [False, True]
    figure = paper_curves.loss_by_epoch(courses, [paper_curves.Level("ISTA", "ista", 41.0)])
    honest, solid, dotted, key, level = figure.data
    for line, values in ((honest, courses[0].honest), (solid, courses[1].honest)):
        np.testing.assert_array_equal(line.y, values)
    np.testing.assert_array_equal(dotted.y, courses[1].printed)
    assert key.name == "as printed" and key.line.dash == dotted.line.dash == "dot"
    assert list(level.y) == [41.0, 41.0] and list(level.x) == [0, 2]
    assert "SLSTM 8 (as printed 4)" in figure.layout.meta["alt"]


def test_what_starts_high_or_runs_away_leaves_the_picture_to_the_others(courses):
    low, high = paper_curves.loss_by_epoch(courses, []).layout.yaxis.range
    assert 3.5 < low < 4 and 8 < high < 10  # the second starts at 40
    wild = course("LISTA", "lista", [9.0, 9.0, 1e6, 300.0])
    level = paper_curves.Level("ISTA", "ista", 12.0)
    runs_away = [paper_curves.runs_away(line, [level]) for line in (*courses, wild)]
    assert runs_away == [False, False, True]
    axis = paper_curves.loss_by_epoch([*courses, wild], [level]).layout.yaxis
    assert axis.type == "log" and 12 < 10 ** axis.range[1] < 30 and 10 ** axis.range[0] < 4


def test_accuracy_has_bars_only_where_seeds_differ():
    x, mean = np.array([50, 100, 400]), np.array([90.0, 93.0, 95.0])
    single_seed = paper_curves.Points("ISTA", "ista", x, mean, np.zeros(3))
    several_seeds = paper_curves.Points("SLSTM", "slstm", x, mean + 1, np.array([0.1, 0.2, 0.3]))
    figure = paper_curves.accuracy([single_seed, several_seeds], "d_s", (50, 100, 200, 400))
    assert [trace.error_y.visible for trace in figure.data] == [False, True]
    assert "SLSTM 91.0 to 96.0 %" in figure.layout.meta["alt"]
