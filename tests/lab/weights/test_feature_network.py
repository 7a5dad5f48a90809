"""Training of the CIFAR-10 feature network: its augmentation, and that it learns and repeats itself."""

import numpy as np
import torch

from sc2viz.lab.weights import feature_network


def test_augmented_pictures_are_shifts_and_mirrors_of_their_own():
    picture = torch.arange(32 * 32 * 3.0).reshape(1, 32, 32, 3)
    found = feature_network.augment(
        picture.repeat(200, 1, 1, 1), torch.Generator().manual_seed(0), shift=1
    )
    padded = np.pad(picture[0].numpy(), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    shifts = [padded[i : i + 32, j : j + 32] for i in range(3) for j in range(3)]
    possible = np.stack(shifts + [shift[:, ::-1] for shift in shifts])
    which = [np.flatnonzero((possible == one.numpy()).all((1, 2, 3))) for one in found]
    assert all(len(matches) for matches in which)
    assert len(set(np.concatenate(which))) == 18  # each of them occurs


def test_training_learns_and_repeats_itself():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(64) % 2
    pixels = 0.3 + 0.4 * labels[:, None] + 0.1 * torch.randn(64, 3072, generator=generator)
    runs = [
        list(feature_network.train(pixels, labels, epochs=4, batch_size=16, seed=seed))
        for seed in (0, 0, 1)
    ]
    losses = [[loss for _, loss, _ in run] for run in runs]
    assert losses[0] == losses[1] != losses[2] and losses[0][-1] < 0.6 * losses[0][0]
    assert feature_network.accuracy(runs[0][-1][2], pixels, labels) > 0.9
