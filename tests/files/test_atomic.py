"""Files are written whole or not at all, where the path leads, with the mode that a new or the old file has."""

import os
import stat
import time

import pytest

from sc2viz.files import atomic

posix = pytest.mark.skipif(os.name == "nt", reason="links, modes and FIFOs as POSIX has them")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_links_are_followed_and_modes_kept(tmp_path):
    real, link, dangling = tmp_path / "real", tmp_path / "link", tmp_path / "dangling"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "new")
    umask = os.umask(0o027)
    try:
        atomic.write_bytes(link, b"one")
        atomic.write_bytes(dangling, b"two")
    finally:
        os.umask(umask)
    assert link.is_symlink() and real.read_bytes() == b"one" and mode(real) == 0o600
    assert (
        dangling.is_symlink()
        and (tmp_path / "new").read_bytes() == b"two"
        and mode(tmp_path / "new") == 0o640
    )


@posix
def test_what_is_no_file_is_refused_and_stays(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for path, kind in (
        (tmp_path / "fifo", "no regular file"),
        (tmp_path / "folder", "a folder"),
        (os.devnull, "no regular"),
    ):
        for write in (atomic.probe, lambda path: atomic.write_bytes(path, b"x")):
            with pytest.raises(ValueError, match=kind):
                write(path)
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode) and stat.S_ISCHR(
        os.stat(os.devnull).st_mode
    )


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = atomic.write_bytes(tmp_path / "kept", b"old")
    with pytest.raises(RuntimeError), atomic.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    atomic.probe(path)
    atomic.probe(tmp_path / "never")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@posix
def test_a_folder_is_replaced_as_a_whole_and_what_else_it_has_stays(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    (real / "docs").mkdir(parents=True)
    (real / "docs" / "a").write_text("the reader's")
    (real / "page").write_text("old")
    real.chmod(0o750)
    link.symlink_to(real)
    with atomic.replacing_folder(link) as folder:
        (folder / "docs").mkdir()
        for name in ("docs/b", "page"):
            (folder / name).write_text("new")
    with pytest.raises(RuntimeError), atomic.replacing_folder(link) as folder:
        (folder / "page").write_text("half")
        raise RuntimeError
    atomic.probe(tmp_path / "never", atomic.replacing_folder)
    texts = {
        str(path.relative_to(real)): path.read_text() for path in real.rglob("*") if path.is_file()
    }
    assert texts == {"docs/a": "the reader's", "docs/b": "new", "page": "new"}
    assert link.is_symlink() and mode(real) == 0o750 and {*tmp_path.iterdir()} == {real, link}


def test_what_killed_writers_left_is_deleted_by_the_next(tmp_path):
    name = "a[1]*.npz"
    remains, recent, foreign = (
        tmp_path / f".{file_name}.{'0' * 8}{atomic.SUFFIX}"
        for file_name in (name, name[:-1], "a1x.npz")
    )
    recent = recent.with_name(f".{name}.{'1' * 8}{atomic.SUFFIX}")
    for path in (remains, recent, foreign):
        path.touch()
    old = time.time() - 2 * atomic.ABANDONED
    os.utime(remains, (old, old))
    os.utime(foreign, (old, old))
    atomic.write_bytes(tmp_path / name, b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        (recent.name, foreign.name, name)
    )


WAYS = {
    "the same path": lambda folder: folder / "x.npy",
    "relative": lambda folder: "x.npy",
    "up and down again": lambda folder: folder / "below" / ".." / "x.npy",
    "a symbolic link": lambda folder: folder / "symbolic.npy",
    "a link to a link": lambda folder: folder / "below" / "twice.npy",
    "a hard link": lambda folder: folder / "hard.npy",
    "in a folder that is a link": lambda folder: folder / "elsewhere" / "x.npy",
    "another letter case": lambda folder: folder / "X.NPY",
}


@posix
@pytest.mark.parametrize("reach", WAYS)
def test_a_file_that_is_read_is_not_replaced_by_whatever_name(tmp_path, monkeypatch, reach):
    folder = tmp_path / "files"
    (folder / "below").mkdir(parents=True)
    source = folder / "x.npy"
    source.write_bytes(b"the reader's")
    (folder / "symbolic.npy").symlink_to(source)
    (folder / "below" / "twice.npy").symlink_to(folder / "symbolic.npy")
    (folder / "hard.npy").hardlink_to(source)
    (folder / "elsewhere").symlink_to(folder)
    monkeypatch.chdir(folder)
    out = WAYS[reach](folder)
    if reach == "another letter case" and not (folder / "X.NPY").exists():
        atomic.keep([out], [source])  # a file of its own, where the file system tells them apart
        return
    with pytest.raises(ValueError, match="would be replaced: give another name"):
        atomic.keep([tmp_path / "free", out], [None, folder / "absent", source])
    atomic.keep([folder / "new.npy"], [None, folder / "absent", source])
