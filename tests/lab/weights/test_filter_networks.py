"""Training of networks on filters: a run goes on where it was, and what it learns from."""

import pytest
import torch

from sc2viz import checkpoints, data, solvers
from sc2viz.lab.weights import __main__ as weights
from sc2viz.lab.weights import filter_networks


@pytest.fixture
def names(monkeypatch):
    """The photographs that small crops are asked of."""
    for name, value in {"CROP": 24, "BATCH": 2, "CUT": 4, "EVERY": 2}.items():
        monkeypatch.setattr(filter_networks, name, value)
    monkeypatch.setattr(filter_networks, "measure", lambda denoise, sigma: {"chelsea": 0.0})
    requested = []

    def crops(count, size, seed, names):
        requested.extend(names)
        rows = torch.rand(count, size * size, generator=torch.Generator().manual_seed(seed))
        return data.Images("crops", rows, shape=(size, size, 1))

    monkeypatch.setattr(filter_networks, "crops", crops)
    return requested


def make(out):
    options = "--filters 4 --steps 2 --start 2 --batches 5"
    weights.main(f"filter_networks conv-slstm {out} {options}".split())
    return checkpoints.load(out)


def test_a_run_that_was_stopped_goes_on_where_it_was(names, tmp_path, monkeypatch):
    uninterrupted = make(tmp_path / "whole.safetensors")
    measured = iter([{}] * 3)  # at three σ after two steps, and then no more
    with monkeypatch.context() as patch, pytest.raises(StopIteration):
        patch.setattr(filter_networks, "measure", lambda denoise, sigma: next(measured))
        make(tmp_path / "stopped.safetensors")
    stopped = make(tmp_path / "stopped.safetensors")
    torch.testing.assert_close(stopped.state_dict(), uninterrupted.state_dict(), rtol=0, atol=0)
    assert set(names) == set(data.PHOTOGRAPHS) - {"chelsea", "china"}
    assert not torch.equal(
        uninterrupted.weights.analysis[0], uninterrupted.weights.analysis[1]
    )  # it has learned


def test_learned_filters_explain_crops_better_than_where_they_start(names):
    start, learned = (filter_networks.learned_filters(9, batches) for batches in (0, 40))
    x = next(filter_networks.noisy_crops(1, 0, 5, (0.1, 0.1)))[0]
    x = x - x.mean(1, keepdim=True)

    @torch.no_grad()
    def F(B):
        codes = solvers.build("conv-lfista", B, 20)(x, 0.1)
        return 0.5 * (x - B.synthesise(codes)).square().sum() + 0.1 * codes.abs().sum()

    assert F(learned) < 0.99 * F(start)
    assert learned.filters.flatten(1).norm(dim=1).max() <= 1 + 1e-5
