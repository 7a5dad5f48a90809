"""Threads that share the work of one call: compiled code runs without the GIL, and every thread takes samples of its own."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

import numpy as np

WORTH_THREADS = 3e6  # A call is shared among several threads from this number of multiplications on, in slices of as many.


def in_slices(work: Callable, rows: np.ndarray, parts: int, workers: int, size: int) -> list:
    """[work(some)] for slices of `rows`, at most `parts` of them for each thread, or for all at once."""
    count = (
        1 if workers == 1 else workers * int(min(parts, max(size / (workers * WORTH_THREADS), 1)))
    )
    return in_threads(
        work, np.array_split(rows, count) if size >= WORTH_THREADS else [rows], workers, size
    )


def in_threads(work: Callable, items: Iterable, workers: int, size: int) -> list:
    """[work(item) for item in items], by several threads if there is work for them; `size` is in multiplications.

    The calling thread works too, beside threads of a pool that all callers share, so that it never waits for other callers.
    """
    items = list(items)
    if workers == 1 or size < WORTH_THREADS:
        return [work(item) for item in items]
    results, left = [None] * len(items), iter(range(len(items)))

    def take() -> None:
        try:
            for i in left:
                results[i] = work(items[i])
        finally:
            list(left)  # after an error nobody begins another item

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
    """The threads of this process. New threads for every call would begin on the caller's core and slow it down."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="exact codes")


if hasattr(os, "register_at_fork"):  # a forked process has none of these threads
    os.register_at_fork(after_in_child=pool.cache_clear)
