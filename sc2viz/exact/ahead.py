"""Compile ahead: another process compiles the exact solver where its machine code is not on disk yet.

numba compiles for a minute and holds Python's global lock meanwhile, so that in the app's own process it would hold up all
pages. It keeps machine code on disk, from where every process loads it at once. Until then codes are found without it
(`uncompiled`).
"""

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

SECONDS = 60  # of the processor that it takes

_compiled = threading.Event()  # It is set but while another process compiles.
_compiled.set()
_is_known = (
    threading.Event()
)  # It is set but while it is unknown whether another process must compile.
_is_known.set()
_is_wanted = threading.Event()  # It is set once compiled code is wanted.
_ending = threading.Event()  # It is set once this process ends.
_running: list[subprocess.Popen] = []  # what compiles, or has compiled


def compiling() -> bool:
    """Whether compiled code is not ready yet: `compile` was called, and its thread has neither found machine code on disk nor had
    it compiled by another process."""
    return not _compiled.is_set()


def begin() -> None:
    """Let the thread that `compile` started go on now, whatever is left of its patience."""
    _is_wanted.set()


def look() -> None:
    """Wait until it is known whether another process must compile."""
    begin()
    _is_known.wait()


def wait() -> None:
    """Wait until `compiling` is False."""
    begin()
    _compiled.wait()


def has_machine_code() -> bool:
    """Whether the machine code of the exact solver is on disk: that of the function which is compiled last."""
    return any(_folder().glob("working_sets.rounds-*.nbi"))


def alone() -> FileLock:
    """Return a lock for the process that compiles: of several apps that start at once, the others wait and load what it keeps."""
    _folder().mkdir(parents=True, exist_ok=True)
    return FileLock(_folder() / "compiling.lock")


def _folder() -> Path:
    """Return the folder in which numba keeps machine code, or that for temporary files where it can keep none."""
    from sc2viz.exact import working_sets

    return Path(
        working_sets.rounds.stats.cache_path or tempfile.gettempdir()
    )  # numba keeps nothing where it cannot write


def compile(module: str, load: Callable[[], None], patience: float = 0.0) -> threading.Thread:
    """Start a background thread, which is returned, that runs `python -m module` if nothing is on disk, and then `load`.

    It waits for `begin` first, for at most `patience` seconds. When this process ends, a `load` that has
    begun is waited for, because LLVM crashes where its memory is freed while it compiles; none begins any more.
    """
    _compiled.clear()
    _is_known.clear()

    def run() -> None:
        _is_wanted.wait(patience)
        try:
            if not _ending.is_set() and not has_machine_code():
                _is_known.set()
                _compile_elsewhere(module)
        finally:
            _compiled.set()
            _is_known.set()
        if not _ending.is_set():
            load()

    thread = threading.Thread(target=run, name="compile exact", daemon=True)
    atexit.register(thread.join)
    atexit.register(_end)  # before it joins
    thread.start()
    return thread


def _compile_elsewhere(module: str) -> None:
    """Run `python -m module` in another process, and wait until it ends."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment) as process:
        _running.append(process)
        if _ending.is_set():
            process.kill()


def _end() -> None:
    """Kill the process that compiles, as this process ends, and let the thread of `compile` end without loading anything."""
    _ending.set()
    begin()
    for process in _running:
        process.kill()
