"""Encoding files: the codes are the solver's, whatever the file, and memory stays that of a batch."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import torch
from saving import saved

from sc2viz import lasso, solvers
from sc2viz.__main__ import main
from sc2viz.cli import encoding
from sc2viz.files.rows import open_rows

ROOT = Path(__file__).resolve().parents[2]
LAM = 0.3


def atoms(d_x=12, d_s=20):
    return lasso.normalised(torch.randn(d_x, d_s, generator=torch.Generator().manual_seed(0)))


def pixels(n=50, shape=(12,), dtype=np.uint8):
    values = np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)
    return values if dtype == np.uint8 else (values / 255).astype(dtype)


@pytest.fixture
def x(tmp_path, monkeypatch):
    """The file of fifty rows, in the working directory."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", pixels())
    return Path("x.npy")


def encode(path, solver, out, lam=LAM, **options):
    return encoding.encode(open_rows(path), solver, lam, Path(out), **options)


def coded(path, solver, out, **options):
    list(encode(path, solver, out, **options))
    return loaded(out)


def loaded(out):
    return scipy.sparse.load_npz(out).toarray() if str(out).endswith(".npz") else np.load(out)


def files():
    return sorted(path.name for path in Path().iterdir())


def write(path, values, kind):
    if kind.startswith(".npy"):
        np.save(path, np.asfortranarray(values) if "columns" in kind else values)
        return path
    path = path.with_suffix(".npz")
    (np.savez_compressed if "deflated" in kind else np.savez)(path, x=values)
    return path


KINDS = (".npy", ".npy, by columns", ".npz, stored", ".npz, deflated")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.uint8, "<f4", ">f4", "<f8", np.float16])
@pytest.mark.parametrize("out", ["codes.npz", "codes.npy"])
def test_codes_are_those_of_the_solver(tmp_path, monkeypatch, kind, dtype, out):
    monkeypatch.chdir(tmp_path)
    solver, values = solvers.build("fista", atoms(), 5), pixels(dtype=dtype)
    path = write(Path("x.npy"), values, kind)
    assert list(encode(path, solver, out, batch_size=16)) == [16, 32, 48, 50]
    rows = values.astype(np.float32) / (255 if dtype == np.uint8 else 1)
    expected = solver(torch.from_numpy(rows), LAM).detach().numpy()
    np.testing.assert_allclose(loaded(out), expected, atol=2e-6)
    assert loaded(out).dtype == np.float32 and files() == sorted([path.name, out])


def test_a_name_that_the_screen_cannot_write_is_written_as_it_can(tmp_path, monkeypatch):
    rows, out = tmp_path / "x.npy", tmp_path / "Größe-λ.npy"
    np.save(rows, np.zeros((3, 64), np.float32))
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    main(f"encode --data {rows} --dictionary digits --solver ista --out {out}".split())
    assert screen.buffer.getvalue().strip() == str(out).encode("ascii", "backslashreplace")
    assert out.exists()


def test_sparse_codes_are_canonical_csr_without_stored_zeros(x):
    np.save(x, np.concatenate((np.zeros((3, 12), np.uint8), pixels())))
    coded(x, atoms(), "codes.npz")
    codes = scipy.sparse.load_npz("codes.npz")
    assert codes.format == "csr" and codes.shape == (53, 20) and codes.dtype == np.float32
    assert codes.has_canonical_format and (codes.data != 0).all() and codes.indptr[3] == 0
    scipy.sparse.save_npz("scipy.npz", codes, compressed=False)
    with np.load("scipy.npz") as theirs, np.load("codes.npz") as ours:
        assert sorted(theirs.files) == sorted(ours.files)
        for key in ours.files:
            np.testing.assert_array_equal(theirs[key], ours[key], strict=True)


def stop_after(batches, *arguments, **options):
    steps = encode(*arguments, batch_size=10, **options)
    done = [next(steps) for _ in range(batches)]
    steps.close()  # what is left of a killed process: no line of its cleaning up runs
    return done[-1]


@pytest.mark.parametrize("out", ["codes.npz", "codes.npy"])
def test_a_stopped_run_is_continued(x, out):
    assert stop_after(2, x, atoms(), out) == 20
    folder = Path(f".{out}.parts")
    name = encoding._batch(folder, 20).name
    (folder / f".{name}.01234567.part").write_bytes(b"half of a batch")
    assert list(encode(x, atoms(), out, batch_size=10)) == [20, 30, 40, 50]
    assert not folder.exists()
    uninterrupted = coded(x, atoms(), f"whole-{out}", batch_size=10)
    np.testing.assert_array_equal(loaded(out), uninterrupted)
    stop_after(2, x, atoms(), out)  # another run does not continue it
    assert next(iter(encode(x, atoms() * 0.9, out, batch_size=10))) == 10


def test_a_second_run_on_the_same_output_is_refused_and_disturbs_nothing(x):
    """Two runs of other atoms on one output both ended well, with codes of neither."""
    first = encode(x, atoms(), "codes.npz", batch_size=10)
    assert next(first) == 10
    Path("also.npz").symlink_to("codes.npz")
    for dictionary, out in (
        (atoms() * 0.9, "codes.npz"),
        (atoms(), "codes.npz"),
        (atoms(), "also.npz"),
    ):
        with pytest.raises(ValueError, match=f"{out} is being written by another run: wait until"):
            coded(x, dictionary, out)
    assert list(first) == [20, 30, 40, 50]
    expected = coded(x, atoms(), "whole.npz", batch_size=10)
    np.testing.assert_array_equal(loaded("codes.npz"), expected)
    # The lock went with the first run
    assert np.abs(coded(x, atoms() * 0.9, "codes.npz", batch_size=10) - expected).max() > 1e-3
    assert files() == ["also.npz", "codes.npz", "whole.npz", "x.npy"]


def test_more_values_than_int32_counts_make_wider_indices(x, monkeypatch):
    narrow, real = coded(x, atoms(), "narrow.npz"), np.iinfo
    small = type("", (), {"max": 10})
    with monkeypatch.context() as patch:
        patch.setattr(np, "iinfo", lambda dtype: small if dtype is np.int32 else real(dtype))
        list(encode(x, atoms(), "wide.npz"))
    np.testing.assert_array_equal(loaded("wide.npz"), narrow)
    with np.load("wide.npz") as members:
        assert members["indices"].dtype == members["indptr"].dtype == np.int64


# Refused --------------------------------------------------------------------------------------------------------------


NO_ROWS = np.zeros((0, 12)), np.zeros(12), np.zeros((2, 1, 2, 3, 1))
NO_NUMBERS = np.zeros((3, 12), np.int64), np.array([["a"] * 12]), np.zeros((3, 12), [("a", "u1")])


@pytest.mark.parametrize("kind", [".npy", ".npz"])
def test_arrays_of_another_kind_are_refused(tmp_path, kind):
    shapes, types = r"must contain rows \(n, d_x\)", "uint8 or floats in .*: convert it"
    for arrays, message in ((NO_ROWS, shapes), (NO_NUMBERS, types)):
        for values in arrays:
            with pytest.raises(ValueError, match=message):
                open_rows(write(tmp_path / "x.npy", values, kind))


@pytest.mark.parametrize("bad", [-0.1, 1.5, np.nan, np.inf])
@pytest.mark.parametrize("kind", KINDS)
def test_values_outside_are_refused_with_their_row(tmp_path, monkeypatch, bad, kind):
    monkeypatch.chdir(tmp_path)
    values = pixels(dtype=np.float32)
    values[33, 4] = bad
    # rows that are no pictures may lie outside [0, 1]
    path = write(Path("x.npy"), values.reshape(50, 3, -1), kind)
    Path("codes.npz").write_bytes(b"old")
    message = r"must be finite and lie in \[0, 1\], got .* in row 33: scale it"
    with pytest.raises(ValueError, match=message):
        coded(path, atoms(), "codes.npz", batch_size=8)
    assert Path("codes.npz").read_bytes() == b"old"  # and nothing half done is left
    assert files() == sorted([path.name, "codes.npz"])


@pytest.mark.parametrize(
    ("solver", "out", "options", "message"),
    [
        (atoms(13), "c.npz", {}, "has 12 values per row but the atoms have 13"),
        (solvers.build("ista", atoms(13)), "c.npz", {}, "has 12 values per row"),
        (atoms(), "c.npz", {"lam": -1}, "lam must be > 0, got -1"),
        (atoms(), "c.csv", {}, r"out must end in .npz \(sparse codes\) or .npy \(dense\), got c.c"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(x, solver, out, options, message):
    with pytest.raises(ValueError, match=message):
        encode(x, solver, out, **options)
    assert files() == ["x.npy"]


def test_members_of_an_npz_are_chosen_by_key(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, x_train=pixels(3), x_test=pixels(2))
    assert len(open_rows(path, "x_train")) == 3 and len(open_rows(path, "x_test")) == 2
    choice = "contains the arrays x_test, x_train: choose one of them with key (on the command line"
    for key, end in ((None, "--key)"), ("x", "--key), got x")):
        with pytest.raises(ValueError, match=re.escape(f"{choice} {end}") + "$"):
            open_rows(path, key)


WHOLE = saved(np.save, pixels())
LONGER = WHOLE.replace(b"(50, 12)", b"(99, 12)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        *((start, "numpy.save") for start in (b"", b"PK", b"PK\3\4" + bytes(100), b"\x93NUMPY")),
        *((rows, "should have .* numbers but has") for rows in (WHOLE[:-1], WHOLE + b"\0", LONGER)),
        (
            saved(np.savez, x=np.asfortranarray(pixels())),
            "by columns and cannot be read in batches",
        ),
    ],
)
def test_files_that_are_no_rows_or_break_off_are_refused(tmp_path, content, message):
    path = tmp_path / "x"
    with pytest.raises(ValueError, match="does not exist: give the path of a .npy or .npz file"):
        open_rows(path)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        open_rows(path)


@pytest.mark.parametrize("kind", KINDS[2:])
def test_a_damaged_member_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = write(Path("x.npy"), pixels(2000), kind)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged after row .*: write it again"):
        coded(path, atoms(), "codes.npz", batch_size=100)
    assert files() == ["x.npz"]


# Memory ---------------------------------------------------------------------------------------------------------------

MEASURE = """
import json, sys
import torch
from sc2viz import lasso, solvers
from sc2viz.cli import encoding
from sc2viz.files.rows import open_rows

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
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads its peak from /proc")
def test_memory_does_not_grow_with_the_rows(tmp_path):
    # 31 MB, and its codes as many
    values = np.random.default_rng(0).random((120_000, 64), dtype=np.float32)
    files = [write(tmp_path / "small.npy", values[:3000], ".npy")]
    files += [write(tmp_path / f"{i}.npy", values, kind) for i, kind in enumerate(KINDS)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MEASURE, *map(str, files)]
    grown = json.loads(subprocess.check_output(command, text=True, env=environment))
    assert len(grown) == 9 and max(grown.values()) < 15, grown
    sizes = [path.stat().st_size for path in tmp_path.glob("[0-9]*.codes.*")]
    assert min(sizes) > 0.9 * values.nbytes
