"""The figures of the spread: quantiles by numpy, and an axis that shows both sides of zero."""

import re

import numpy as np
from numpy.testing import assert_allclose

from sc2viz import evaluation, words
from sc2viz.draw import curves, spreads, style


def test_quantiles_count_what_is_not_finite_as_the_largest():
    values = np.random.default_rng(0).normal(size=200)
    assert_allclose(spreads.quantiles(values), np.quantile(values, evaluation.QUANTILES))
    values[:20] = np.nan
    assert spreads.quantiles(values)[-1] == 1e9 and spreads.quantiles(values)[2] < 1


def test_a_strip_has_a_dot_a_picture_and_the_median():
    rng = np.random.default_rng(1)
    spread_list = [
        spreads.Spread("ISTA", "ista", rng.uniform(50, 70, 300)),
        spreads.Spread("SLSTM", "slstm", rng.uniform(-5, 4, 300)),
    ]
    figure = spreads.strips(spread_list)
    dots = [trace for trace in figure.data if trace.mode == "markers" and len(trace.x) > 1]
    for trace, spread in zip(dots, spread_list, strict=True):
        assert_allclose(np.sinh(trace.x), spread.distances)
    medians = [trace.x[0] for trace in figure.data if trace.mode == "markers" and len(trace.x) == 1]
    assert_allclose(np.sinh(medians), [np.median(spread.distances) for spread in spread_list])
    low, high = np.sinh(figure.layout.xaxis.range)
    assert low < -4 and high > 69 and "0 %" in figure.layout.xaxis.ticktext
    assert re.search(r"ISTA [\d.]+ % \(5\d\.\d to [67]\d\.?\d? %\)", figure.layout.meta["alt"])


def test_bands_go_from_the_least_to_the_largest_quantile():
    lam, quantiles = (
        np.array([0.01, 0.1, 1.0]),
        np.array([[-3, -1, 0, 1, 4], [1, 2, 3, 4, 5], [10, 20, 30, 40, 50.0]]),
    )
    lower, upper, median = spreads.bands([spreads.Band("SLSTM", "slstm", lam, quantiles)], 0.1).data
    for trace, column in ((lower, 0), (upper, 4), (median, 2)):
        assert_allclose(np.sinh(trace.y), quantiles[:, column], atol=1e-12)
        assert_allclose(trace.x, lam)
    assert upper.fill == "tonexty"


def test_thousands_at_an_axis_are_written_alike_in_every_chart():
    falls = np.geomspace(20_000, 1, 11)
    strips = spreads.strips([spreads.Spread("ISTA", "ista", falls)]).layout.xaxis
    excess = curves.excess_by_step([curves.SolverLine("ISTA", "ista", falls)], 5).layout.yaxis
    loss = style.log_axis(1, 20_000)
    texts = strips.ticktext, excess.ticktext, [f"{text} %" for text in loss["ticktext"]]
    assert all("1,000 %" in ticks for ticks in texts)
    with words.speaking("de"):
        assert style.format_tick(10_000) == "10.000" and style.format_tick(0.05) == "0,05"
