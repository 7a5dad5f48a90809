"""`python -m sc2viz.features`: train the network whose maps are CIFAR-10's features."""

from pathlib import Path

from sc2viz import data, device, features
from sc2viz.cli import limits, options


def main() -> None:
    """Train, measure on the test split, and write what `data.load` reads."""
    parser = limits.Parser(
        prog="python -m sc2viz.features", description="Train the CIFAR-10 feature network."
    )
    options.add(
        parser,
        {
            "--epochs": dict(default=24),
            "--seed": {},
            "--out": dict(type=Path, default=features.FILE),
        },
    )
    arguments = parser.parse_args()
    images, test = (data.load("cifar10", split) for split in ("train", "test"))
    asked = {"epochs": arguments.epochs, "seed": arguments.seed}
    for epoch, loss, network in features.train(  # noqa: B007
        images.pixels, images.labels, device=device.pick(), **asked
    ):
        print(f"epoch {epoch + 1}: loss {loss:.4f}", flush=True)
    network = features.fold(network.cpu())
    network.scale = features.scale_of(network, images.pixels)
    share = features.accuracy(network, test.pixels, test.labels)
    made = {"data": "cifar10", **asked, "test_accuracy": share}
    print(f"test accuracy {share:.4f}", features.save(network, arguments.out, made))


if __name__ == "__main__":
    main()
