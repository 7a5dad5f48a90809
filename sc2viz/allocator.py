"""What the GNU C library does with memory that Python and torch have freed; on other systems nothing is changed.

It has an arena for every thread, up to eight a core, and each keeps what its thread has freed. Streamlit starts a thread for
each run of a page, so the memory of a server with many readers grew by 50 MB with each class that came and went.
"""

import contextlib
import ctypes
import gc
import sys

ARENAS = 2
_M_ARENA_MAX = -8  # in malloc.h


def few_arenas() -> None:
    """Let threads that start from now on share `ARENAS` arenas."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)


def release() -> None:
    """Collect garbage, and give what is free back to the system."""
    gc.collect()
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a C library that is not GNU's
            getattr(ctypes.CDLL("libc.so.6"), name)(*values)
