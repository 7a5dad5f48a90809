"""CIFAR-10 features: the four-convolution network of the Keras example that the paper's footnote 3 names.

    conv 32 – conv 32 – pool – conv 64 – conv 64 – pool – flatten (6·6·64 = 2,304) – dense 512 – dense 10

The flattened maps are the features (the paper prints "2,034", a slip for 2,304). They have seen the labels: what is
called unsupervised on top of them is not quite, and the reproduction shows a row "no coding" beside it.

While it trains, each convolution is followed by batch normalisation; afterwards that is folded into the convolution's
own weights (`fold`), so that the network that is shipped has the layers of the example and no others.

    data.load("cifar10-features")            the features as a data set
    features.of_photographs("train")         those of crops of photographs, which the network never saw
"""

import copy
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from sc2viz import checkpoints
from sc2viz.data.built_in import PHOTOGRAPHS, cut_patches, photograph
from sc2viz.data.images import Images

SIDE, CHANNELS, CLASSES = 32, 3, 10
N_FEATURES = 6 * 6 * 64
FILE = checkpoints.PRETRAINED / "cifar10-features" / "network.safetensors"


def _convolution(inside: int, outside: int, padding: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=padding), nn.BatchNorm2d(outside), nn.ReLU()
    )


class FeatureNetwork(nn.Module):
    """Pictures (n, 3·32·32) in [0, 1], rows in (h, w, channel) order → logits (n, 10); `features` gives (n, 2304) ≥ 0."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Sequential(
            _convolution(CHANNELS, 32, padding=1),
            _convolution(32, 32, padding=0),
            nn.MaxPool2d(2),
            nn.Dropout(0.1),
            _convolution(32, 64, padding=1),
            _convolution(64, 64, padding=0),
            nn.MaxPool2d(2),
            nn.Dropout(0.2),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(N_FEATURES, 512), nn.ReLU(), nn.Dropout(0.4), nn.Linear(512, CLASSES)
        )
        self.register_buffer(
            "scale", torch.ones(())
        )  # the number by which `data.load` divides features

    def features(self, x: Tensor) -> Tensor:
        pictures = x.reshape(-1, SIDE, SIDE, CHANNELS).permute(
            0, 3, 1, 2
        )  # no copy: the result is channels-last in memory
        return self.maps((pictures - 0.5) / 0.25)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def fold(network: FeatureNetwork) -> FeatureNetwork:
    """A copy in evaluation mode with each batch normalisation folded into the convolution before it: the same function."""
    network = copy.deepcopy(network).eval()
    for block in network.maps:
        if isinstance(block, nn.Sequential) and isinstance(block[1], nn.BatchNorm2d):
            block[0] = nn.utils.fuse_conv_bn_eval(block[0], block[1])
            block[1] = nn.Identity()
    return network


@torch.no_grad()
def maps(network: FeatureNetwork, pixels: Tensor, batch_size: int = 1000) -> Tensor:
    """Features (n, 2304) ≥ 0 of pictures (n, 3072), batch by batch."""
    return torch.cat([network.features(x) for x in pixels.split(batch_size)])


@lru_cache(maxsize=1)
def pretrained(path: Path = FILE) -> FeatureNetwork:
    """The network that comes with the project, folded and ready. ValueError for a file that holds another one."""
    tensors, _ = checkpoints.read(path, "features")
    network = fold(FeatureNetwork())
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(f"{path} does not hold the network of features: {error}") from None
    return network


def of_photographs(split: str = "train") -> Images:
    """Features of 32×32 crops of `PHOTOGRAPHS`, (n, 2304) in [0, 1] as cifar10-features: 200 of each photograph
    for training and 40 for testing, cut as `cut_patches` says. Grey photographs have three equal channels."""
    colours = [photograph(name, CHANNELS) for name in PHOTOGRAPHS]
    crops = cut_patches(colours, SIDE, 200 if split == "train" else 40, split)
    network = pretrained()
    return Images(
        "photograph-features",
        (maps(network, torch.from_numpy(crops).float().flatten(1)) / network.scale).clamp(max=1),
    )
