"""Stores of results: what names a result, how much is kept, who computes it, and who can reach it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from sc2viz import solvers
from sc2viz.ui import cache


def test_what_is_kept_is_bounded_in_bytes_and_the_oldest_goes_first():
    megabyte = np.zeros(10**6, np.uint8)
    store = cache.Store(megabytes=3)
    for k in range(5):
        store.get(k, megabyte.copy)
    assert set(store.values) == {2, 3, 4} and store.values.currsize <= 3e6
    store.get(2, lambda: pytest.fail("it is there"))
    store.get(5, megabyte.copy)
    assert set(store.values) == {2, 4, 5}
    store.leave_room(1e6)  # to what is held elsewhere
    assert set(store.values) == {2, 5}
    assert (
        store.get("large", lambda: np.zeros(10**7, np.uint8)).nbytes == 10**7
        and "large" not in store.values
    )


def test_two_who_ask_for_the_same_compute_it_once():
    store, barrier, calls = cache.Store(1), threading.Barrier(8), []

    def compute():
        calls.append(threading.get_ident())
        release.wait(10)
        return "codes"

    def ask(_):
        barrier.wait(10)
        return store.get("key", compute)

    release = threading.Event()
    with ThreadPoolExecutor(8) as readers:
        results = readers.map(ask, range(8))
        while not calls:
            pass
        release.set()
        assert list(results) == ["codes"] * 8
    assert len(calls) == 1


def test_different_results_are_computed_at_the_same_time():
    store, both = cache.Store(1), threading.Barrier(2)
    with ThreadPoolExecutor(
        2
    ) as readers:  # a lock held while computing would keep the second from the barrier
        results = readers.map(lambda key: store.get(key, lambda: both.wait(10) >= 0 and key), "ab")
        assert list(results) == ["a", "b"]


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


def test_arguments_tell_results_apart():
    calls = []

    @cache.cached
    def double(x, lam=0.1):
        calls.append(lam)
        return 2 * np.asarray(x)

    x = np.random.default_rng(0).random((2, 3)).astype(np.float32)
    assert double(x) is double(x.copy()) is double(torch.from_numpy(x.copy()))
    others = (np.nextafter(x, 9), x.reshape(3, 2), x.view(np.int32), x.astype(float))
    for arguments in others:
        double(arguments)
    double(x, 0.2), double(x, lam=0.3)
    assert calls == [*[0.1] * 5, 0.2, 0.3]


def test_what_changes_is_computed_again_and_a_whole_array_cannot_change():
    double = cache.cached(lambda x: 2 * np.asarray(x))
    tensor, rows = torch.zeros(3), np.arange(6.0)
    array, view = rows.copy(), rows[2:4]
    for argument in (tensor, view, array):
        double(argument)
    tensor[1], rows[2] = 2, 9
    assert double(tensor).tolist() == [0, 4, 0] and double(view).tolist() == [18, 6]
    with pytest.raises(ValueError, match="read-only"):
        array[2] = 9


def test_a_picture_is_drawn_once_for_all_readers_and_for_one_alone_what_is_theirs(
    open_page, monkeypatch
):
    cache.SHARED.values.clear()
    pictures = []
    real = cache.picture
    monkeypatch.setattr(
        cache, "picture", lambda name, make: real(name, lambda: pictures.append(name) or make())
    )
    open_page("gates", data="digits", lam="0.3")
    assert pictures
    first = len(pictures)
    open_page("gates", data="digits", lam="0.3")
    assert len(pictures) == first
    app = open_page("gates", data="digits", lam="0.3", dictionary="learned", learn="16")
    while not app.session_state["_learned"]["digits"].done:
        app.run()
    app.run()
    shared = set(cache.SHARED.values)
    app.number_input(key="lam").set_value(0.31).run()
    assert len(pictures) > first and set(cache.SHARED.values) == shared
