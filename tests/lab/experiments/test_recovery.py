"""`reproduce recovery` on small signals: what is run, what a run measures against numpy, and what is made of the files."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from sc2viz import data, lasso
from sc2viz.__main__ import main
from sc2viz.lab.experiments import recovery_protocols, recovery_runs
from sc2viz.lab.experiments.recovery_protocols import METHODS, RecoveryRun

SHORT = {name: replace(method, batches=100, size=16) for name, method in METHODS.items()}


@pytest.fixture
def runner(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    for module in (recovery_runs, recovery_protocols):
        tried = {"k": (2, 4), "alpha": (0.9, 1.4)}
        for name, value in (
            ("D_X", 40),
            ("D_S", 60),
            ("STEPS", 5),
            ("ROWS", 60),
            ("ATOMS", 6),
            ("TRIED", tried),
        ):
            monkeypatch.setattr(module, name, value, raising=False)
    for cached in (
        recovery_runs.signals,
        recovery_runs.tuning,
        recovery_runs.least_lambda,
        recovery_runs.optimum,
    ):
        cached.cache_clear()
    yield recovery_runs.RecoveryRunner(tmp_path / "results", methods=SHORT)
    for cached in (
        recovery_runs.signals,
        recovery_runs.tuning,
        recovery_runs.least_lambda,
        recovery_runs.optimum,
    ):
        cached.cache_clear()


def test_seed_0_at_40_dB_comes_first_and_every_run_can_be_called_by_its_name():
    planned = recovery_protocols.runs()
    assert len({run.name for run in planned}) == len(planned) == len(METHODS) * 8
    assert all(RecoveryRun.named(run.name) == run for run in planned)
    assert [(run.condition, run.seed) for run in planned[: len(METHODS)]] == [("40dB", 0)] * len(
        METHODS
    )
    again = recovery_protocols.fresh_runs()
    assert not {*again} & {*planned} and {run.seed for run in again} == {
        recovery_protocols.FRESH,
        *recovery_protocols.LATER.values(),
    }
    assert all(
        seed > recovery_protocols.FRESH > max(run.seed for run in planned)
        for seed in recovery_protocols.LATER.values()
    )
    for wrong in (
        "recovery_40dB_gru_0",
        "recovery_50dB_ista_0",
        "recovery_40dB_ista",
        "recovery_40dB_ista_x",
    ):
        with pytest.raises(ValueError, match="there is no run"):
            RecoveryRun.named(wrong)


ELSEWHERE = (
    "exact",
    "fista",
    "alista-selection",
    "slstm",
)  # the methods that the tests also run under other conditions
RUNS = [("40dB", method) for method in METHODS]
RUNS += [
    (condition, method)
    for condition in ("noiseless", "conditioned", "more")
    for method in ELSEWHERE
]


@pytest.mark.parametrize(("condition", "method"), RUNS)
def test_a_run_measures_every_iteration_and_is_not_repeated(runner, method, condition):
    run = RecoveryRun(condition, method)
    record = runner.perform(run)
    metrics = record["metrics"]
    T = 1 if METHODS[method].solver is None else 6 if method == "omp" else 5
    assert all(len(metrics[key]) == T for key in ("nmse", "precision", "recall", "excess"))
    assert np.isfinite(
        [value for key in ("nmse", "precision", "recall", "excess") for value in metrics[key]]
    ).all()
    assert (
        record["command"] == f"python -m sc2viz reproduce {run.name} --again"
        and record["seconds"]["all"] >= 0
    )
    stored = (runner.folder / "recovery.jsonl").read_text()
    lines = [json.loads(line) for line in stored.splitlines()]
    assert (
        record in lines
        and runner.perform(run) == record
        and (runner.folder / "recovery.jsonl").read_text() == stored
    )


def test_what_is_measured_is_what_numpy_measures(runner):
    rows = recovery_runs.signals("40dB", 0)
    lam = recovery_runs.least_lambda("40dB")
    x, B, true = (part.double().numpy() for part in (rows.pixels, rows.dictionary, rows.codes))
    fitted = Lasso(alpha=lam / len(B), fit_intercept=False, tol=1e-10, max_iter=10**5).fit(B, x.T)
    record = runner.perform(RecoveryRun("40dB", "exact"))["metrics"]
    error = ((fitted.coef_ - true) ** 2).sum() / (true**2).sum()
    assert (
        record["nmse"][0] == pytest.approx(10 * np.log10(error), abs=0.01)
        and abs(record["excess"][0]) < 1e-2
    )
    found = runner.perform(RecoveryRun("40dB", "fista"))["metrics"]

    def F(codes):
        return (0.5 * ((x - codes @ B.T) ** 2).sum(1) + lam * np.abs(codes).sum(1)).mean()

    from sc2viz import solvers

    codes = (
        solvers.build("fista", rows.dictionary, 5)(rows.pixels, found["lam"])
        .detach()
        .double()
        .numpy()
    )
    assert found["excess"][-1] == pytest.approx(100 * (F(codes) / F(fitted.coef_) - 1), rel=1e-2)
    named, there = codes != 0, true != 0
    assert found["precision"][-1] == pytest.approx((named & there).sum() / named.sum(), abs=1e-4)
    assert found["recall"][-1] == pytest.approx((named & there).sum() / there.sum(), abs=1e-4)


def test_nothing_is_nearer_than_least_squares_on_the_true_support(runner):
    exact, refitted, support = (
        runner.perform(RecoveryRun("40dB", name))["metrics"]["nmse"][0]
        for name in ("exact", "refitted", "support")
    )
    assert support < min(exact, refitted) - 1 and max(exact, refitted) < -10


def test_the_weights_that_are_best_on_signals_held_out_are_kept(runner, monkeypatch):
    errors, seen = [-5.0, -9.0, -7.0, -8.0, -6.0], []

    def looked(solver, rows, lam):
        assert not np.isin(rows.digests(), recovery_runs.signals("40dB", 0).digests()).any()
        seen.append({key: value.clone() for key, value in solver.state_dict().items()})
        return errors[len(seen) - 1]

    monkeypatch.setattr(recovery_runs, "_nmse", looked)
    monkeypatch.setattr(runner, "lam", lambda run: 0.1)
    monkeypatch.setattr(runner, "perform", lambda run: {"metrics": {"lam": 0.1}})
    runner.methods = {**SHORT, "na-alista": replace(SHORT["na-alista"], looks=5)}
    kept = runner.network(RecoveryRun("40dB", "na-alista"))
    assert [each["held_out"] for each in kept.notes["curve"]] == errors
    torch.testing.assert_close(dict(kept.state_dict()), seen[1], rtol=0, atol=0)
    assert not torch.equal(seen[1]["to_gates"], seen[-1]["to_gates"])
    assert "held_out" not in runner.network(RecoveryRun("40dB", "alista")).notes["curve"][-1]


def test_lambda_is_chosen_on_signals_that_are_not_measured(runner):
    lam = recovery_runs.least_lambda("40dB")
    rows, measured = recovery_runs.tuning("40dB"), recovery_runs.signals("40dB", 0)
    assert not np.isin(rows.digests(), measured.digests()).any()
    place = recovery_protocols.LAMBDAS.index(lam)

    def error(lam):
        return float(
            (lasso.solve(rows.pixels, rows.dictionary, lam).codes - rows.codes).square().sum()
        )

    assert error(lam) <= min(
        error(recovery_protocols.LAMBDAS[near]) for near in (place - 1, place + 1)
    )


def test_where_codes_change_the_network_and_lambda_are_those_made_before(runner):
    more, usual = RecoveryRun("more", "alista-selection"), RecoveryRun("40dB", "alista-selection")
    runner.perform(usual)
    files = set((data.cache_dir() / "reproduction").iterdir())
    record = runner.perform(more)
    assert set((data.cache_dir() / "reproduction").iterdir()) == files
    assert record["metrics"]["measured_at"] == pytest.approx(recovery_runs.least_lambda("40dB"))
    assert torch.equal(
        recovery_runs.signals("more", 0).dictionary, recovery_runs.signals("40dB", 0).dictionary
    )
    counts = [
        int((recovery_runs.signals(condition, 0).codes != 0).sum())
        for condition in ("fewer", "40dB", "more")
    ]
    assert counts == sorted(counts) and counts[0] < counts[-1]


def test_the_command_measures_a_run(runner, tmp_path, capsys):
    main(["reproduce", "recovery_40dB_ista_0", "--out", str(tmp_path / "out")])
    assert re.search(r"\[1/1\] recovery_40dB_ista_0: .*, nmse -\d", capsys.readouterr().out)
    assert '{"run": "recovery_40dB_ista_0", ' in (tmp_path / "out" / "recovery.jsonl").read_text()
