"""The runs of `reproduce sae`, on a fifth of the digits: what they measure, and from which rows."""

import numpy as np
import pytest
import torch

from sc2viz import data, lasso
from sc2viz.analysis import matching
from sc2viz.defaults import KINDS
from sc2viz.lab.experiments import autoencoders, records
from sc2viz.lab.experiments.protocols import KNOWN_CODES, Run
from sc2viz.training import autoencoders as trainers
from tests.problems import F


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """Small runs: 300 digits, 20 atoms, two epochs, four non-zeros."""
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(trainers, "BAR_EPOCHS", 4)
    monkeypatch.setattr(trainers, "NON_ZEROS", 4)
    monkeypatch.setitem(autoencoders.KNOWN_SETTINGS, "epochs", 1)
    load = data.load
    monkeypatch.setattr(data, "load", lambda *names, **options: load(*names, **options)[:300])
    small = autoencoders.AutoencoderExperiment(tmp_path)
    small.trainer.epochs = {"digits": 2}
    return small


def run(setting, method, data="digits", atoms=20):
    return Run(data, "", "", setting, method, atoms, study="autoencoders")


def count_non_zeros(x, D, lam) -> float:
    exact = lasso.solve(x, lasso.normalised(D), lam, tol=1e-6, positive=True)
    return float((exact.codes > 0).sum(1).double().mean())


def test_non_zeros_are_counted_on_rows_from_which_nothing_was_learned(experiment):
    """The last fifth of 300 rows. Codes of rows that atoms were learned from are sparser at the same λ."""
    trainer, encoder = experiment.trainer, autoencoders.encoder_of(run("joint", "topk"))
    bar, rows = trainer.bar("digits", 20), trainer.rows("digits").train.pixels[240:]
    assert count_non_zeros(rows, bar.D, bar.lam) == pytest.approx(4, rel=0.06)
    solver = trainer.network(encoder)
    lam, _ = trainer.prices(encoder, solver)
    count = count_non_zeros(solver.centred(rows), solver.dictionary, lam)
    assert count == pytest.approx(4, rel=0.06)


def test_on_the_bar_the_dictionarys_gap_is_nothing_and_the_objective_is_that_of_the_codes(
    experiment,
):
    metrics = experiment.perform(run("frozen", "topk"))["metrics"]
    bar, x = experiment.trainer.bar("digits", 20), experiment.trainer.rows("digits").test.pixels
    best = F(x, lasso.solve(x, bar.D, bar.lam, positive=True).codes, bar.D, bar.lam)
    assert metrics["dictionary_percent"] == pytest.approx(0, abs=1e-3) and metrics["lam"] == bar.lam
    assert metrics["optimum"] == pytest.approx(best.mean(), rel=1e-4)
    assert metrics["certificate"] <= 1e-4
    gap = 100 * (metrics["F"] / metrics["optimum"] - 1)
    assert metrics["percent"] == pytest.approx(gap, rel=1e-4)
    gaps = records.unpacked(metrics["rows"])
    assert (gaps * best).mean() / best.mean() == pytest.approx(gap, rel=0.01)
    assert metrics["non_zeros"] <= 10 and metrics["multiplications"] == 64 * 20


def test_lambda_follows_the_non_zeros_and_stays_at_the_price_of_the_bar(experiment):
    experiment.trainer.epochs = {"digits": 40}
    joint, fixed = (experiment.perform(run(mode, "relu"))["metrics"] for mode in ("joint", "fixed"))
    assert joint["non_zeros"] == pytest.approx(4, rel=0.3)
    assert joint["trained_at"] == joint["lam"]
    assert fixed["trained_at"] == fixed["lam"] == experiment.trainer.bar("digits", 20).lam
    assert abs(fixed["dictionary_percent"]) > 1e-3  # atoms learn


def test_known_codes_are_matched_with_those_of_the_atoms(experiment):
    true, random, trained = (
        experiment.perform(run("known", kind, *KNOWN_CODES))["metrics"]
        for kind in ("true", "random", "topk-random")
    )
    images = data.load("compositional", "test")
    codes = lasso.solve(images.pixels, images.dictionary, 0.1, positive=True).codes
    expected = matching.mean_correlation(images.codes, codes)
    assert expected > 0.9 and true["mcc_out"] == pytest.approx(expected, rel=1e-4)
    assert random["mcc_out"] < 0.6
    assert trained["exact_mcc_out"] == pytest.approx(random["mcc_out"], rel=1e-4)


def test_the_released_pursuit_takes_atoms_of_any_sign_and_none_twice():
    rng = np.random.default_rng(0)
    D = rng.standard_normal((8, 14))
    D /= np.linalg.norm(D, axis=0)
    x, expected = rng.standard_normal((5, 8)), np.zeros((5, 14))
    for row, residual in zip(expected, x.copy(), strict=True):
        for _ in range(6):
            j = np.argmax(np.abs(D.T @ residual) * (row == 0))
            row[j] = D[:, j] @ residual
            residual -= row[j] * D[:, j]
    solver = autoencoders.ReleasedPursuit(torch.from_numpy(D), 6)
    codes = solver(torch.from_numpy(x), 0.1).detach()
    np.testing.assert_allclose(codes, expected, rtol=1e-9, atol=1e-12)


def test_every_stored_run_has_its_multiplications_and_ten_non_zeros():
    """Multiplications by hand: the first step multiplies x alone, because s⁽⁰⁾ is zero. MP adds an atom by two products, the
    first by one."""
    wide = {"digits": 64, "mnist-5k": 784, "grey-patches": 64, "photograph-features": 2304}
    for run, record in records.load("autoencoders").items():
        if run.setting == "known":
            continue
        d_x, d_s, T = wide[run.data], run.atoms, KINDS[run.method].steps
        by_hand = (2 * T - 1) * d_x * d_s if run.method == "mp" else d_x * d_s + (T - 1) * d_s**2
        assert record["metrics"]["multiplications"] == by_hand, run.name
        assert run.setting != "frozen" or 7 < record["metrics"]["exact_non_zeros"] < 13, run.name
