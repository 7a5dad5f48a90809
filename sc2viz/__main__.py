"""The command line: `python -m sc2viz {dictionary,bench} …`."""

from __future__ import annotations

import argparse
import sys

from sc2viz import bench, checkpoints, data, dictionary


def learn_dictionary(arguments: argparse.Namespace) -> None:
    """Learn a dictionary and write it with how it was made."""
    images = data.load(arguments.data, split="train")
    settings = {"n_atoms": arguments.atoms, "lam": arguments.lam, "seed": arguments.seed, "tol": arguments.tol}
    for progress in dictionary.learning(images.pixels, **settings):
        print(f"epoch {progress.epoch + 1}: held-out objective {progress.objective:.4f}", flush=True)
    made = {"data": images.name, "split": "train", "rows": len(images), **settings, "epochs": progress.epoch + 1}
    path = arguments.out or checkpoints.PRETRAINED / images.name / "dictionary.safetensors"
    print(checkpoints.save_dictionary(progress.dictionary, path, {**made, "held_out_objective": progress.objective}))


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m sc2viz", description="Sparse coding from the command line.")
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    learn = commands.add_parser("dictionary", help="learn a dictionary (Mairal et al. 2010)")
    learn.add_argument("--data", default="mnist-5k", help="a data set's name or an .npz (default: %(default)s)")
    learn.add_argument("--atoms", type=int, default=100)
    learn.add_argument("--lam", type=float, default=0.1)
    learn.add_argument("--seed", type=int, default=0)
    learn.add_argument("--tol", type=float, default=1e-3, help="stop when an epoch improves by less than this share")
    learn.add_argument("--out", help="default: pretrained/<data>/dictionary.safetensors")
    learn.set_defaults(run=learn_dictionary)

    bench.add_commands(commands)
    return main


def main(words: list[str] | None = None) -> None:
    arguments = parser().parse_args(words)
    try:
        arguments.run(arguments)
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
