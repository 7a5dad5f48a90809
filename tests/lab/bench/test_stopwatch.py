"""The stopwatch of the benchmarks, with a clock that a test turns."""

import pytest

from sc2viz.lab.bench import stopwatch


@pytest.mark.parametrize(
    "takes, repeats, expected",
    [
        ([5], 0, 5),
        ([9, 1, 2, 6], 3, 2),  # the first run warms up
        ([11], 2, 11),  # too long to be repeated
    ],
)
def test_the_first_of_several_runs_is_not_counted_and_a_long_one_is_not_repeated(
    monkeypatch, takes, repeats, expected
):
    monkeypatch.setattr(stopwatch, "PAUSE", 0)
    watch, clock, remaining = stopwatch.Stopwatch(), [0.0], list(takes)
    watch.clock = lambda: clock[0]

    def work():
        clock[0] += remaining.pop(0)
        return "done"

    assert watch.time(work, repeats) == (expected, "done") and not remaining
