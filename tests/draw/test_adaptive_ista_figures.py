import numpy as np

from sc2viz.draw import adaptive_ista, curves


def lines(values):
    behind = [
        curves.SolverLine(name, name.lower(), np.geomspace(200, end, 101))
        for name, end in (("ISTA", 1), ("FISTA", 0.1))
    ]
    return behind, curves.SolverLine("By hand", "adaptive-ista", np.asarray(values, float))


def texts(figure) -> str:
    return " ".join(text for trace in figure.data for text in (trace.text or ()))


def test_a_destination_is_a_line_at_its_height():
    figure = adaptive_ista.race(*lines(np.full(101, 97.0)), steps=10, destination=97.0)
    flat = [trace for trace in figure.data if trace.line.dash == "dot" and len(trace.x) == 2]
    assert len(flat) == 1 and set(flat[0].y) == {97.0}
    assert "97" in texts(figure)


def test_divergence_is_marked_where_it_begins():
    figure = adaptive_ista.race(*lines(np.geomspace(200, 1e40, 101)), steps=10, diverges_at=7)
    cross = [trace for trace in figure.data if trace.marker.symbol == "x"]
    assert [tuple(trace.x) for trace in cross] == [(7,)]
    assert "diverges from 7" in texts(figure)


def test_what_runs_away_does_not_flatten_the_others():
    for values in (
        np.geomspace(200, 1e40, 101),
        np.full(101, np.inf),
        np.full(101, np.nan),
        np.full(101, 200.0),
    ):
        top = adaptive_ista.race(*lines([200, *values[1:]]), steps=100).layout.yaxis.range[1]
        assert np.log10(200) <= top < 4


def test_zero_distances_have_an_axis():
    nothing = np.zeros(101)
    ista, by_hand = (
        curves.SolverLine("ISTA", "ista", nothing),
        curves.SolverLine("By hand", "adaptive-ista", nothing),
    )
    figure = adaptive_ista.race([ista], by_hand, steps=1)
    low, high = figure.layout.yaxis.range
    assert np.isfinite([low, high]).all() and low < high
