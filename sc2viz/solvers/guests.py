"""What a solver from outside the package may do to others in a call: nothing. Its settings go and its time ends with it.

PyTorch's default dtype, its number of threads and whether it is deterministic belong to the whole process, the mode of
gradients and NumPy's handling of errors to the thread. `contained` puts them back. In the app a call has `seconds`, too. A
class whose call takes longer is left out from then on, as each call would hold a core of all readers for as long.

The call runs in the thread that asks for it, because PyTorch's modes and Streamlit's session belong to threads. Python
cannot end a thread, and a check between two steps never comes if a step does not end. So another thread has Python raise
`OutOfTime` in this one (`PyThreadState_SetAsyncExc`), which happens between two instructions of Python, in the midst of
`while True` as well; `sys.settrace` could do so too, but makes all of the call many times slower. One call into C that never
returns cannot be ended from within its process. Built-in solvers pass none of this.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from weakref import WeakKeyDictionary

import numpy as np
import torch

AGAIN = 1.0  # seconds after which a call that goes on, such as one that catches all exceptions, is told again
seconds: float | None = None  # that a call may take, None for as long as it wants; the app sets it
_left_out: WeakKeyDictionary[type, float] = WeakKeyDictionary()  # classes of solvers by the seconds that they had
_thread = threading.local()


class OutOfTime(BaseException):
    """Raised in a call that takes too long. It is no Exception, so that a solver which catches those does not go on."""


def late(cls: type) -> str:
    """Why a class is left out; "" if it is not."""
    return f"a call took more than {_left_out[cls]:g} s, so it is left out" if cls in _left_out else ""


@contextmanager
def contained(cls: type, timed: bool = True) -> Iterator[None]:
    """Run a call of a solver of that class, and put back what it has set. OutOfTime where it takes more than `seconds` and
    is `timed`."""
    with kept(), _timed(cls) if timed else nullcontext():
        yield


@contextmanager
def kept() -> Iterator[None]:
    """Put back what the code of others sets for the whole process or thread."""
    before = _settings()
    try:
        yield
    finally:
        _put_back(before)


def _settings() -> tuple:
    return (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), np.geterr(),
            torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled())  # fmt: skip


def _put_back(before: tuple) -> None:
    now = _settings()
    if now == before:
        return
    dtype, grad, threads, errors, deterministic, warns = before
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(grad)
    if now[2] != threads:  # PyTorch begins new threads wherever this is set
        torch.set_num_threads(threads)
    np.seterr(**errors)
    torch.use_deterministic_algorithms(deterministic, warn_only=warns)


@contextmanager
def _timed(cls: type) -> Iterator[None]:
    """OutOfTime in the block where it takes more than `seconds`; a call within another shares its time."""
    if seconds is None or getattr(_thread, "within", False):
        yield
        return
    watch, _thread.within = _Watch(threading.get_ident(), seconds), True
    try:
        yield
    finally:
        try:
            watch.end()
        except OutOfTime:  # it came in the last moment
            watch.end()
            raise
        finally:
            _thread.within = False
            if watch.told:
                _left_out[cls] = watch.seconds


class _Watch:
    """Raises OutOfTime in a thread after some seconds, and again every AGAIN seconds until `end`."""

    def __init__(self, thread: int, seconds: float):
        self.thread, self.seconds, self.told = ctypes.c_ulong(thread), seconds, False
        self._ended, self._lock = threading.Event(), threading.Lock()
        threading.Thread(target=self._wait, name="watch", daemon=True).start()

    def _wait(self) -> None:
        wait = self.seconds
        while not self._ended.wait(wait):
            with self._lock:  # `end` returns before or after this, and not between
                if not self._ended.is_set():
                    self.told = True
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(self.thread, ctypes.py_object(OutOfTime))
            wait = AGAIN

    def end(self) -> None:
        """From now on nothing is raised, not even what was asked for and has not come yet."""
        self._ended.set()
        with self._lock:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self.thread, None)
