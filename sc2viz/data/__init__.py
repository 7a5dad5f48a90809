"""Load data sets: `load(name, split)` returns a data set of the project, or the user's own .npz, as `Images`.

`digits`, `mnist-5k`, `patches`, `grey-patches`, `synthetic` and `compositional` are built in. `mnist` and `cifar10` are
read from the folder that the environment variable SC2VIZ_DATA names, or from the user's cache. `download=True` downloads
them into that cache. Every other .npz in the folder SC2VIZ_DATA is a data set by the name of its file.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sc2viz.data.built_in import (
    DIGITS,
    PHOTOGRAPHS,
    compositional,
    digits,
    grey_patches,
    mnist_5k,
    patches,
    photograph,
    synthetic,
)
from sc2viz.data.images import Images, checked
from sc2viz.data.npz import MOST_CLASSES, both_splits, from_npz
from sc2viz.files import reading, stamp

__all__ = [
    "BUILT_IN",
    "GENERATED",
    "MOST_CLASSES",
    "NAMES",
    "PHOTOGRAPHS",
    "Images",
    "available",
    "both_splits",
    "cache_dir",
    "cifar10_features",
    "compositional",
    "digits",
    "from_npz",
    "grey_patches",
    "keeps_all",
    "load",
    "mnist_5k",
    "of_folder",
    "patches",
    "photograph",
    "synthetic",
    "to_learn_from",
    "weights",
]

_LOADERS = {
    "digits": digits,
    "mnist-5k": mnist_5k,
    "patches": patches,
    "grey-patches": grey_patches,
    "synthetic": synthetic,
    "compositional": compositional,
}
BUILT_IN = tuple(_LOADERS)
# The sets that are made of known atoms, which take options
GENERATED = "synthetic", "compositional"
NAMES = (*BUILT_IN, "mnist", "cifar10", "cifar10-features")
_SUPERSETS = {"mnist-5k": "mnist"}  # a set whose rows are rows of another's training split

_CIFAR10 = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def load(
    name: str | os.PathLike, split: str = "train", download: bool = False, **options
) -> Images:
    """Load the `split` ("train" or "test") of the data set `name`: one of NAMES, a path to a .npz (see `from_npz`), or the
    name of a .npz in the folder SC2VIZ_DATA, without its ending.

    Only `mnist`, `cifar10` and `cifar10-features` need files that do not come with the project; `download` applies to
    them alone. `options` are those of `synthetic` and `compositional`. Raises ValueError for an unknown name or split, and
    for data that is missing (the message says how to get it) or damaged.

    >>> from sc2viz import data
    >>> images = data.load("digits", split="test")
    >>> images.pixels.shape, images.pixels.dtype, images.shape
    (torch.Size([359, 64]), torch.float32, (8, 8, 1))
    """
    if split not in ("train", "test"):
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    unknown = ValueError(
        f"data must be one of {', '.join(NAMES)} or a path to a .npz, got {name!r}"
    )
    if not isinstance(name, str | os.PathLike):
        raise unknown
    name = os.fspath(name)
    if options and name not in GENERATED:
        raise ValueError(
            f"only {' and '.join(GENERATED)} take options, got {', '.join(options)} for {name!r}: leave them out"
        )
    if name in _LOADERS:
        return _LOADERS[name](split, **options)
    if name == "cifar10-features":
        return cifar10_features(split, download)
    if name in _STORED:
        return _stored(name, split, download)
    path = name if name.lower().endswith(".npz") else _in_folder().get(name)
    if path is None:
        raise unknown
    return from_npz(path, split)


def to_learn_from(name: str | os.PathLike, download: bool = False) -> Images:
    """Return the training split of a data set, without the rows that a part of it calls test: what shipped weights learn from.

    The 5,000 digits of mnist-5k are rows of MNIST's training split, and the weights of `mnist` are shown on both sets. Of
    its 60,000 training rows 59,000 remain, without the 1,000 on which mnist-5k tests. Every other data set keeps all rows.
    """
    images = load(name, "train", download)
    for subset, superset in _SUPERSETS.items():
        if superset == images.name:
            images = images[~np.isin(images.digests(), load(subset, "test").digests())]
    return images


def keeps_all(name: str) -> bool:
    """Whether `to_learn_from` keeps all training rows of a data set."""
    return name not in _SUPERSETS.values()


def available() -> tuple[str, ...]:
    """Return the names of the data sets that `load` finds on this machine without a download; cifar10-features is left out."""
    return BUILT_IN + tuple(name for name in _STORED if _find(name))


def weights(name: str) -> str:
    """Return the folder under pretrained/ with the dictionary and the networks of a data set: MNIST's for a part of MNIST."""
    return _SUPERSETS.get(name, name)


def of_folder() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the user's own data sets in the folder SC2VIZ_DATA, and what is wrong with the other .npz files there.

    A file is read when it is first seen, and once more after it has changed.
    """
    problems = {name: _problem(path, *stamp(path)) for name, path in _in_folder().items()}
    return tuple(name for name in problems if not problems[name]), tuple(
        filter(None, problems.values())
    )


def _in_folder() -> dict[str, Path]:
    """Return the .npz files of the folder SC2VIZ_DATA by their names, without those of NAMES."""
    folder = os.environ.get("SC2VIZ_DATA")
    paths = sorted(Path(folder).expanduser().glob("*.npz")) if folder else []
    return {path.stem: path for path in paths if path.stem not in NAMES}


@lru_cache(maxsize=256)
def _problem(path: Path, *_stamp: int) -> str:
    """Return what is wrong with a file as it is now; "" if nothing."""
    try:
        both_splits(path)
    except (ValueError, OSError, MemoryError) as error:
        return f"{path.name}: {error}"
    return ""


# MNIST and CIFAR-10 ---------------------------------------------------------------------------------------------------

# For each name: torchvision's class, the names of the classes, and the file or folder that shows that the data is there.
_STORED = {
    "mnist": ("MNIST", DIGITS, ("MNIST/raw",)),
    "cifar10": ("CIFAR10", _CIFAR10, ("cifar10.npz", "cifar-10-batches-py")),
}


def cache_dir() -> Path:
    """Return the folder for downloads: `sc2viz` in XDG_CACHE_HOME or in the platform's folder for caches."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "sc2viz"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sc2viz"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "sc2viz" / "Cache"
    return Path.home() / ".cache" / "sc2viz"


def _folders(name: str) -> list[Path]:
    """Return the folders in which the data set `name` is looked for: SC2VIZ_DATA where it is set, then that of downloads."""
    folder = os.environ.get("SC2VIZ_DATA")
    return ([Path(folder).expanduser()] if folder else []) + [cache_dir() / name]


def _find(name: str) -> Path | None:
    """Return the file or folder with the data set, or None."""
    paths = (folder / entry for folder in _folders(name) for entry in _STORED[name][2])
    return next((path for path in paths if path.exists()), None)


def _stored(name: str, split: str, download: bool) -> Images:
    """Load one split of MNIST or CIFAR-10 from the disk, where it is first downloaded if it is missing and `download` is True."""
    torchvision_name, classes, entries = _STORED[name]
    place = _find(name)
    if place is None and download:
        _download(name)
        place = _find(name)
    if place is None:
        raise ValueError(
            f"{name} is not on this machine: there is no {' or '.join(entries)} in "
            f"{' or '.join(map(str, _folders(name)))}. Set SC2VIZ_DATA to a folder that contains it, or download it: "
            f'data.load("{name}", download=True)'
        )
    if place.suffix == ".npz":
        return replace(from_npz(place, split, name), classes=classes)
    from torchvision import datasets

    root = next(folder for folder in _folders(name) if folder in place.parents)
    with reading(
        f"{place} is incomplete or damaged",
        f": delete it, and data.load({name!r}, download=True) downloads it again",
    ):
        stored = getattr(datasets, torchvision_name)(str(root), train=split == "train")
        pixels, labels = np.asarray(stored.data), np.asarray(stored.targets)
    return checked(name, pixels, labels, classes, source=str(place))


def _download(name: str) -> None:
    """Download with torchvision into a temporary folder and rename it at the end, so that an incomplete one never stays."""
    from torchvision import datasets

    target = cache_dir() / name
    remedy = "check the connection and try again, or set SC2VIZ_DATA to a folder that contains"
    with reading(
        f"{name} could not be downloaded to {target}", f": {remedy} {' or '.join(_STORED[name][2])}"
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=target.parent) as beside:
            fetched = Path(beside) / name
            getattr(datasets, _STORED[name][0])(str(fetched), train=True, download=True)
            for archive in fetched.rglob("*.gz"):
                archive.unlink()
            if _find(name) is None:  # otherwise another process has finished first
                shutil.rmtree(target, ignore_errors=True)
                fetched.replace(target)


@lru_cache(maxsize=2)
def cifar10_features(split: str = "train", download: bool = False) -> Images:
    """Load CIFAR-10 as features of a convolutional network (`sc2viz.features`), (n, 2304) in [0, 1]; half a minute on one core.

    They are divided by the 99.9 % quantile of the training split's, and clipped at 1.
    """
    from sc2viz import features

    images, network = load("cifar10", split, download), features.pretrained()
    rows = features.maps(network, images.pixels).div_(network.get_buffer("scale")).clamp_(max=1)
    return replace(images, name="cifar10-features", pixels=rows, shape=None)
