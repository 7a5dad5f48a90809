"""The CIFAR-10 feature network: its layers as the Keras example has them, folding, augmentation, and what is shipped."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate
from torch import nn

from sc2viz import checkpoints, data, features


@pytest.fixture(scope="module")
def pictures():
    return torch.rand(6, 32 * 32 * 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network(pictures):
    """Not as it starts: with running statistics, scales and shifts of its own."""
    torch.manual_seed(0)
    network = features.FeatureNetwork()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
    return network.eval()


def test_features_are_those_of_the_example_by_numpy(network, pictures):
    folded = features.fold(network)
    convolutions = [block[0] for block in folded.maps if isinstance(block, nn.Sequential)]
    assert [c.weight.shape[:2] for c in convolutions] == [(32, 3), (32, 32), (64, 32), (64, 64)]
    maps = (pictures[0].double().numpy().reshape(32, 32, 3).transpose(2, 0, 1) - 0.5) / 0.25
    for number, convolution in enumerate(convolutions):
        weight, bias = (p.detach().double().numpy() for p in (convolution.weight, convolution.bias))
        if number % 2 == 0:
            maps = np.pad(maps, ((0, 0), (1, 1), (1, 1)))  # "same", then "valid"
        maps = np.stack(
            [correlate(maps, w, "valid")[0] + b for w, b in zip(weight, bias, strict=True)]
        ).clip(0)
        if number % 2:
            c, h, w = maps.shape
            maps = maps[:, : h // 2 * 2, : w // 2 * 2].reshape(c, h // 2, 2, w // 2, 2).max((2, 4))
    np.testing.assert_allclose(
        folded.features(pictures)[0].detach(), maps.ravel(), rtol=1e-3, atol=1e-4
    )
    assert maps.size == features.N_FEATURES == 2304


def test_folding_changes_nothing(network, pictures):
    folded = features.fold(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    torch.testing.assert_close(folded(pictures), network(pictures), rtol=1e-3, atol=1e-4)


def test_a_file_gives_back_its_network(tmp_path, network, pictures):
    folded = features.fold(network)
    folded.scale = torch.tensor(2.5)
    header = {"kind": "features", "notes": {}}
    path = checkpoints.write(tmp_path / "x.safetensors", folded.state_dict(), header)
    loaded = features.pretrained(path)
    assert loaded.scale == 2.5 and torch.equal(loaded(pictures), folded(pictures))
    with pytest.raises(ValueError, match="holds a features, not a solver"):
        checkpoints.load(path)


def test_features_of_cifar10_as_a_data_set(monkeypatch, network, pictures):
    labels, shape = torch.arange(6), (32, 32, 3)
    folded = features.fold(network)
    folded.scale = torch.tensor(1.5)
    monkeypatch.setattr(features, "pretrained", lambda: folded)
    monkeypatch.setattr(
        data, "load", lambda name, split, download: data.Images(name, pictures, labels, shape)
    )
    images = data.cifar10_features.__wrapped__("test")
    expected = (network.features(pictures) / 1.5).clamp(0, 1).detach()
    torch.testing.assert_close(images.pixels, expected, rtol=1e-3, atol=1e-4)
    assert (
        images.name == "cifar10-features"
        and images.shape is None
        and torch.equal(images.labels, labels)
    )
    assert (images.pixels == 1).any(), "nothing to clip: the scale was not tested"
