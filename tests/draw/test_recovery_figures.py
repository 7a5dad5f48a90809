"""The figures of Known codes: what they draw is what they were given."""

import numpy as np
import pytest

from sc2viz.draw import recovery, style
from sc2viz.draw.curves import SolverLine


@pytest.fixture
def lines():
    values = np.linspace(0, -16, 17)
    return [
        SolverLine("ISTA", "ista", values, times=np.arange(17) * 10.0),
        SolverLine("SLSTM", "slstm", 2 * values, times=np.arange(17) * 30.0),
    ]


@pytest.mark.parametrize("dark", [False, True])
def test_cost_has_a_marker_at_the_layer(lines, dark):
    figure = recovery.nmse_by_cost(lines, 5, "milliseconds", dark)
    first, second, markers = figure.data
    np.testing.assert_allclose(second.x, np.arange(1, 17) * 30.0)
    assert first.line.color == style.colour("ista", dark)
    assert list(markers.x) == [50.0, 150.0] and list(markers.y) == [-5.0, -10.0]
    assert "After layer 5: ISTA −5.0 dB for 50, SLSTM −10.0 dB for 150" in figure.layout.meta["alt"]
    assert len(recovery.nmse_by_cost(lines, 0, "milliseconds").data[-1].x) == 0


def test_the_picture_has_a_row_a_solver_and_marks_of_three_kinds():
    truth = np.array([1.0, 0, 0, -1, 0])
    single_row = recovery.stems_sheet("a title", truth, {"ISTA": np.zeros(5)})
    double_row = recovery.stems_sheet(
        "a title", truth, {"ISTA": np.zeros(5), "FISTA": np.array([1.0, 1, 0, 0, 0])}
    )
    assert double_row.shape[0] > single_row.shape[0] and single_row.shape[1:] == double_row.shape[
        1:
    ] == (1400, 3)
    missed, alarm, hit = ([0x2F, 0x2A, 0x86], [0x93, 0x36, 0x0F], [0x23, 0x25, 0x2B])
    assert (single_row == missed).all(-1).any() and not (single_row == alarm).all(-1).any()
    assert all((double_row == colour).all(-1).any() for colour in (missed, alarm, hit))
