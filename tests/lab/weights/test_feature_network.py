"""Training of the CIFAR-10 feature network: its augmentation, and that it learns and repeats itself."""

import numpy as np
import torch

from sc2viz.lab.weights import feature_network


def test_augmented_pictures_are_shifts_and_mirrors_of_their_own():
    picture = torch.arange(32 * 32 * 3.0).reshape(1, 32, 32, 3)
    generator = torch.Generator().manual_seed(0)
    augmented = feature_network.augment(picture.repeat(200, 1, 1, 1), generator, shift=1)
    padded = np.pad(picture[0].numpy(), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    shifts = [padded[i : i + 32, j : j + 32] for i in range(3) for j in range(3)]
    possible = np.stack(shifts + [shift[:, ::-1] for shift in shifts])
    matches = (augmented.numpy()[:, None] == possible).all((2, 3, 4))
    assert matches.any(1).all() and matches.any(0).all()  # each of them occurs


def test_training_learns_and_repeats_itself():
    labels = torch.arange(64) % 2
    noise = torch.randn(64, 3072, generator=torch.Generator().manual_seed(0))
    pixels = 0.3 + 0.4 * labels[:, None] + 0.1 * noise
    options = {"epochs": 4, "batch_size": 16}
    runs = [list(feature_network.train(pixels, labels, seed=seed, **options)) for seed in (0, 0, 1)]
    first, repeated, different = ([loss for _, loss, _ in run] for run in runs)
    assert first == repeated != different and first[-1] < 0.6 * first[0]
    assert feature_network.accuracy(runs[0][-1][2], pixels, labels) > 0.9
