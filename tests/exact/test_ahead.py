import runpy
import subprocess
import sys
import threading
import time
import warnings

import pytest
from filelock import Timeout

from sc2viz.exact import ahead

SLOW = """
import pathlib, time
while not pathlib.Path({mark!r}).exists():
    time.sleep(0.01)
"""


@pytest.fixture
def nothing_on_disk(monkeypatch, tmp_path):
    """No machine code on disk, and a folder from which the other process takes its module."""
    monkeypatch.setattr(ahead, "has_machine_code", lambda: False)
    monkeypatch.setattr(ahead, "_running", [])
    monkeypatch.setattr(ahead, "_is_wanted", threading.Event())
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_another_process_compiles_once_it_may_and_then_this_one_loads(nothing_on_disk):
    mark, loaded = nothing_on_disk / "go", threading.Event()
    (nothing_on_disk / "stand_in.py").write_text(SLOW.format(mark=str(mark)))
    mark.touch()
    thread = ahead.compile("stand_in", loaded.set, patience=60)
    thread.join(0.2)
    assert ahead.compiling() and not loaded.is_set() and not ahead._running
    mark.unlink()
    ahead.begin()
    while not ahead._running:
        time.sleep(0.01)
    assert ahead.compiling() and not loaded.is_set()
    mark.touch()
    thread.join(60)
    assert loaded.is_set() and not ahead.compiling()


@pytest.mark.parametrize("module", ["raise SystemExit(3)", "import no_such_module"])
def test_a_process_that_fails_holds_nobody_up(nothing_on_disk, module):
    (nothing_on_disk / "stand_in.py").write_text(module)
    loaded = threading.Event()
    ahead.compile("stand_in", loaded.set).join(60)
    assert loaded.is_set() and not ahead.compiling()


def test_the_other_process_says_nothing_and_leaves_machine_code_on_disk():
    subprocess.run([sys.executable, "-m", "sc2viz.lasso"], check=True)
    assert ahead.has_machine_code()


ENDS = """
import pathlib, threading, time
from sc2viz.exact import ahead
begun = threading.Event()
def load():
    begun.set()
    time.sleep(0.5)
    print("loaded", flush=True)
ahead.has_machine_code = lambda: {on_disk}
ahead.compile("stand_in", load)
while not (begun.is_set() if {on_disk} else pathlib.Path({mark!r}).exists()):
    time.sleep(0.01)
"""


@pytest.mark.parametrize(("on_disk", "output"), [(True, "loaded\n"), (False, "")])
def test_a_process_that_ends_waits_for_what_it_compiles_and_begins_no_more(
    nothing_on_disk, on_disk, output
):
    """LLVM crashes where a process ends while one of its threads compiles."""
    mark = str(nothing_on_disk / "started")
    (nothing_on_disk / "stand_in.py").write_text(
        f"import pathlib, time\npathlib.Path({mark!r}).touch()\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", ENDS.format(on_disk=on_disk, mark=mark)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, output, "")


def test_a_process_that_ends_does_not_wait_until_it_may_compile():
    command = [
        sys.executable,
        "-c",
        "from sc2viz.exact import ahead; ahead.compile('stand_in', print, patience=60)",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_one_process_compiles_at_a_time(monkeypatch):
    with ahead.alone(), pytest.raises(Timeout):
        ahead.alone().acquire(timeout=0)
    monkeypatch.setattr(ahead, "alone", lambda: sys.exit("the lock comes first"))
    with (
        pytest.raises(SystemExit, match="the lock comes first"),
        warnings.catch_warnings(action="ignore"),
    ):
        runpy.run_module("sc2viz.lasso", run_name="__main__")
