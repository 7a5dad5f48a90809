"""Stores of results: what names a result, how much is kept, who computes it, and who can reach it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from sc2viz import solvers
from sc2viz.ui import cache
from sc2viz.ui.own import memory


@dataclass
class Pair:
    one: np.ndarray
    other: torch.Tensor


def test_what_is_kept_is_bounded_in_bytes_and_the_oldest_goes_first():
    megabyte = np.zeros(10**6, np.uint8)
    assert (
        memory.nbytes(Pair(megabyte, torch.zeros(250_000)))
        == memory.nbytes({"a": (megabyte, megabyte)})
        == 2 * 10**6
    )
    store = cache.Store(megabytes=3)
    for k in range(5):
        store.get(k, megabyte.copy)
    assert set(store.values) == {2, 3, 4} and store.values.currsize <= 3e6
    store.get(2, lambda: pytest.fail("it is there"))
    store.get(5, megabyte.copy)
    assert set(store.values) == {2, 4, 5}
    assert (
        store.get("large", lambda: np.zeros(10**7, np.uint8)).nbytes == 10**7
        and "large" not in store.values
    )


def test_two_who_ask_for_the_same_compute_it_once():
    store, asked, calls = cache.Store(1), threading.Barrier(8), []

    def compute():
        calls.append(threading.get_ident())
        release.wait(10)
        return "codes"

    def ask(_):
        asked.wait(10)
        return store.get("key", compute)

    release = threading.Event()
    with ThreadPoolExecutor(8) as readers:
        found = readers.map(ask, range(8))
        while not calls:
            pass
        release.set()
        assert list(found) == ["codes"] * 8
    assert len(calls) == 1


def test_different_results_are_computed_at_the_same_time():
    store, both = cache.Store(1), threading.Barrier(2)
    with ThreadPoolExecutor(
        2
    ) as readers:  # a lock held while computing would keep the second from the barrier
        found = readers.map(lambda key: store.get(key, lambda: both.wait(10) >= 0 and key), "ab")
        assert list(found) == ["a", "b"]


def test_after_a_failure_the_next_one_tries_again():
    store = cache.Store(1)
    with pytest.raises(ZeroDivisionError):
        store.get("key", lambda: 1 / 0)
    assert store.get("key", lambda: 2) == 2


def test_a_solver_is_named_by_what_it_computes():
    B = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    ista = solvers.build("ista", B)
    assert cache.weights(ista) == cache.weights(solvers.build("ista", B.clone()))
    others = [
        solvers.build("fista", B),  # the same tensors
        solvers.build("ista", B * 2),
        solvers.build("ista", B, steps=3),
        solvers.build("adaptive-ista", B, input_gate=0.5, forget_gate=0.5),
        solvers.build("adaptive-ista", B, input_gate=1.0, forget_gate=0.0),
    ]
    assert len({cache.weights(solver) for solver in [ista, *others]}) == 1 + len(others)


def test_arrays_are_named_by_what_they_hold():
    x = np.arange(6, dtype=np.float32)
    assert (
        cache.digest([x])
        == cache.digest([torch.from_numpy(x.copy())])
        == cache.digest([np.arange(12.0, dtype="f4")[:6]])
    )
    changed = x.copy()
    changed[3] = np.nextafter(changed[3], 9)
    assert (
        len(
            {
                cache.digest([y])
                for y in (x, changed, x.reshape(2, 3), x.view(np.int32), x.astype(float))
            }
        )
        == 5
    )


def test_arguments_tell_results_apart():
    calls = []

    @cache.cached
    def square(x, lam, steps=1):
        calls.append((lam, steps))
        return x * x * lam

    x = np.random.default_rng(0).random(5)
    assert square(x, 0.1) is square(x.copy(), 0.1)
    square(x, 0.2), square(x, 0.1, steps=2), square(x + 1, 0.1)
    assert calls == [(0.1, 1), (0.2, 1), (0.1, 2), (0.1, 1)]


def test_a_tensor_that_changes_has_another_name():
    one = torch.zeros(3)
    before = cache._key(one)
    assert before == cache._key(torch.zeros(3)) == cache._key(one)
    one[1] = 2
    assert cache._key(one) == cache.digest([torch.tensor([0.0, 2.0, 0.0])]) != before
    place = id(one)
    del one
    assert place not in cache._digests


def test_an_array_that_was_a_key_cannot_be_changed_any_more(monkeypatch):
    rows = np.arange(6.0)
    whole, part = rows.copy(), rows[2:4]
    before = cache._key(whole), cache._key(part)
    rows[2] = 9
    assert cache._key(part) == cache.digest([np.array([9.0, 3.0])]) != before[1]
    with pytest.raises(ValueError, match="read-only"):
        whole[2] = 9
    monkeypatch.setattr(cache, "digest", lambda arrays: pytest.fail("it was taken before"))
    assert cache._key(whole) == before[0]


def test_a_picture_is_drawn_once_for_all_readers_and_for_one_alone_what_is_theirs(
    open_page, monkeypatch
):
    cache.SHARED.values.clear()
    drawn = []
    real = cache.picture
    monkeypatch.setattr(
        cache, "picture", lambda name, make: real(name, lambda: drawn.append(name) or make())
    )
    open_page("gates", data="digits", lam="0.3")
    assert drawn
    first = len(drawn)
    open_page("gates", data="digits", lam="0.3")
    assert len(drawn) == first
    app = open_page("gates", data="digits", lam="0.3", dictionary="learned", learn="16")
    while "_results" not in app.session_state:
        app.run()
    shared = set(cache.SHARED.values)
    app.number_input(key="lam").set_value(0.31).run()
    assert len(drawn) > first and set(cache.SHARED.values) == shared
