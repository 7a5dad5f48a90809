"""The stopwatch of the benchmarks, with a clock that a test turns."""

import numpy as np
import pytest
import torch

from sc2viz.lab.bench import stopwatch


@pytest.mark.parametrize(
    "takes, repeats, expected",
    [
        ([5], 0, 5),
        ([9, 1, 2, 6], 3, 2),  # the first run warms up
        ([11, 1, 1], 2, 11),  # too long to be repeated
    ],
)
def test_the_first_of_several_runs_is_not_counted_and_a_long_one_is_not_repeated(
    monkeypatch, takes, repeats, expected
):
    monkeypatch.setattr(stopwatch, "PAUSE", 0)
    watch, now, left = stopwatch.Stopwatch(), [0.0], list(takes)
    watch.clock = lambda: now[0]

    def work():
        now[0] += left.pop(0)
        return len(left)

    seconds, result = watch.time(work, repeats)
    assert seconds == expected and result == len(left) and len(left) == (2 if expected == 11 else 0)


def test_the_95th_percentile_is_that_of_numpy():
    times = torch.rand(37, generator=torch.Generator().manual_seed(0)).tolist()
    assert stopwatch.high(times) == np.quantile(times, 0.95, method="inverted_cdf")
    assert np.isnan(stopwatch.resident(None)) or stopwatch.resident(None) > 0
