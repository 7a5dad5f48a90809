"""`reproduce recovery` on small signals: what a run measures, against numpy, and what it is tuned and trained on."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from sc2viz import data, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.lab.experiments import recovery
from sc2viz.lab.experiments.protocols import METHODS, Run

SMALL = {"D_X": 40, "D_S": 60, "STEPS": 5, "ROWS": 60, "ATOMS": 6}
TRIED = {"k": (2, 4), "alpha": (0.9, 1.4)}
KEYS = "nmse", "precision", "recall", "excess"


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    for name, value in (SMALL | {"TRIED": TRIED}).items():
        monkeypatch.setattr(recovery, name, value)
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, method | {"batches": 100, "size": 16})
    cached = recovery.signals, recovery.tuning, recovery.least_lambda, recovery.optimum
    for function in cached:
        function.cache_clear()
    yield recovery.RecoveryExperiment(tmp_path / "results")
    for function in cached:
        function.cache_clear()


def run(condition, method, seed=0):
    return Run(setting=condition, method=method, seed=seed, study="recovery")


ELSEWHERE = "exact", "fista", "alista-selection", "slstm"  # also run under other conditions
RUNS = [("40dB", method) for method in METHODS]
RUNS += [(name, method) for name in ("noiseless", "conditioned", "more") for method in ELSEWHERE]


@pytest.mark.parametrize(("condition", "method"), RUNS)
def test_a_run_measures_every_iteration(experiment, method, condition):
    metrics = experiment.perform(run(condition, method))["metrics"]
    T = 1 if METHODS[method]["solver"] is None else 6 if method == "omp" else 5
    values = np.array([metrics[key] for key in KEYS])
    assert values.shape == (4, T) and np.isfinite(values).all()


def test_what_is_measured_is_what_numpy_measures(experiment):
    rows, lam = recovery.signals("40dB", 0), recovery.least_lambda("40dB")
    x, B, true = (part.double().numpy() for part in (rows.pixels, rows.dictionary, rows.codes))
    fitted = Lasso(alpha=lam / len(B), fit_intercept=False, tol=1e-10, max_iter=10**5).fit(B, x.T)
    exact, fista = (experiment.perform(run("40dB", name))["metrics"] for name in ("exact", "fista"))
    error = ((fitted.coef_ - true) ** 2).sum() / (true**2).sum()
    assert exact["nmse"][0] == pytest.approx(10 * np.log10(error), abs=0.01)
    assert abs(exact["excess"][0]) < 1e-2

    def F(codes):
        return (0.5 * ((x - codes @ B.T) ** 2).sum(1) + lam * np.abs(codes).sum(1)).mean()

    solver = solvers.build("fista", rows.dictionary, 5)
    codes = solver(rows.pixels, fista["lam"]).detach().double().numpy()
    assert fista["excess"][-1] == pytest.approx(100 * (F(codes) / F(fitted.coef_) - 1), rel=1e-2)
    hits = ((codes != 0) & (true != 0)).sum()
    assert fista["precision"][-1] == pytest.approx(hits / (codes != 0).sum(), abs=1e-4)
    assert fista["recall"][-1] == pytest.approx(hits / (true != 0).sum(), abs=1e-4)


def test_the_weights_that_are_best_on_signals_held_out_are_kept(experiment, monkeypatch):
    errors, weights = [-5.0, -9.0, -7.0, -8.0, -6.0], []

    def look(solver, rows, lam):
        assert not np.isin(rows.digests(), recovery.signals("40dB", 0).digests()).any()
        weights.append({key: value.clone() for key, value in solver.state_dict().items()})
        return errors[len(weights) - 1]

    monkeypatch.setattr(recovery, "_nmse", look)
    monkeypatch.setattr(experiment, "lam", lambda run: 0.1)
    monkeypatch.setattr(experiment, "perform", lambda run: {"metrics": {"lam": 0.1}})
    monkeypatch.setitem(METHODS, "na-alista", METHODS["na-alista"] | {"looks": 5})
    network = experiment.network(run("40dB", "na-alista"))
    assert [point["held_out"] for point in network.notes["curve"]] == errors
    torch.testing.assert_close(dict(network.state_dict()), weights[1], rtol=0, atol=0)
    assert not torch.equal(weights[1]["to_gates"], weights[-1]["to_gates"])


def test_lambda_is_chosen_on_signals_that_are_not_measured(experiment):
    lam, rows = recovery.least_lambda("40dB"), recovery.tuning("40dB")
    assert not np.isin(rows.digests(), recovery.signals("40dB", 0).digests()).any()
    place = recovery.LAMBDAS.index(lam)

    def error(lam):
        codes = lasso.solve(rows.pixels, rows.dictionary, lam).codes
        return float((codes - rows.codes).square().sum())

    assert error(lam) <= min(error(recovery.LAMBDAS[near]) for near in (place - 1, place + 1))


def test_where_codes_change_the_network_and_lambda_are_those_made_before(experiment):
    experiment.perform(run("40dB", "alista-selection"))
    networks = set((data.cache_dir() / "reproduction").iterdir())
    record = experiment.perform(run("more", "alista-selection"))
    assert set((data.cache_dir() / "reproduction").iterdir()) == networks
    assert record["metrics"]["measured_at"] == pytest.approx(recovery.least_lambda("40dB"))
    rows = [recovery.signals(condition, 0) for condition in ("fewer", "40dB", "more")]
    assert all(torch.equal(part.dictionary, rows[0].dictionary) for part in rows)
    counts = [int((part.codes != 0).sum()) for part in rows]
    assert counts == sorted(set(counts))


def test_the_command_measures_a_run(experiment, tmp_path, capsys):
    main(["reproduce", "recovery_40dB_ista_0", "--out", str(tmp_path)])
    assert "[1/1] recovery_40dB_ista_0: " in capsys.readouterr().out
    assert '{"run": "recovery_40dB_ista_0", ' in (tmp_path / "recovery.jsonl").read_text()
