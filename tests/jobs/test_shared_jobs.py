"""Results that several readers wait for: each is made once, and nobody makes what nobody waits for."""

import time

import numpy as np
import pytest

from sc2viz.jobs.scheduling import Limits, Scheduler
from sc2viz.jobs.shared_jobs import Desk, Task
from sc2viz.ui import cache


@pytest.fixture
def scheduler():
    scheduler = Scheduler(Limits(nice=1))
    yield scheduler
    scheduler.close()


def until(is_true) -> None:
    end = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_job_ends_when_its_last_reader_leaves_and_begins_anew(scheduler):
    started, ended = [], []

    def make(report) -> str:
        started.append(1)
        try:
            while len(started) == 1:
                report(0.1)
                time.sleep(0.01)
        finally:
            ended.append(1)
        return "result"

    task = Task("key", make, cache.Store(1), scheduler)
    first, second = Desk(), Desk()
    first.ask([task])
    second.ask([task])
    until(lambda: started)
    first.leave()
    time.sleep(0.1)
    assert not ended
    second.ask([])
    until(lambda: ended)
    assert second.find(task) is None
    first.ask([task])
    until(lambda: first.done)
    first.ask([task])
    assert first.results == {"key": "result"} and len(started) == 2


def test_later_tasks_begin_after_the_first_and_results_are_held_though_the_store_is_full(scheduler):
    results, store = [], cache.Store(1e-3)  # MB

    def task(name: str) -> Task:
        def make(report) -> np.ndarray:
            results.append(name)
            return np.zeros(900, np.uint8)

        return Task(name, make, store, scheduler)

    first, later, desk = [task("one"), task("two")], [task("three")], Desk()
    until(lambda: (desk.ask(first, later), not desk.pending)[1])
    assert desk.results.keys() == {"one", "two", "three"} and len(store.values) == 1
    desk.ask(first, later)
    assert sorted(results[:2]) == ["one", "two"] and results[2:] == ["three"]
