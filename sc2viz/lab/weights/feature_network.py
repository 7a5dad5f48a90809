"""`python -m sc2viz.lab.weights feature_network`: train the network whose maps are CIFAR-10's features."""

import torch
from torch.nn import functional

from sc2viz import checkpoints, data, device
from sc2viz.features import CHANNELS, SIDE, FeatureNetwork, fold, maps


def augment(pictures, generator, shift=4):
    """Mirror half of the pictures (n, 32, 32, 3) and shift each by up to `shift` pixels, its border reflected."""
    n = len(pictures)
    padded = functional.pad(pictures.permute(0, 3, 1, 2), (shift,) * 4, mode="reflect").permute(
        0, 2, 3, 1
    )
    top, first = torch.randint(0, 2 * shift + 1, (2, n, 1), generator=generator)
    line = torch.arange(SIDE)
    mirrored = torch.rand(n, 1, generator=generator) < 0.5
    rows, columns = top + line, first + torch.where(mirrored, SIDE - 1 - line, line)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def train(
    pixels,
    labels,
    *,
    epochs=40,
    batch_size=128,
    rate=0.05,
    seed=0,
    device="cpu",
):
    """Train from scratch; yields (epoch, mean training loss, the network, not folded) after each epoch.

    SGD with Nesterov momentum 0.9, weight decay 5e-4, a one-cycle schedule, label smoothing 0.1; mirrored and shifted
    pictures. `pixels` (n, 3072) in [0, 1], `labels` (n,) int64.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = FeatureNetwork().to(device)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim == 1]
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)
    steps = -(-len(pixels) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=epochs * steps, pct_start=0.2
    )
    pictures = pixels.reshape(-1, SIDE, SIDE, CHANNELS)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for rows in torch.randperm(len(pixels), generator=generator).split(batch_size):
            x = augment(pictures[rows], generator).to(device)
            loss = functional.cross_entropy(
                network(x), labels[rows].to(device), label_smoothing=0.1
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        yield epoch, total / len(pixels), network


@torch.no_grad()
def accuracy(network, pixels, labels, batch_size=1000):
    """Share of pictures whose label the network's own head predicts, in [0, 1]."""
    network.eval()
    logits = torch.cat([network(x) for x in pixels.split(batch_size)])
    return (logits.argmax(1) == labels).double().mean().item()


def scale_of(network, pixels):
    """What features are divided by, (): the 99.9 % quantile of all features of the first 10,000 pictures."""
    values = maps(network, pixels[:10_000]).flatten()
    return values.kthvalue(int(0.999 * len(values))).values


def make(arguments):
    """Train, measure on the test split, and write what `data.load` reads."""
    images, test = (data.load("cifar10", split) for split in ("train", "test"))
    options = {"epochs": arguments.epochs, "seed": arguments.seed}
    for epoch, loss, network in train(  # noqa: B007
        images.pixels, images.labels, device=device.pick(), **options
    ):
        print(f"epoch {epoch + 1}: loss {loss:.4f}", flush=True)
    network = fold(network.cpu())
    network.scale = scale_of(network, images.pixels)
    share = accuracy(network, test.pixels, test.labels)
    header = {"kind": "features", "notes": {"data": "cifar10", **options, "test_accuracy": share}}
    path = checkpoints.write(arguments.out, network.state_dict(), header)
    print(f"test accuracy {share:.4f}", path)
