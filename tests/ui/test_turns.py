"""Turns: no more at once than there are places, in the order of arrival, and no waiting for who takes long."""

import threading
import time

from sc2viz.ui import schedulers
from sc2viz.ui.run_queue import PAGES, Turns


def begun(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(happened):
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_two_places_are_taken_in_the_order_of_arrival():
    turns, inside, order, most, go = Turns(2, patience=60), set(), [], [], threading.Semaphore(0)

    def reader(number):
        with turns.taken():
            order.append(number)
            inside.add(number)
            most.append(len(inside))
            go.acquire(timeout=10)
            inside.discard(number)

    threads = []
    for number in range(8):
        threads.append(begun(lambda number=number: reader(number)))
        until(lambda number=number: len(order) + len(turns._waiting) == number + 1)
    assert order == [0, 1]
    for _ in threads:
        go.release()
    for thread in threads:
        thread.join(10)
    assert order == list(range(8)) and max(most) == 2


def test_a_long_turn_keeps_nobody_waiting_and_an_error_gives_it_back():
    turns, release = Turns(1, patience=0.05), threading.Event()

    def long():
        with turns.taken():
            release.wait(10)

    thread = begun(long)
    until(lambda: turns._began)
    for _ in range(3):
        try:
            with turns.taken():
                assert not release.is_set()
                raise RuntimeError
        except RuntimeError:
            pass
    release.set()
    thread.join(10)
    assert not turns._began and not turns._waiting


def test_work_in_the_background_stands_back_while_somebody_waits():
    turns, release, passed = Turns(1, patience=60), threading.Event(), threading.Event()

    def reader():
        with turns.taken():
            release.wait(10)

    def work():
        turns.stand_back(60)
        passed.set()

    first = begun(reader)
    until(lambda: turns._began)
    turns.stand_back(60)  # a page that runs is no reason to wait
    second = begun(reader)
    until(lambda: turns._waiting)
    turns.stand_back(0.01)  # no longer than that
    job = begun(work)
    assert turns._waiting and not passed.wait(0.2)
    release.set()
    assert passed.wait(10)
    for thread in (first, second, job):
        thread.join(10)


def test_the_apps_schedulers_stand_back_for_its_pages(monkeypatch):
    asked = []
    monkeypatch.setattr(PAGES, "stand_back", asked.append)
    scheduler = schedulers.scheduler("tests")
    scheduler.give_way()
    assert len(asked) == 1
    scheduler.close()
