"""`sc2viz dictionary`, which learns one; and which dictionary the other commands work with."""

import argparse
import sys
from pathlib import Path

from torch import Tensor

from sc2viz import checkpoints, data, dictionary
from sc2viz.files import atomic
from sc2viz.files import dictionaries as files


def run(arguments: argparse.Namespace) -> None:
    """Learn a dictionary and write it with how it was made."""
    if arguments.out:
        atomic.keep([arguments.out], [arguments.data])
    images = data.to_learn_from(arguments.data)
    path = arguments.out or f"{images.name}-dictionary.safetensors"
    atomic.probe(path)  # a file that cannot be written is found before the work, not after it
    keys = "lam", "seed", "tol", "positive", "rule"
    settings = {"n_atoms": arguments.atoms} | {key: getattr(arguments, key) for key in keys}
    for progress in dictionary.learning(images.pixels, max_epochs=arguments.epochs, **settings):
        print(
            f"epoch {progress.epoch + 1}: held-out objective {progress.objective:.4f}", flush=True
        )
    notes = {"data": images.name, "split": "train", "rows": len(images), **settings}
    notes |= {"epochs": progress.epoch + 1, "held_out_objective": progress.objective}
    print(checkpoints.save_dictionary(progress.dictionary, path, notes))


def for_data(
    images: data.Images, atoms: int | None, seed: int, file: str | None = None
) -> tuple[Tensor, str]:
    """The dictionary (d_x, d_s) that a data set is worked on with, and its name under pretrained/, "" for a file.

    It is that of `file`; or that of `atoms` atoms (None: the first) that ships for the data; or one learned now from the
    training split, of 100 atoms by default.
    """
    if file is not None:
        return read(file, images.pixels.shape[1]), ""
    for name in checkpoints.dictionaries(data.weights(images.name)):
        B = checkpoints.load_dictionary(name)
        if len(B) == images.pixels.shape[1] and atoms in (None, B.shape[1]):
            return B, name
    return dictionary.learn(images.pixels, atoms or 100, seed=seed), data.weights(images.name)


def read(file: str, d_x: int) -> Tensor:
    """The dictionary (d_x, d_s) of a name under pretrained/, or of a .npy, .npz or .safetensors; what was done to it is
    printed."""
    if not Path(file).is_file():
        return checkpoints.load_dictionary(file)
    B, notes = files.dictionary(Path(file).read_bytes(), d_x, file)
    for note in notes:
        print(f"{file}: {note}", file=sys.stderr)
    return B
