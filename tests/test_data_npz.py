"""The user's own data: `data.from_npz`, and paths given to `data.load`."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sc2viz import data

UINT8 = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)


def npz(**arrays) -> io.BytesIO:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    stream.seek(0)
    return stream


sizes = st.integers(1, 5)
shapes = st.one_of(
    st.tuples(sizes, sizes),
    st.tuples(sizes, sizes, sizes),
    st.tuples(sizes, sizes, sizes, st.sampled_from([1, 3])),
)
widths = st.sampled_from([2, 4, 8])
in_unit = widths.flatmap(
    lambda width: hnp.arrays(f"f{width}", shapes, elements=st.floats(0, 1, width=8 * width))
)
pictures = st.one_of(
    hnp.arrays(np.uint8, shapes), in_unit, in_unit.map(lambda x: x.astype(x.dtype.newbyteorder()))
)


@settings(max_examples=100, deadline=None)
@given(pictures, st.data(), st.booleans(), st.booleans())
def test_npz_round_trip(pixels, draw, column, compressed):
    integers = st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes())
    labels = draw.draw(hnp.arrays(integers, len(pixels), elements=st.integers(0, 100)))
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(
        stream, x_train=pixels, y_train=labels[:, None] if column else labels, x_test=pixels[:1]
    )
    train, test = (
        data.from_npz(io.BytesIO(stream.getvalue()), name, name="own") for name in ("train", "test")
    )
    divisor = 255 if pixels.dtype == np.uint8 else 1
    flat = pixels.reshape(len(pixels), -1).astype(float) / divisor
    np.testing.assert_allclose(train.pixels.numpy(), flat, rtol=1e-6, atol=1e-45)
    assert train.pixels.dtype == torch.float32 and train.name == "own" and train.classes is None
    assert train.labels.tolist() == labels.tolist() and train.labels.dtype == torch.int64
    assert test.labels is None and torch.equal(test.pixels, train.pixels[:1])
    if pixels.ndim == 2:
        assert train.shape is None
    else:
        assert train.shape == pixels.shape[1:3] + (pixels.shape[3] if pixels.ndim == 4 else 1,)
        reshaped = train.pixels.reshape(-1, *train.shape).numpy()
        np.testing.assert_allclose(
            reshaped, pixels.reshape(reshaped.shape).astype(float) / divisor, rtol=1e-6, atol=1e-45
        )


def test_a_path_to_a_npz_is_a_data_set(tmp_path):
    np.savez(tmp_path / "mine.npz", x_train=UINT8, x_test=UINT8[:2])
    for path in (tmp_path / "mine.npz", str(tmp_path / "mine.npz")):
        images = data.load(path, "test")
        assert images.name == "mine" and images.shape == (4, 3, 1) and len(images) == 2


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("something pickled was loaded",)


def npz_with_header(**header) -> io.BytesIO:
    stream, member = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, **header})
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x_train.npy", member.getvalue())
    stream.seek(0)
    return stream


X = np.zeros((2, 3))  # rows
P = np.zeros((2, 3, 1))  # pictures


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.BytesIO(b""), "is not a .npz file .*: write one with numpy.savez"),
        (io.BytesIO(pickle.dumps(Bomb())), "is not a .npz file"),
        (
            npz(x_train=np.array([Bomb()])),
            "x_train in .* cannot be read .*plain array of numbers, not pickled",
        ),
        (npz(x_train=X, y_train=np.array([Bomb(), 1])), "y_train in .* cannot be read"),
        (
            npz_with_header(shape=(2**40, 28, 28)),
            "may take at most 1,073.74 MB in float32 .* would take 3.448e",
        ),
        (npz_with_header(shape=(9, 28, 28)), "x_train in .* cannot be read"),
        (
            npz(x_test=X, more=X),
            "has no x_train: it must contain x_train and x_test, but contains more, x_test",
        ),
        (npz(x_train=np.float32(1)), r"x_train in .* must be \(n, h, w\), .* got \(\)"),
        (
            npz(x_train=np.zeros((2, 3, 32, 32))),
            r"must be .*\(n, h, w, 3\) or \(n, d_x\), got \(2, 3, 32, 32\)",
        ),
        (npz(x_train=np.zeros((0, 28, 28))), r"x_train in .* must not be empty, got \(0, 28, 28\)"),
        (npz(x_train=X + np.nan), "must be finite, got 6 NaN or infinite values"),
        (
            npz(x_train=P - 0.5),
            r"must lie in \[0, 1\], got \[-0.5, -0.5\]: scale it, or store uint8",
        ),
        (npz(x_train=P.astype(int)), r"must be uint8 or floats in \[0, 1\], got int64: convert it"),
        (npz(x_train=X.astype(complex)), "got complex128"),
        (
            npz(x_train=X, y_train=[0, 1, 2]),
            r"y_train in .* one label per picture, \(2,\) or \(2, 1\), got \(3,\)",
        ),
        (
            npz(x_train=X, y_train=[0.0, 1.0]),
            "must be integers, got float64: number the classes 0, 1, 2, …",
        ),
        (npz(x_train=X, y_train=[-1, 0]), "must number the classes 0, 1, 2, …, got -1 to 0"),
        (npz(x_train=X, y_train=np.array([0, 2**63], np.uint64)), "must number the classes"),
    ],
)
def test_bad_files_are_refused_with_the_reason(file, message):
    file.seek(0)
    with pytest.raises(ValueError, match=message) as refusal:
        data.from_npz(file)
    assert "the uploaded file" in str(refusal.value)
    assert not file.closed


def test_a_missing_file_a_wrong_split_and_too_much(tmp_path):
    with pytest.raises(
        ValueError, match=r"absent\.npz does not exist: give the path of a \.npz file"
    ):
        data.load(tmp_path / "absent.npz")
    with pytest.raises(ValueError, match="split must be"):
        data.from_npz(npz(x_train=X), "all")


def test_a_limit_holds_for_both_splits_together_as_they_are_kept(monkeypatch):
    pixels = np.zeros((10, 5, 5), np.uint8)  # 1000 bytes in float32
    arrays = {"x_train": pixels, "x_test": pixels, "y_train": np.zeros(10, int)}
    assert len(data.from_npz(npz(**arrays), "test", max_bytes=2080)) == 10
    monkeypatch.setattr("sc2viz.files.arrays.read", lambda *_: pytest.fail("read"))
    message = "mine may take at most 0.002079 MB .* both splits together, but would take 0.00208 MB: keep fewer rows"
    with pytest.raises(ValueError, match=message):
        data.from_npz(npz(**arrays), name="mine", max_bytes=2079)
    with pytest.raises(ValueError, match="together, but would take"):
        data.from_npz(npz_with_header(shape=(2**40, 28, 28)), max_bytes=2080)


def test_two_rows_of_two_numbers_are_enough_to_learn_from():
    train, test = data.both_splits(npz(x_train=X[:, :2], x_test=X[:1, :2]))
    assert (len(train), len(test)) == (2, 1)
    for arrays in ({"x_train": X[:1], "x_test": X}, {"x_train": X[:, :1], "x_test": X[:, :1]}):
        with pytest.raises(ValueError, match="must have at least 2"):
            data.both_splits(npz(**arrays))


def test_a_zip_of_a_version_to_come_is_refused():
    content = bytearray(npz(x_train=X).getvalue())
    content[content.index(b"PK\1\2") + 6] = 99
    with pytest.raises(ValueError, match="is not a .npz file .*version 9.9"):
        data.from_npz(io.BytesIO(content))
