"""`reproduce conv`: the comparison is fair by its counts, goes on where it was stopped, and its answer is Student's."""

import numpy as np
import pytest
import torch
from scipy import stats

from sc2viz import convolution, data, solvers
from sc2viz.__main__ import main
from sc2viz.lab.experiments import conv_runs, records
from sc2viz.lab.reports import gate_tables
from sc2viz.lab.weights import filter_networks


def network(arm):
    solver, filters, layers = conv_runs.ARMS[arm]
    if solver is None:
        return conv_runs.PlainCNN(filters, layers, 0)
    drawn = torch.randn(filters, 7, 7, generator=torch.Generator().manual_seed(0))
    return solvers.build(solver, convolution.Dictionary(drawn, 2), layers)


def test_networks_are_of_one_size_and_the_deeper_one_has_the_gates_multiplications():
    found = {arm: conv_runs.sizes(network(arm)) for arm in conv_runs.ARMS}
    # By hand: 49 numbers a filter, of A_1 … A_10, B_2 … B_10 and B; two thresholds a layer; gates of 2·(49 + 9 + 2).
    assert found["slstm"]["parameters"] == 50 * (20 * 49 + 20 + 120) == found["lista"]["parameters"]
    assert found["slstm"]["multiplications"] == 50 * (20 * 49 + 2 * 49 + 9 * 2 * 9)
    assert found["deeper"]["multiplications"] == pytest.approx(
        found["slstm"]["multiplications"], rel=0.03
    )
    assert found["cnn"]["parameters"] == pytest.approx(found["slstm"]["parameters"], rel=0.04)


@pytest.fixture
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(filter_networks, "CROP", 20)
    monkeypatch.setattr(filter_networks, "BATCH", 2)
    monkeypatch.setattr(filter_networks, "DRAWN", 4)
    monkeypatch.setattr(filter_networks, "HELD", ("chelsea",))
    monkeypatch.setattr(conv_runs, "START", 1)
    monkeypatch.setattr(conv_runs, "KEPT_EVERY", 1)
    monkeypatch.setattr(conv_runs, "ARMS", {"slstm": ("conv-slstm", 4, 2), "cnn": (None, 3, 3)})
    rows = torch.rand(4, 400, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(
        filter_networks, "crops", lambda *a, **given: data.Images("crops", rows, shape=(20, 20, 1))
    )
    monkeypatch.setattr(data, "photograph", lambda name: np.random.default_rng(1).random((21, 24)))


def test_the_command_measures_every_run_once_and_says_what_the_gates_do(small, tmp_path, capsys):
    words = ["reproduce", "conv", "--seeds", "2", "--batches", "3", "--out", str(tmp_path)]
    main(words)
    said = capsys.readouterr().out
    found = records.load(conv_runs.ConvRun, tmp_path)
    assert [run.name for run in found] == [
        f"conv_{arm}_3_{seed}" for arm in ("cnn", "slstm") for seed in (0, 1)
    ]
    plain, gates = np.array([record["metrics"]["psnr"] for record in found.values()]).reshape(2, 2)
    p = stats.ttest_rel(gates, plain).pvalue
    (pair,) = gate_tables.publish(found)["pairs"]
    assert (pair["decibels"], pair["p"]) == pytest.approx((np.mean(gates - plain), p))
    assert f"{abs(pair['decibels']):.3f} dB" in said
    before = (tmp_path / "photographs.jsonl").read_bytes()
    main(words)
    assert (tmp_path / "photographs.jsonl").read_bytes() == before


@pytest.mark.parametrize("arm", ["slstm", "cnn"])
def test_a_run_that_was_stopped_goes_on_to_the_same_result(small, tmp_path, arm):
    run, steps = conv_runs.ConvRun(arm, 4, 0), []

    def stop(line):
        steps.append(line)
        if len(steps) == 3:  # what the third step learned is not kept
            raise KeyboardInterrupt

    whole = conv_runs.ConvRunner(tmp_path / "whole").perform(run)
    with pytest.raises(KeyboardInterrupt):
        conv_runs.ConvRunner(tmp_path / "part", stop).perform(run)
    steps = []
    resumed = conv_runs.ConvRunner(tmp_path / "part", steps.append).perform(run)
    assert [line.split()[2] for line in steps] == ["3", "4"]
    assert resumed["metrics"] == whole["metrics"] and not list(
        tmp_path.glob("cache/**/*.safetensors")
    )
