"""Archives that would take far more memory or time than their size: every reader refuses them before."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy

from sc2viz import data
from sc2viz.cli import dictionaries as command
from sc2viz.files import arrays, dictionaries
from sc2viz.files.rows import open_rows, rows_of
from sc2viz.ui.own import dictionary as own

D_X = 784
BYTES = 4_000_000  # at most, of the work of refusing one
READERS = {
    "rows of a path": lambda path: open_rows(path),
    "rows of an upload": lambda path: rows_of(path.read_bytes(), path.name),
    "data of a path": lambda path: data.from_npz(path),
    "data of an upload": lambda path: data.both_splits(
        io.BytesIO(path.read_bytes()), path.name, 10**8
    ),
    "a dictionary": lambda path: dictionaries.dictionary(path.read_bytes(), D_X, path.name),
    "a dictionary of patches": lambda path: dictionaries.patch_dictionary(
        path.read_bytes(), path.name
    ),
    "--dictionary": lambda path: command.read(str(path), D_X),
}


def refused(work, message):
    """What `work` says in refusing, within BYTES."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message):
            work()
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def listing(count, entries, size):
    """A zip of `count` members whose last record claims `entries` and `size`, and whose zip64 record knows better."""
    entry = struct.Struct("<4s4B4H3L5H2L")
    fields = b"PK\x01\x02", 20, 3, 20, *[0] * 8, 6, *[0] * 6  # the name has six bytes
    directory = b"".join(entry.pack(*fields) + b"%06d" % k for k in range(count))
    content = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), 0
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(directory), 1)
    return (
        directory
        + content
        + locator
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, size, 0, 0)
    )


def bomb(path, shape, dtype, key="B"):
    """Write a .npz of one array of zeros, compressed to a thousandth."""
    head = io.BytesIO()
    npy.write_array_header_1_0(
        head, {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    )
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(f"{key}.npy", "w") as out,
    ):
        out.write(head.getvalue())
        remaining = int(np.prod(shape)) * np.dtype(dtype).itemsize
        while remaining:
            remaining -= out.write(bytes(min(remaining, 1 << 22)))


MEMBERS = {2_500: "at most 100 arrays, got 2,500", 20_000: "list of arrays may have at most 128 kB"}


@pytest.fixture(scope="module", params=MEMBERS)
def hidden(request, tmp_path_factory):
    """A .npz that hides so many members, and how it is refused."""
    path = tmp_path_factory.mktemp("hidden") / "x.npz"
    path.write_bytes(listing(request.param, entries=1, size=52))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == request.param  # zipfile obeys the record that hides them
    return path, MEMBERS[request.param]


@pytest.mark.parametrize("reader", READERS)
def test_members_that_zip64_hides_are_seen_before_they_are_listed(hidden, reader):
    path, message = hidden
    refused(lambda: READERS[reader](path), f"x.npz .*{message}")


def test_a_dictionary_that_unpacks_to_gigabytes_is_refused_by_what_it_claims(tmp_path):
    atoms = dictionaries.MOST_NUMBERS // D_X + 1
    bomb(tmp_path / "B.npz", (D_X, atoms), np.uint8)
    assert (tmp_path / "B.npz").stat().st_size < 600_000
    refused(
        lambda: command.read(str(tmp_path / "B.npz"), D_X),
        f"at most 67,108,864 numbers, got 784 × {atoms:,}",
    )
    content = (tmp_path / "B.npz").read_bytes()
    message = f"at most 2,048 atoms, got {atoms:,}"
    refused(
        lambda: dictionaries.dictionary(content, D_X, "B.npz", own.MAX_ATOMS, own.MAX_NUMBERS),
        message,
    )
    refused(lambda: own._read_content(content, None, "B.npz"), message)
    refused(lambda: dictionaries.dictionary(content, 100, "B.npz"), r"must be \(100, d_s\)")


@pytest.mark.parametrize(
    "shape, dtype, message",
    [
        ((D_X, 50_000), "<U1", "must hold numbers"),
        ((40_000_000,), "u1", "must hold a matrix"),
        ((2, D_X, 25_000), "u1", "must hold a matrix"),
        ((20_000, 2_000), "u1", r"must be \(784, d_s\)"),
    ],
)
def test_what_is_no_dictionary_is_refused_before_it_is_unpacked(tmp_path, shape, dtype, message):
    bomb(tmp_path / "B.npz", shape, dtype)
    refused(
        lambda: dictionaries.dictionary((tmp_path / "B.npz").read_bytes(), D_X, "B.npz"), message
    )


def test_rows_that_unpack_to_more_than_a_hundred_times_their_file_are_refused(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(arrays, "ROOM", 1 << 24)
    bomb(tmp_path / "x.npz", (30_000, 28, 28), np.uint8, "x_train")
    refused(
        lambda: data.from_npz(tmp_path / "x.npz"),
        "x.npz may take at most 16.7772 MB in float32 .* would take 94.08 MB",
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_piece_by_piece_is_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "x.npz", "w", method) as archive:
        archive.writestr("B.npy", b"")
    for reader in READERS.values():
        with pytest.raises(
            ValueError, match="B.npy is compressed in a way that NumPy does not write"
        ):
            reader(tmp_path / "x.npz")
