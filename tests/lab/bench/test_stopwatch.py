"""The stopwatch of the benchmarks, with a clock that a test turns; and methods that `bench exact --choice` forces."""

import statistics

import numpy as np
import pytest
import torch

from sc2viz.exact import admm, working_sets
from sc2viz.lab.bench import exact, stopwatch
from tests.exact.test_homotopy import scikit_learn


@pytest.mark.parametrize(
    "takes, repeats, of, expected",
    [
        ([5], 0, statistics.median, 5),
        ([9, 1, 2, 6], 3, statistics.median, 2),  # the first run warms up
        ([9, 3, 2, 6], 3, min, 2),
        ([11, 1, 1], 2, min, 11),  # too long to be repeated
    ],
)
def test_the_first_of_several_runs_is_not_counted_and_a_long_one_is_not_repeated(
    monkeypatch, takes, repeats, of, expected
):
    monkeypatch.setattr(stopwatch, "PAUSE", 0)
    watch, now, left = stopwatch.Stopwatch(), [0.0], list(takes)
    watch.clock = lambda: now[0]

    def work():
        now[0] += left.pop(0)
        return len(left)

    seconds, result = watch.time(work, repeats, of)
    assert seconds == expected and result == len(left) and len(left) == (2 if expected == 11 else 0)


def test_a_forced_method_solves_all_samples(monkeypatch):
    x, B, _ = exact.problem(30, 40, 6)
    asked = []
    for module in (admm, working_sets):
        usual = module.solve
        monkeypatch.setattr(
            module,
            "solve",
            lambda *a, usual=usual, module=module, **b: asked.append(module) or usual(*a, **b),
        )
    expected = scikit_learn(x.double(), B.double(), 0.3).numpy()
    for method in exact.METHODS:
        np.testing.assert_allclose(exact.solve_by(method, x, B, 0.3, 1e-8), expected, atol=1e-4)
    assert asked == [working_sets, admm]


def test_the_95th_percentile_is_that_of_numpy():
    times = torch.rand(37, generator=torch.Generator().manual_seed(0)).tolist()
    assert stopwatch.high(times) == np.quantile(times, 0.95, method="inverted_cdf")
    assert np.isnan(stopwatch.resident(None)) or stopwatch.resident(None) > 0
