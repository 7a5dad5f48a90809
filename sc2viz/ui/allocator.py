"""What the GNU C library does with memory that Python and torch have freed; on other systems nothing is changed.

It has an arena for every thread, up to eight a core, and each keeps what its thread has freed. Streamlit starts a thread for
each run of a page, so the memory of a server with many readers grew by 50 MB with each class that came and went.

Once an array of 32 MB has been freed, an arena keeps up to 64 MB at its end, which `malloc_trim` gives back of the first
arena alone: so much larger could a server stay after a reader had left. What is `LARGE` is therefore never taken from one.
"""

import contextlib
import ctypes
import gc
import sys

ARENAS = 2
LARGE = 4 * 2**20  # bytes: the size from which on an array goes back to the system
FREE = (
    4 * LARGE
)  # what a thread may keep free: a view of new pictures takes and frees about as much several times
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # in malloc.h


def keep_little() -> None:
    """Let threads that start from now on share `ARENAS` arenas, each with at most `FREE` at its end; and let arrays of the
    size `LARGE` go back to the system when they are freed."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)
    _call("mallopt", _M_MMAP_THRESHOLD, LARGE)
    _call("mallopt", _M_TRIM_THRESHOLD, FREE)


def release(frozen: bool = False) -> None:
    """Collect garbage, and give what is free back to the system. frozen: also what
    `startup.freeze` excluded, which takes longer."""
    if frozen:
        gc.unfreeze()
    gc.collect()
    if frozen:
        gc.freeze()
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a C library that is not GNU's
            getattr(ctypes.CDLL("libc.so.6"), name)(*values)
