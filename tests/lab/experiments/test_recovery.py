"""`reproduce recovery` on small signals: what a run measures, against numpy, and what it is tuned and trained on."""

import numpy as np
import pytest
import torch

from sc2viz import data, lasso, solvers
from sc2viz.lab.experiments import recovery
from sc2viz.lab.experiments.protocols import METHODS, Run
from tests.problems import F, scikit_learn

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


def test_what_is_measured_is_what_numpy_measures(experiment):
    rows, lam = recovery.signals("40dB", 0), recovery.least_lambda("40dB")
    x, B, true = rows.pixels.double(), rows.dictionary.double(), rows.codes.double()
    best = scikit_learn(x, B, lam)
    exact, fista = (experiment.perform(run("40dB", name))["metrics"] for name in ("exact", "fista"))
    error = (best - true).square().sum() / true.square().sum()
    assert exact["nmse"][0] == pytest.approx(10 * error.log10().item(), abs=0.01)
    assert abs(exact["excess"][0]) < 1e-2
    codes = solvers.build("fista", rows.dictionary, 5)(rows.pixels, fista["lam"]).detach()
    excess = 100 * (F(x, codes, B, lam).mean() / F(x, best, B, lam).mean() - 1)
    assert fista["excess"][-1] == pytest.approx(excess, rel=1e-2)
    hits = ((codes != 0) & (true != 0)).sum().item()
    assert fista["precision"][-1] == pytest.approx(hits / (codes != 0).sum().item(), abs=1e-4)
    assert fista["recall"][-1] == pytest.approx(hits / (true != 0).sum().item(), abs=1e-4)


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
    fewer, usual, denser = (recovery.signals(name, 0) for name in ("fewer", "40dB", "more"))
    assert torch.equal(fewer.dictionary, usual.dictionary)
    assert (fewer.codes != 0).sum() < (usual.codes != 0).sum() < (denser.codes != 0).sum()
