"""Results of models on pictures: what is kept of them, and taking a time on a clock of our own."""

import numpy as np
import pytest

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.analysis import sweeps
from sc2viz.ui import cache, models, results, url


@pytest.mark.parametrize(
    ("seconds", "best", "calls"),
    [
        ([0.002, 0.003, 0.002, 0.001, 0.004], 1, 5),
        ([0.015, 0.012, 0.001], 12, 2),  # two runs use up the patience
        ([0.8, 0.1], 800, 1),
    ],
)
def test_a_time_is_the_best_of_the_runs_that_fit(monkeypatch, seconds, best, calls):
    clock, runs = [0.0], []
    monkeypatch.setattr(results.time, "thread_time", lambda: clock[0])

    def call():
        clock[0] += seconds[len(runs)]
        runs.append(None)
        return "codes"

    result, milliseconds = results.timed(call)
    assert result == "codes" and milliseconds == pytest.approx(best) and len(runs) == calls


def test_a_solver_is_timed_once_for_all_pictures_and_every_lambda(open_page, monkeypatch):
    timed = []
    real = results.timed
    monkeypatch.setattr(
        results, "timed", lambda call, repeats=5: timed.append(repeats) or real(call, repeats)
    )
    cache.SHARED.values.clear()
    app = open_page("compare", data="digits", solvers=["ISTA", "SLSTM"], lam="0.21")
    solvers, exact = timed.count(5), timed.count(1)
    assert solvers == 2 * 2 and exact  # after 0 and after all iterations
    for key, value in (("lam", 0.22), ("picture", 40)):
        app.number_input(key=key).set_value(value).run()
    assert timed.count(5) == solvers and timed.count(1) > exact


def test_the_lambda_at_hand_joins_the_stops_that_are_the_same_for_all(open_page):
    open_page("compare", data="digits")
    x = data.load("digits", "test").pixels[:3]
    B, lams = checkpoints.load_dictionary("digits"), sorted((*url.LAM.marks, 0.1234))
    stops, expected = (
        results.exact_sweep("digits", x.numpy(), 0.1234, beyond=False),
        sweeps.exact(x, B, lams),
    )
    for name, value in vars(expected).items():
        np.testing.assert_allclose(getattr(stops, name), value, rtol=2e-4, atol=2e-4, err_msg=name)
    ista = models.public("digits")["ISTA"]
    stops, expected = (
        results.sweep(ista, x.numpy(), 7, 0.1234, beyond=False),
        sweeps.coded(models.build(ista), x, lams, 7),
    )
    for name, value in vars(expected).items():
        np.testing.assert_allclose(getattr(stops, name), value, rtol=1e-5, atol=1e-5, err_msg=name)


def test_a_descent_keeps_the_codes_that_were_asked_for_and_every_distance(open_page):
    open_page("compare", data="digits")
    x, B = data.load("digits", "test").pixels[:3], checkpoints.load_dictionary("digits")
    descent = results.descent(models.public("digits")["ISTA"], x.numpy(), 0.2, (1, 4, 20))
    best = lasso.objective(x, lasso.solve(x, B, 0.2, tol=1e-6).codes, B, 0.2).mean()
    for T, codes in zip((1, 4, 20), descent.course.codes, strict=True):
        expected = solvers.build("ista", B)(x, 0.2, steps=T).detach()
        np.testing.assert_allclose(codes, expected, atol=1e-6)
        excess = 100 * (lasso.objective(x, expected, B, 0.2).mean() / best - 1)
        assert descent.excess[T] == pytest.approx(excess.item(), rel=1e-3)
    assert len(descent.excess) == len(descent.own_excess) == results.HORIZON + 1
