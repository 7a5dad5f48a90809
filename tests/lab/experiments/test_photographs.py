"""The runs on photographs, and those of gates: fair by their counts, and they go on where they were stopped."""

import numpy as np
import pytest
import torch

from sc2viz import convolution, data, solvers
from sc2viz.__main__ import main
from sc2viz.lab.experiments import photographs, protocols, records
from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.reports import photograph_tables
from sc2viz.lab.weights import filter_networks
from sc2viz.photographs import peers


def test_a_run_is_what_photographs_makes_of_the_pictures(monkeypatch, tmp_path):
    full_picture = peers.picture
    monkeypatch.setattr(peers, "picture", lambda name, crop: full_picture(name, 40))
    run = Run(setting=25, method=protocols.MEANS, seed=2, study="photographs")
    metrics = photographs.PhotographExperiment(tmp_path).perform(run)["metrics"]
    psnr = []
    for name in peers.PICTURES:
        noisy = full_picture(name, 40) + 25 / 255 * np.random.RandomState(2).standard_normal(
            (40, 40)
        )
        answer = peers.non_local_means(noisy, 25 / 255).clip(0, 1)
        psnr.append(-10 * np.log10(np.mean((full_picture(name, 40) - answer) ** 2)))
    assert [metrics[name] for name in peers.PICTURES] == pytest.approx(psnr, rel=1e-6)
    assert metrics["psnr"] == pytest.approx(np.mean(psnr), rel=1e-6)


def count(arm):
    """The sizes of the network of an arm."""
    solver, filters, layers = protocols.ARMS[arm]
    if not solver:
        return photographs.sizes(photographs.PlainCNN(filters, layers, 0))
    start = convolution.Dictionary(torch.rand(filters, 7, 7), 2)
    return photographs.sizes(solvers.build(solver, start, layers))


def test_networks_are_of_one_size_and_the_deeper_one_has_the_gates_multiplications():
    # By hand: 49 numbers a filter, of A_1 … A_10, B_2 … B_10 and B; two thresholds a layer; gates of 2·(49 + 9 + 2).
    parameters, products = 50 * (20 * 49 + 20 + 120), 50 * (20 * 49 + 2 * 49 + 9 * 2 * 9)
    assert count("slstm") == {"parameters": parameters, "multiplications": products}
    assert count("lista")["parameters"] == parameters
    assert count("deeper")["multiplications"] == pytest.approx(products, rel=0.03)
    assert count("cnn")["parameters"] == pytest.approx(parameters, rel=0.04)


@pytest.fixture
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path / "cache")
    small = {"CROP": 20, "BATCH": 2, "CUT": 4, "HELD_OUT": ("chelsea",)}
    for name, value in small.items():
        monkeypatch.setattr(filter_networks, name, value)
    monkeypatch.setattr(photographs, "START", 1)
    monkeypatch.setattr(photographs, "KEPT_EVERY", 1)
    arms = {"slstm": ("conv-slstm", 4, 2), "cnn": ("", 3, 3)}
    # The whole table is replaced, because entries that are put back would stand in another order.
    for module in (protocols, photographs, photograph_tables):
        monkeypatch.setattr(module, "ARMS", arms)
    rows = torch.rand(4, 400, generator=torch.Generator().manual_seed(0))
    crops = data.Images("crops", rows, shape=(20, 20, 1))
    monkeypatch.setattr(filter_networks, "crops", lambda *_, **__: crops)
    monkeypatch.setattr(data, "photograph", lambda name: np.random.default_rng(1).random((21, 24)))


def test_the_command_measures_every_run_and_says_what_the_gates_do(small, tmp_path, capsys):
    command = "reproduce conv --seeds 2 --batches 3 --out"
    main([*command.split(), str(tmp_path)])
    psnr = [record["metrics"]["psnr"] for record in records.load("gates", tmp_path).values()]
    assert len(psnr) == 4 and min(psnr) > 5
    gap = abs(np.mean(psnr[2:]) - np.mean(psnr[:2]))  # after the plain networks by their names
    assert f"{gap:.3f} dB" in capsys.readouterr().out


@pytest.mark.parametrize("arm", ["slstm", "cnn"])
def test_a_run_that_was_stopped_goes_on_to_the_same_result(small, tmp_path, arm):
    run, steps = Run(setting=4, method=arm, study="gates"), []

    def stop(line):
        steps.append(line)
        if len(steps) == 3:  # what the third step learned is not kept
            raise KeyboardInterrupt

    uninterrupted = photographs.GateExperiment(tmp_path / "whole").perform(run)
    with pytest.raises(KeyboardInterrupt):
        photographs.GateExperiment(tmp_path / "part", stop).perform(run)
    steps = []
    resumed = photographs.GateExperiment(tmp_path / "part", steps.append).perform(run)
    assert [line.split()[2] for line in steps] == ["3", "4"]
    assert resumed["metrics"] == uninterrupted["metrics"]
    assert not list(tmp_path.glob("cache/**/*.safetensors"))
