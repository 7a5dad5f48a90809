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

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch

AGAIN = 1.0  # seconds after which a call that goes on, such as one that catches all exceptions, is told again
seconds: float | None = None  # that a call may take, None for as long as it wants; the app sets it
_left_out: WeakKeyDictionary[type, float] = (
    WeakKeyDictionary()
)  # classes of solvers by the seconds that they had
_thread = threading.local()


class OutOfTime(BaseException):
    """Raised in a call that takes too long. It is no Exception, so that a solver which catches those does not go on."""


def late(cls: type) -> str:
    """Why a class is left out; "" if it is not."""
    return (
        f"a call took more than {_left_out[cls]:g} s, so it is left out" if cls in _left_out else ""
    )


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
        with np.errstate():
            yield
    finally:
        for set_to, now in _settings().items():
            if now != before[set_to]:  # some of these take seconds, whatever is set
                set_to(before[set_to])


def _settings() -> dict[Callable, Any]:
    """Each setting by what sets it."""
    return {
        torch.set_default_dtype: torch.get_default_dtype(),
        torch.set_grad_enabled: torch.is_grad_enabled(),
        torch.set_num_threads: torch.get_num_threads(),
        torch.set_deterministic_debug_mode: torch.get_deterministic_debug_mode(),
    }


@contextmanager
def _timed(cls: type) -> Iterator[None]:
    """OutOfTime in the block where it takes more than `seconds`; a call within another shares its time."""
    if seconds is None or getattr(_thread, "within", False):
        yield
        return
    thread, most, late = ctypes.c_ulong(threading.get_ident()), seconds, False
    ended, lock, raise_in = (
        threading.Event(),
        threading.Lock(),
        ctypes.pythonapi.PyThreadState_SetAsyncExc,
    )

    def watch() -> None:
        """Raise OutOfTime in the thread after some seconds, and again every AGAIN seconds until `end`."""
        nonlocal late
        wait = most
        while not ended.wait(wait):
            with lock:  # `end` returns before or after this, and not between
                if not ended.is_set():
                    late, wait = True, AGAIN
                    raise_in(thread, ctypes.py_object(OutOfTime))

    def end() -> None:
        """From now on nothing is raised, not even what was asked for and has not come yet."""
        ended.set()
        with lock:
            raise_in(thread, None)

    _thread.within = True
    threading.Thread(target=watch, name="watch", daemon=True).start()
    try:
        yield
    finally:
        try:
            end()
        except OutOfTime:  # it came in the last moment
            end()
            raise
        finally:
            _thread.within = False
            if late:
                _left_out[cls] = most
