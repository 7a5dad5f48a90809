"""Taking a time: on a clock of our own."""

import pytest

from sc2viz.ui import results


@pytest.mark.parametrize(
    ("seconds", "best", "calls"),
    [([0.05, 0.001, 0.003, 0.002, 0.001, 0.004], 1, 6),  # the first run, which warms up, does not count
     ([0.05, 0.015, 0.012, 0.001], 12, 3),  # two runs use up the patience
     ([0.9, 0.8, 0.1], 800, 2)],
)  # fmt: skip
def test_a_time_is_the_best_of_the_runs_that_fit(monkeypatch, seconds, best, calls):
    now, made = [0.0], []
    monkeypatch.setattr(results.time, "perf_counter", lambda: now[0])

    def call():
        now[0] += seconds[len(made)]
        made.append(None)
        return "codes"

    found, milliseconds = results._timed(call)
    assert found == "codes" and milliseconds == pytest.approx(best) and len(made) == calls
