"""Files of unknown origin: they are read as NumPy reads them, or refused before they take memory."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from numpy.lib import format as npy

from sc2viz import data
from sc2viz.files import arrays, dictionaries
from sc2viz.files.rows import open_rows, rows_of

MAGIC = b"\x93NUMPY"


def zipped(content, name="x_train.npy"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


@given(
    stn.arrays(
        st.sampled_from(["u1", "<f4", ">f8", "<i8"]), stn.array_shapes(max_dims=4, min_side=0)
    ),
    st.booleans(),
)
def test_arrays_are_those_that_numpy_wrote(values, fortran):
    stream = io.BytesIO()
    npy.write_array(stream, np.asfortranarray(values) if fortran else values)
    stream.seek(0)
    contents = arrays.read(stream)
    assert contents.dtype == values.dtype and contents.shape == values.shape
    assert np.array_equal(contents, values, equal_nan=values.dtype.kind == "f")


@pytest.mark.parametrize("save", [np.save, np.savez])
def test_rows_in_memory_are_those_of_the_file(save):
    values, stream = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32), io.BytesIO()
    save(stream, values)
    rows = rows_of(stream.getvalue(), "mine")
    np.testing.assert_array_equal(
        np.concatenate([batch.numpy() for batch in rows.batches(0, 7, 3)]), values
    )
    with pytest.raises(ValueError, match="^mine "):
        rows_of(stream.getvalue()[:-4], "mine")


@pytest.mark.parametrize("read", ["data", "encoding", "uploads"])
def test_a_long_header_takes_no_memory(tmp_path, read):
    length = 50_000_000
    content = zipped(MAGIC + b"\x02\x00" + length.to_bytes(4, "little") + b" " * length)
    (tmp_path / "x.npz").write_bytes(content)
    work = {
        "data": lambda: data.from_npz(tmp_path / "x.npz"),
        "encoding": lambda: open_rows(tmp_path / "x.npz"),
        "uploads": lambda: dictionaries.dictionary(content),
    }[read]
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="header may have at most 10,000 bytes"):
            work()
        assert tracemalloc.get_traced_memory()[1] < length / 10
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", ["(-1, 8)", f"({10**4000}, 8, 8)", f"({2**40}, {2**40})"])
def test_shapes_that_no_file_has_are_refused(shape):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    content = MAGIC + b"\x01\x00" + len(header).to_bytes(2, "little") + header
    with pytest.raises(ValueError, match="cannot be read"):
        data.from_npz(io.BytesIO(zipped(content)), max_bytes=10**9)


def written(values) -> bytes:
    stream = io.BytesIO()
    npy.write_array(stream, values)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "expected 8 bytes"),
        (MAGIC + b"\x09\x00", r"version \(9, 0\)"),
        (written(np.array([{}])), "objects"),
        (written(np.zeros(5))[:-1], "ends before"),
    ],
)
def test_what_is_no_plain_array_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        arrays.read(io.BytesIO(content))
