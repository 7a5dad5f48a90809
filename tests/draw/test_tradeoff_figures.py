"""The curves along λ: what they draw is what they were given, and the dots stand at the reader's λ."""

import numpy as np
import pytest

from sc2viz.draw import style, tradeoff


@pytest.fixture
def sweeps():
    lam = np.array([0.01, 0.1, 0.5, 1.0, 3.0])
    loss = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    exact = tradeoff.MeanSweep(
        "Exact optimum", "exact", lam, loss, loss + 1, np.array([0.9, 0.6, 0.3, 0.1, 0.0])
    )
    slstm = tradeoff.MeanSweep(
        "SLSTM", "slstm", lam[:4], loss[:4] + 0.5, loss[:4] + 2, exact.nonzero[:4], trained=False
    )
    return [exact, slstm]


def lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines"]


def upright(figure) -> list[float]:
    """Where the upright lines stand."""
    return [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1]


@pytest.mark.parametrize("values", ["loss", "objective"])
def test_curves_and_dots_along_lambda(sweeps, values):
    figure = tradeoff.by_lambda(sweeps, values, 0.5, 3.0)
    for line, sweep in zip(lines(figure), sweeps, strict=True):
        np.testing.assert_array_equal(line.x, sweep.lam)
        np.testing.assert_array_equal(line.y, getattr(sweep, values))
        assert line.line.color == style.colour(sweep.solver)
    assert [line.line.dash for line in lines(figure)] == ["dash", "dot"]
    dots = figure.data[-1]
    assert list(dots.x) == [0.5, 0.5] and list(dots.y) == [
        getattr(sweep, values)[2] for sweep in sweeps
    ]
    low, high = figure.layout.xaxis.range
    assert low < np.log10(0.01) and high > np.log10(3)


def test_lambda_max_is_marked_where_there_is_one(sweeps):
    marked, bare = (
        tradeoff.by_lambda(sweeps, "loss", 0.5, 6.13),
        tradeoff.by_lambda(sweeps, "loss", 0.5, 0.0),
    )
    assert upright(marked) == [0.5, 6.13]
    assert "6.13" in marked.layout.annotations[-1].text and "6.13" in marked.layout.meta["alt"]
    assert marked.layout.annotations[-1].x == pytest.approx(np.log10(6.13))
    assert upright(bare) == [0.5] and not any(
        "max" in note.text for note in bare.layout.annotations
    )


def test_charts_with_a_common_legend_have_no_names_at_the_ends(sweeps):
    separate, common = (
        tradeoff.by_lambda(sweeps, "loss", 0.5, 6.13, labelled=labelled)
        for labelled in (True, False)
    )
    names = {sweep.label for sweep in sweeps}
    assert names <= {note.text for note in separate.layout.annotations}
    assert len(common.layout.annotations) == 1 and common.layout.margin.r < separate.layout.margin.r
    assert upright(common) == [0.5, 6.13] and not common.layout.showlegend


def test_sparsity_against_error(sweeps):
    figure = tradeoff.sparsity_against_error(sweeps, 1.0)
    np.testing.assert_allclose(lines(figure)[0].x, [90, 60, 30, 10, 0])
    np.testing.assert_array_equal(lines(figure)[0].y, sweeps[0].loss)
    assert list(figure.data[-1].y) == [8.0, 8.5]
    assert "Exact optimum 8, SLSTM 8.5" in figure.layout.meta["alt"]


def test_a_solver_without_the_readers_lambda_has_a_curve_but_no_dot(sweeps):
    figure = tradeoff.sparsity_against_error(sweeps, 3.0)
    assert len(lines(figure)) == 2 and list(figure.data[-1].y) == [16.0]
    assert "SLSTM" not in figure.layout.meta["alt"]


def test_no_solver_and_zeros_draw_without_complaint():
    zeros = tradeoff.MeanSweep(
        "Exact optimum", "exact", np.array([0.1, 1.0]), np.zeros(2), np.zeros(2), np.zeros(2)
    )
    for sweeps in ([], [zeros]):
        tradeoff.sparsity_against_error(sweeps, 0.1)
        tradeoff.by_lambda(sweeps, "loss", 0.1, 0.0)


def test_what_runs_away_leaves_room_for_the_rest(sweeps):
    wild = tradeoff.MeanSweep(
        "LISTA", "lista", *(np.array([value]) for value in (0.5, 1e35, 1e35, 1.0))
    )
    for field in ("loss", "objective"):
        figure = tradeoff.by_lambda([*sweeps, wild], field, 0.5, 3.0)
        assert np.isnan(lines(figure)[2].y).all() and len(figure.data[-1].y) == 2
        assert "LISTA" not in figure.layout.meta["alt"] and "nan" not in figure.layout.meta["alt"]
    assert (
        np.nanmax(
            np.concatenate(
                [line.y for line in lines(tradeoff.sparsity_against_error([*sweeps, wild], 0.5))]
            )
        )
        < 100
    )
