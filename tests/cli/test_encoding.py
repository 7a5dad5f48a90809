"""Encoding files: the codes are the solver's, whatever the file, and memory stays that of a batch."""

import io
import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from saving import saved

from sc2viz import lasso, solvers
from sc2viz.__main__ import main
from sc2viz.cli import encoding
from sc2viz.files.rows import open_rows
from sc2viz.training import Processes

ROOT = Path(__file__).resolve().parents[2]
LAM = 0.3


def atoms(d_x=12, d_s=20):
    return lasso.normalised(torch.randn(d_x, d_s, generator=torch.Generator().manual_seed(0)))


def pixels(n=50, shape=(12,), dtype=np.uint8):
    values = np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)
    return values if dtype == np.uint8 else (values / 255).astype(dtype)


def coded(path, by, out, key=None, **options):
    progress = list(encoding.encode(open_rows(path, key), by, LAM, out, **options))
    return progress, loaded(out)


def loaded(out):
    return (
        scipy.sparse.load_npz(out).toarray()
        if out.suffix == ".npz"
        else np.load(out, allow_pickle=False)
    )


def write(path, values, kind):
    if kind == ".npy":
        np.save(path, values)
    elif kind == ".npy, by columns":
        np.save(path, np.asfortranarray(values))
    else:
        (np.savez_compressed if kind == ".npz, deflated" else np.savez)(
            path.with_suffix(".npz"), x=values
        )
        return path.with_suffix(".npz")
    return path


KINDS = (".npy", ".npy, by columns", ".npz, stored", ".npz, deflated")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.uint8, "<f4", ">f4", "<f8", np.float16])
@pytest.mark.parametrize("ending", [".npz", ".npy"])
def test_codes_are_those_of_the_solver(tmp_path, kind, dtype, ending):
    solver = solvers.build("fista", atoms(), 5)
    values = pixels(dtype=dtype)
    path = write(tmp_path / "x.npy", values, kind)
    progress, codes = coded(path, solver, tmp_path / f"codes{ending}", batch_size=16)
    x = values.astype(np.float32) / (255 if dtype == np.uint8 else 1)
    expected = solver(torch.from_numpy(x), LAM).detach().numpy()
    np.testing.assert_allclose(codes, expected, atol=2e-6)
    assert codes.dtype == np.float32 and progress == [16, 32, 48, 50]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(
        (path.name, f"codes{ending}")
    )


def test_a_name_that_the_screen_cannot_write_is_written_as_it_can(tmp_path, monkeypatch):
    given, out = tmp_path / "x.npy", tmp_path / "Größe-λ.npy"
    np.save(given, np.zeros((3, 64), np.float32))
    monkeypatch.setattr(
        sys,
        "stdout",
        screen := io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True),
    )
    main(
        [
            "encode",
            "--data",
            str(given),
            "--dictionary",
            "digits",
            "--solver",
            "ista",
            "--out",
            str(out),
        ]
    )
    assert (
        screen.buffer.getvalue().strip() == str(out).encode("ascii", "backslashreplace")
        and out.exists()
    )


@pytest.mark.parametrize("shape", [(12,), (3, 4), (2, 2, 3)])
def test_pictures_are_flattened_as_numpy_does(tmp_path, shape):
    for kind in KINDS:
        path = write(tmp_path / "x.npy", pixels(shape=shape), kind)
        rows = torch.cat(list(open_rows(path).batches(7, 31, 10)))
        np.testing.assert_allclose(rows, pixels(shape=shape).reshape(50, 12)[7:31] / 255, rtol=1e-6)


def test_a_dictionary_gives_exact_codes(tmp_path):
    np.save(tmp_path / "x.npy", pixels())
    codes = torch.from_numpy(
        coded(tmp_path / "x.npy", atoms(), tmp_path / "codes.npy", tol=1e-3)[1]
    )
    x = torch.from_numpy(pixels() / 255)
    B = atoms().double()
    gap = lasso.duality_gap(x, codes.double(), B, LAM) / lasso.objective(x, codes.double(), B, LAM)
    assert gap.max() <= 1.1e-3


def test_sparse_codes_are_canonical_csr_without_stored_zeros(tmp_path):
    np.save(tmp_path / "x.npy", np.concatenate((np.zeros((3, 12), np.uint8), pixels())))
    encode = encoding.encode(open_rows(tmp_path / "x.npy"), atoms(), LAM, tmp_path / "codes.npz")
    list(encode)
    found = scipy.sparse.load_npz(tmp_path / "codes.npz")
    assert found.format == "csr" and found.shape == (53, 20) and found.dtype == np.float32
    assert found.has_canonical_format and (found.data != 0).all() and found.indptr[3] == 0
    assert 0 < found.nnz < 53 * 20
    stream = io.BytesIO()
    scipy.sparse.save_npz(stream, found, compressed=False)  # scipy's own file has the same members
    stream.seek(0)
    theirs, ours = (
        np.load(stream, allow_pickle=False),
        np.load(tmp_path / "codes.npz", allow_pickle=False),
    )
    assert sorted(theirs.files) == sorted(ours.files)
    assert all(
        np.array_equal(theirs[key], ours[key]) and theirs[key].dtype == ours[key].dtype
        for key in ours.files
    )


@settings(max_examples=40)
@given(n=st.integers(1, 30), size=st.integers(1, 30), sparse=st.booleans())
def test_batches_are_put_together_in_order(tmp_path_factory, n, size, sparse):
    """Whichever process wrote which, they make the whole."""
    folder, rng = tmp_path_factory.mktemp("parts"), np.random.default_rng(n)
    codes = rng.standard_normal((n, 5)).astype(np.float32) * (rng.random((n, 5)) < 0.4)
    for first in range(0, n, size):
        part = codes[first : first + size]
        kept = part != 0
        np.savez(
            encoding._batch(folder, first),
            values=part[kept] if sparse else part,
            columns=kept.nonzero()[1].astype(np.int32),
            counts=kept.sum(1, dtype=np.int32),
        )
    (encoding._merge_sparse if sparse else encoding._merge_dense)(folder, codes.shape)
    whole = (folder / "whole").rename(folder / f"codes.np{'z' if sparse else 'y'}")
    np.testing.assert_array_equal(loaded(whole), codes)


def stop_after(batches, rows, by, out, **options):
    encode = encoding.encode(rows, by, LAM, out, batch_size=10, **options)
    done = [next(encode) for _ in range(batches)]
    encode.close()  # what is left of a killed process: no line of its cleaning up runs
    return done[-1]


@pytest.mark.parametrize("ending", [".npz", ".npy"])
def test_a_stopped_run_is_continued(tmp_path, ending):
    np.save(tmp_path / "x.npy", pixels())
    rows, by, out = open_rows(tmp_path / "x.npy"), atoms(), tmp_path / f"codes{ending}"
    assert stop_after(2, rows, by, out) == 20
    folder = tmp_path / f".codes{ending}.parts"
    (folder / f".{encoding._batch(folder, 20).name}.01234567.part").write_bytes(b"half of a batch")
    done = list(encoding.encode(rows, by, LAM, out, batch_size=10))
    assert done[0] == 20 and done[-1] == len(rows) and not folder.exists()
    np.testing.assert_array_equal(
        loaded(out), coded(tmp_path / "x.npy", by, tmp_path / f"whole{ending}", batch_size=10)[1]
    )
    stop_after(2, rows, by, out)
    other = atoms() * 0.9  # another run does not continue it
    assert next(iter(encoding.encode(rows, other, LAM, out, batch_size=10))) == 10


def test_each_of_two_processes_continues_its_part(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", pixels())
    rows, by, out = open_rows(tmp_path / "x.npy"), atoms(), tmp_path / "codes.npy"
    first, second = (Processes(rank, 2) for rank in range(2))
    monkeypatch.setattr(encoding.distributed, "barrier", lambda: None)
    stop_after(1, rows, by, out, processes=first)
    assert stop_after(2, rows, by, out, processes=second) == 20
    mark = np.full(20, 7, np.float32)
    batch = encoding._batch(tmp_path / ".codes.npy.parts", 25)
    values = np.load(batch)["values"]
    np.savez(batch, values=np.vstack((mark, values[1:])))  # shows that this row is not coded again
    monkeypatch.setattr(encoding.distributed, "barrier", threading.Barrier(2, timeout=60).wait)
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(list, encoding.encode(rows, by, LAM, out, batch_size=10, processes=each))
            for each in (first, second)
        ]
        assert [one.result()[0] for one in both] == [10, 20]
    expected = coded(tmp_path / "x.npy", by, tmp_path / "whole.npy", batch_size=10)[1]
    expected[25] = mark
    np.testing.assert_array_equal(loaded(out), expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["codes.npy", "whole.npy", "x.npy"]


def test_a_second_run_on_the_same_output_is_refused_and_disturbs_nothing(tmp_path):
    """The issue's case: two runs of other atoms on one output, of which both ended well, with codes of neither."""
    np.save(tmp_path / "x.npy", pixels())
    rows, out = open_rows(tmp_path / "x.npy"), tmp_path / "codes.npz"
    first = encoding.encode(rows, atoms(), LAM, out, batch_size=10)
    assert next(first) == 10
    (tmp_path / "also.npz").symlink_to(out)
    for by, other in ((atoms() * 0.9, out), (atoms(), out), (atoms() * 0.9, tmp_path / "also.npz")):
        with pytest.raises(
            ValueError,
            match=f"{other.name} is being written by another run: wait until that has ended",
        ):
            list(encoding.encode(rows, by, LAM, other, batch_size=10))
    assert list(first) == [20, 30, 40, 50]
    whole = coded(tmp_path / "x.npy", atoms(), tmp_path / "whole.npz", batch_size=10)[1]
    np.testing.assert_array_equal(loaded(out), whole)
    list(
        encoding.encode(rows, atoms() * 0.9, LAM, out, batch_size=10)
    )  # the lock went with the first run
    assert np.abs(loaded(out) - whole).max() > 1e-3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "also.npz",
        "codes.npz",
        "whole.npz",
        "x.npy",
    ]


@pytest.mark.release
@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_of_two_processes_on_one_output_one_is_refused_and_a_killed_one_gives_its_lock_back(
    tmp_path,
):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((24_000, 12), np.float32))
    out, runs = tmp_path / "codes.npz", []
    for number, scale in enumerate((1, 0.9)):
        np.save(tmp_path / f"{number}.npy", atoms().numpy() * scale)
        words = [
            "-m",
            "sc2viz",
            "encode",
            "--data",
            tmp_path / "x.npy",
            "--lam",
            str(LAM),
            "--dictionary",
            tmp_path / f"{number}.npy",
            "--out",
        ]
        runs.append([sys.executable, *map(str, words)])
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    options = {
        "stderr": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "text": True,
        "env": environment,
        "cwd": ROOT,
    }

    both = [subprocess.Popen([*words, str(out)], **options) for words in runs]
    said = [run.communicate(timeout=240)[1] for run in both]
    ended = [number for number, run in enumerate(both) if run.returncode == 0]
    assert ended and all(
        "is being written by another run" in said[k] for k in (0, 1) if k not in ended
    ), said
    expected = [
        coded(tmp_path / "x.npy", atoms() * scale, tmp_path / f"{scale}.npz")[1]
        for scale in (1, 0.9)
    ]
    assert min(np.abs(loaded(out) - expected[number]).max() for number in ended) < 1e-5

    killed = subprocess.Popen([*runs[0], str(tmp_path / "again.npz")], **options)
    parts, deadline = tmp_path / ".again.npz.parts", time.monotonic() + 120
    while not (coded_so_far := [*parts.glob("*.npz")]):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    killed.kill()
    killed.communicate()
    assert killed.returncode and len(coded_so_far) * encoding.BATCH_ROWS < 24_000
    main([*runs[0][3:], str(tmp_path / "again.npz")])
    np.testing.assert_allclose(loaded(tmp_path / "again.npz"), expected[0], atol=1e-5)
    assert not parts.exists()


# With 5 rows at a time the parts are small, and the whole does not fit; with 200 a part does not.
FULL = """import sys
from sc2viz.cli import commands, encoding
for encoding.BATCH_ROWS in (5, 200):
    try:
        commands.main(sys.argv[1:])
    except SystemExit as error:
        print(error)"""


def test_a_full_disk_is_told_in_one_sentence_and_nothing_is_left(tmp_path, on_a_full_disk):
    np.save(tmp_path / "x.npy", pixels(200, (64,)))
    words = ["encode", "--data", tmp_path / "x.npy", "--dictionary", "digits", "--solver", "ista"]
    said = on_a_full_disk(FULL, *map(str, words), "--out", str(tmp_path / "codes.npz"))
    told = f"error: there is no room for {tmp_path / 'codes.npz'} (File too large), and what"
    assert said.count(told) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


def test_more_values_than_int32_counts_make_wider_indices(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", pixels())
    narrow = coded(tmp_path / "x.npy", atoms(), tmp_path / "narrow.npz")[1]
    real = np.iinfo
    monkeypatch.setattr(
        np, "iinfo", lambda dtype: type("", (), {"max": 10}) if dtype is np.int32 else real(dtype)
    )
    list(encoding.encode(open_rows(tmp_path / "x.npy"), atoms(), LAM, tmp_path / "wide.npz"))
    monkeypatch.undo()
    with np.load(tmp_path / "wide.npz") as members:
        assert members["indices"].dtype == members["indptr"].dtype == np.int64
    np.testing.assert_array_equal(loaded(tmp_path / "wide.npz"), narrow)


# Refused --------------------------------------------------------------------------------------------------------------


def npz(path, compressed=False, **arrays):
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


@pytest.mark.parametrize(
    "values, message",
    [
        (np.zeros((0, 12)), r"must contain rows \(n, d_x\)"),
        (np.zeros(12), r"must contain rows \(n, d_x\)"),
        (np.zeros((2, 1, 2, 3, 1)), r"must contain rows \(n, d_x\)"),
        (np.zeros((3, 12), np.int64), "uint8 or floats in .* got int64: convert it"),
        (np.zeros((3, 12), complex), "got complex128"),
        (np.zeros((3, 12), bool), "got bool"),
        (np.array([["a"] * 12]), "convert it"),
        (np.zeros((3, 12), [("a", "u1")]), "convert it"),
    ],
)
def test_arrays_of_another_kind_are_refused(tmp_path, values, message):
    np.save(tmp_path / "x.npy", values)
    for path in (tmp_path / "x.npy", npz(tmp_path / "x.npz", x=values)):
        with pytest.raises(ValueError, match=message):
            open_rows(path)


@pytest.mark.parametrize("bad", [-0.1, 1.5, np.nan, np.inf])
@pytest.mark.parametrize("kind", KINDS)
def test_values_outside_are_refused_with_their_row(tmp_path, bad, kind):
    values = pixels(dtype=np.float32)
    values[33, 4] = bad
    values = values.reshape(len(values), 3, -1)  # rows that are no pictures may lie outside [0, 1]
    path, out = write(tmp_path / "x.npy", values, kind), tmp_path / "codes.npz"
    out.write_bytes(b"old")
    with pytest.raises(
        ValueError, match=r"must be finite and lie in \[0, 1\], got .* in row 33: scale it"
    ):
        coded(path, atoms(), out, batch_size=8)
    assert out.read_bytes() == b"old"  # and nothing half done is left
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted((path.name, "codes.npz"))


def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path):
    np.save(tmp_path / "x.npy", pixels())
    rows = open_rows(tmp_path / "x.npy")
    for by, lam, out, options, message in (
        (atoms(13), LAM, "codes.npz", {}, "has 12 values per row but the atoms have 13"),
        (solvers.build("ista", atoms(13)), LAM, "codes.npz", {}, "has 12 values per row"),
        (atoms(), -1, "codes.npz", {}, "lam must be > 0, got -1"),
        (
            atoms(),
            LAM,
            "codes.csv",
            {},
            r"out must end in .npz \(sparse codes\) or .npy \(dense\), got codes.csv",
        ),
        (atoms(), LAM, "codes.npz", {"batch_size": 0}, "batch_size must be ≥ 1, got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            encoding.encode(rows, by, lam, tmp_path / out, **options)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.npy"]


def test_members_of_an_npz_are_chosen_by_key(tmp_path):
    path = npz(tmp_path / "x.npz", x_train=pixels(3), x_test=pixels(2))
    assert len(open_rows(path, "x_train")) == 3 and len(open_rows(path, "x_test")) == 2
    for key, got in ((None, ""), ("x", ", got x")):
        said = (
            "contains the arrays x_test, x_train: choose one of them with key (on the command line --key)"
            + got
        )
        with pytest.raises(ValueError, match=f"{re.escape(said)}$"):
            open_rows(path, key)


def test_files_that_are_not_arrays_are_refused(tmp_path):
    path = tmp_path / "x.npy"
    with pytest.raises(ValueError, match="does not exist: give the path of a .npy or .npz file"):
        open_rows(path)
    for content in (
        b"",
        b"PK",
        b"PK\3\4" + bytes(100),
        b"P5 28 28 255",
        b"\x93NUMPY",
        b"\x93NUMPY\1\0\2\0((",
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="numpy.save"):
            open_rows(path)
    np.save(path, np.array([[{}] * 12]), allow_pickle=True)
    with pytest.raises(ValueError, match="uint8 or floats"):
        open_rows(path)
    np.savez(tmp_path / "x.npz", x=np.asfortranarray(pixels()))
    with pytest.raises(
        ValueError, match="by columns and cannot be read in batches: save it as a .npy"
    ):
        open_rows(tmp_path / "x.npz")


def test_files_that_break_off_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", pixels())
    content = (tmp_path / "x.npy").read_bytes()
    for wrong in (content[:-1], content + b"\0", content.replace(b"(50, 12)", b"(99, 12)")):
        (tmp_path / "x.npy").write_bytes(wrong)
        with pytest.raises(ValueError, match="should have .* bytes of numbers but has"):
            open_rows(tmp_path / "x.npy")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_damaged_member_is_refused(tmp_path, compressed):
    path = npz(tmp_path / "x.npz", compressed, x=pixels(2000))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged after row .*: write it again"):
        coded(path, atoms(), tmp_path / "codes.npz", batch_size=100)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.npz"]


def test_a_member_that_claims_more_than_it_has_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", saved(np.save, pixels()).replace(b"(50, 12)", b"(99, 12)"))
    with pytest.raises(ValueError, match="should have 1,188 bytes of numbers but has 600"):
        open_rows(tmp_path / "x.npz")


# Memory ---------------------------------------------------------------------------------------------------------------

MEASURE = """
import json, sys
import torch
from sc2viz import lasso, solvers
from sc2viz.cli import encoding
from sc2viz.files.rows import open_rows
from sc2viz.training import Processes

def peak():  # of this process since it began, in MB; unlike ru_maxrss not inherited from the parent
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

torch.set_num_threads(1)
solver = solvers.build("ista", lasso.normalised(torch.randn(64, 64)), 1)
small, *large = sys.argv[1:]
list(encoding.encode(open_rows(small), solver.dictionary.detach(), 1.0, small + ".exact.npz", batch_size=1000))
grown = {}
for ending in (".npz", ".npy"):
    for file in (small, *large):
        if file == large[0] and ending == ".npz":
            before = peak()
        list(encoding.encode(open_rows(file), solver, 0.01, file + ".codes" + ending, batch_size=1000))
        if file != small:
            grown[f"{file} to {ending}"] = peak() - before
out = large[0] + ".exact.npz"
list(encoding.encode(open_rows(large[0]), solver.dictionary.detach(), 1.0, out, batch_size=1000))
grown["exact"] = peak() - before
print(json.dumps(grown))
"""


@pytest.mark.release
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads its peak memory from /proc"
)
def test_memory_does_not_grow_with_the_rows(tmp_path):
    values = np.random.default_rng(0).random(
        (120_000, 64), dtype=np.float32
    )  # 31 MB, and its codes as many
    files = [write(tmp_path / "small.npy", values[:3000], ".npy")]
    files += [write(tmp_path / f"{i}.npy", values, kind) for i, kind in enumerate(KINDS)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", MEASURE, *map(str, files)]
    found = json.loads(
        subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout
    )
    assert len(found) == 9 and max(found.values()) < 15, found
    assert all(
        path.stat().st_size > 0.9 * values.nbytes for path in tmp_path.glob("[0-9]*.codes.*")
    )
