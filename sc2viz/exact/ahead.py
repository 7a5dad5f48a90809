"""Compile ahead: another process compiles the exact solver where its machine code is not on disk yet.

numba compiles for seconds and holds Python's global lock meanwhile, so that in the app's own process it would hold up the
first page. It keeps machine code on disk, from where every process loads it at once.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

FEW, MANY = "few", "many"  # What is compiled first, for the codes and paths of few samples, and all else.
_few = threading.Event()  # It is set once the codes of few samples can be computed without compiling.
_few.set()
_ending = threading.Event()  # It is set once this process ends.


def wait() -> None:
    """Return once another process has compiled what few samples need; at once if none does."""
    _few.wait()


def compiling() -> bool:
    """Whether `wait` would have to wait."""
    return not _few.is_set()


def on_disk() -> bool:
    """Whether machine code of the homotopy is kept on disk."""
    from sc2viz.exact import homotopy

    folder = homotopy.solve.stats.cache_path
    return bool(folder) and any(Path(folder).glob("homotopy.solve-*.nbi"))


def compile(module: str, load: Callable[[], None]) -> threading.Thread:
    """In a background thread, which is returned: run `python -m module` if nothing is on disk, then `load`.

    The process compiles what few samples need, prints FEW, and compiles the rest. When this process ends, a `load` that has
    begun is waited for, because LLVM crashes where its memory is freed while it compiles; none begins any more.
    """
    _few.clear()

    def run() -> None:
        try:
            if not on_disk():
                _elsewhere(module)
        finally:
            _few.set()
        if not _ending.is_set():
            load()

    thread = threading.Thread(target=run, name="compile exact", daemon=True)
    atexit.register(thread.join)
    thread.start()
    return thread


def _elsewhere(module: str) -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])}
    words = [sys.executable, "-m", module]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment) as process:
        atexit.register(_end, process)
        for line in process.stdout:
            if line.strip() == FEW:
                _few.set()
    atexit.unregister(_end)


def _end(process: subprocess.Popen) -> None:
    _ending.set()
    process.kill()
