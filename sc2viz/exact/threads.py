"""Threads that share the work of one call: compiled code runs without the GIL, and every thread takes samples of its own."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

import numpy as np
import torch

WORTH_THREADS = 3e6  # A call is shared among several threads from this number of multiplications on, in slices of as many.


_inside = threading.local()  # whether this thread already shares the work of a call


def count_threads() -> int:
    """Return the number of threads that share the work of a call: torch's, and one within work that is shared."""
    return 1 if getattr(_inside, "is_shared", False) else torch.get_num_threads()


def in_slices(work: Callable, rows: np.ndarray, limit: int, size: float) -> list:
    """Return [work(part) for parts of `rows`], computed by several threads if there is work for them: at most `limit` parts a
    thread. `size`: the multiplications for all rows."""
    workers, count = count_threads(), 1
    if size >= WORTH_THREADS and workers > 1:
        count = workers * int(min(limit, max(size / (workers * WORTH_THREADS), 1)))
    return in_threads(work, np.array_split(rows, max(min(count, len(rows)), 1)), size)


def in_threads(work: Callable, items: Iterable, size: float) -> list:
    """Return [work(item) for item in items], by several threads if there is work for them; `size` is in multiplications.

    The calling thread works too, beside threads of a pool that all callers share, so that it never waits for other callers.
    """
    items, workers = list(items), count_threads()
    if workers == 1 or size < WORTH_THREADS:
        return [work(item) for item in items]
    results, indices = [None] * len(items), iter(range(len(items)))

    def take() -> None:
        _inside.is_shared = True
        try:
            for i in indices:
                results[i] = work(items[i])
        finally:
            list(indices)  # after an error nobody begins another item
            _inside.is_shared = False

    helpers = [pool().submit(take) for _ in range(min(workers, len(items)) - 1)]
    try:
        take()
    finally:
        done = [helper for helper in helpers if not helper.cancel()]
        wait(done)
    for helper in done:
        helper.result()
    return results


@cache
def pool() -> ThreadPoolExecutor:
    """Return the threads of this process. New threads for every call would begin on the caller's core and slow it down."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="exact codes")


if hasattr(os, "register_at_fork"):  # a forked process has none of these threads
    os.register_at_fork(after_in_child=pool.cache_clear)
