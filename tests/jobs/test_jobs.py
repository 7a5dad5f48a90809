"""Training jobs: played, paused or interfered with, a run is the run of `fit`; and no job touches what is not its own."""

import gc
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from sc2viz import data, dictionary, lasso, solvers, training
from sc2viz.jobs import dictionary_learning, scheduling, training_job
from tests.training.test_training import build, same, small, weights


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """A fresh checkout compiles the exact solver first, which takes longer than a test waits."""
    lasso.warm_up().join()


@pytest.fixture
def scheduler():
    return scheduling.Scheduler(
        scheduling.Limits(threads=2, absence=0.2, nice=1)
    )  # it does not wait for other tests


def job(scheduler, solver=None, n=100, **options):
    images = small(n)
    settings = options.pop("settings", None) or training.Settings(measured_at=0.1)
    options = {"loss": "sc2net", "epochs": 2, "batch_size": 16, "seed": 0, **options}
    return training_job.Training(
        solver or build(), images, small(20, 1), small(3, 2).pixels, settings, scheduler, **options
    )


def fit(solver, epochs=2):
    """The last event of a run of `training.fit` that nobody interferes with."""
    options = {"epochs": epochs, "batch_size": 16, "validation": small(20, 1)}
    *_, last = training.fit(solver, small(), settings=training.Settings(), **options)
    return last


def until(happened, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def settle(task):
    until(lambda: task.status not in ("training", "waiting"))


def run(action):
    """Do what a job can do, and wait for its end."""
    action()
    settle(action.__self__)


# The end of the server ------------------------------------------------------------------------------------------------


def test_a_scheduler_that_closes_ends_what_runs_and_begins_nothing(scheduler):
    running, waiting = job(scheduler, epochs=10**6), job(scheduler, epochs=10**6)
    learning = dictionary_learning.Learning(torch.rand(20_000, 40), 120, 0.01, scheduler)
    for task in (running, learning, waiting):
        task.play() if isinstance(task, training_job.Training) else task.start()
    until(lambda: running.step > 0 and learning.passed > 0)
    assert 0 < learning.share < 1
    scheduler.close()
    assert not any(scheduler.runs(task) for task in (running, learning, waiting))
    assert learning.done and "server ends" in learning.problem and waiting.step == 0
    waiting.play()
    assert scheduler.place(waiting) is None and not scheduler.runs(waiting)


def test_a_job_may_still_import_what_training_needs_when_the_interpreter_ends():
    """A server that is told to end a moment after its first training began is in this state."""
    program = """
import threading, time
from sc2viz.jobs import scheduling
from sc2viz.ui import schedulers

class Patient(scheduling.Scheduler):  # slow machines need more than the ten seconds that a server waits
    def close(self, seconds=100): super().close(seconds)

class Nothing:
    wants_to_train = False
    def train(self): print("imported")
    def end(self): pass

def prepare():
    while not threading._SHUTTING_DOWN:
        time.sleep(0.01)
    schedulers.prepare()

scheduler = Patient(scheduling.Limits(nice=1), prepare)
scheduler.submit(Nothing())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout) == (
        0,
        "imported\n",
    ) and "Traceback" not in ended.stderr, ended.stderr


# A run ----------------------------------------------------------------------------------------------------------------


def test_played_to_the_end_it_is_the_run_of_fit(scheduler):
    task, plain = job(scheduler), build()
    assert task.status == "ready"
    run(task.play)
    last = fit(plain)
    assert task.status == "ended" and task.stopped == "finished"
    assert same(weights(task.solver), weights(plain))
    assert task.history[-1].objective == pytest.approx(last.objective)
    assert task.history[0].step == 0 and task.step == task.total == 14


def test_paused_stepped_stopped_and_taken_up_again_it_is_still_the_same_run(scheduler):
    task, plain = job(scheduler, epochs=3), build()
    run(task.one_step)
    assert (task.step, task.status) == (1, "paused")
    run(task.one_step)
    assert task.step == 2
    run(task.one_epoch)
    assert task.step == 7 and task.history[-1].epoch == 1
    run(task.one_epoch)
    assert task.step == 14
    task.stop()
    assert (task.status, task.stopped) == ("ended", "interrupted")
    run(task.play)
    assert task.stopped == "finished"
    fit(plain, epochs=3)
    assert same(weights(task.solver), weights(plain))


def test_after_the_end_play_goes_on_for_as_many_epochs(scheduler):
    task = job(scheduler)
    run(task.play)
    run(task.play)
    assert task.stopped == "finished" and task.step == 28


def test_what_is_changed_on_the_way_is_noted_where_it_took_effect_and_can_be_repeated(scheduler):
    task = job(scheduler, epochs=3)
    task.change(rate=2e-3)  # before the first step: nothing to note
    assert task.settings.rate == 2e-3 and not task.changes
    run(task.one_epoch)
    task.change(rate=5e-4, lam=0.2)
    task.change(rate=5e-4)
    run(task.one_epoch)
    assert task.changes == [(7, {"rate": 5e-4, "lam": 0.2})]
    assert task.history[-1].lam == 0.2
    repeated, settings = build(), training.Settings(rate=2e-3, every=7)
    for event in training.fit(
        repeated, small(), epochs=3, batch_size=16, validation=small(20, 1), settings=settings
    ):
        for name, value in dict(task.changes).get(event.step, {}).items():
            setattr(settings, name, value)
        if event.step == 14:
            break
    assert same(weights(task.solver), weights(repeated))


# What it shows --------------------------------------------------------------------------------------------------------


def test_frames_are_what_the_network_was_and_few(scheduler):
    scheduler.limits = replace(scheduler.limits, frames=12)
    task = job(scheduler, epochs=30)
    untrained = task.frames
    assert len(untrained) == 1 and untrained[0].event is None
    run(task.play)
    frames = task.frames
    assert len(frames) <= 12
    assert [frame.step for frame in frames] == sorted({frame.step for frame in frames})
    assert (frames[0].step, frames[-1].step) == (0, task.total)
    np.testing.assert_array_equal(frames[0].atoms, untrained[0].atoms)
    np.testing.assert_allclose(frames[-1].atoms, task.solver.dictionary.detach().numpy(), atol=2e-3)
    for frame in frames:
        np.testing.assert_allclose(
            frame.reconstructions, frame.codes @ frame.atoms.astype(np.float32).T, atol=5e-3
        )
        assert frame.event.step == frame.step


def test_the_curves_stay_bounded_and_keep_both_ends(scheduler, monkeypatch):
    monkeypatch.setattr(training_job, "MAX_EVENTS", 40)
    task = job(scheduler, epochs=30, settings=training.Settings())
    run(task.play)
    assert len(task.history) <= 41
    assert (task.history[0].step, task.history[-1].step) == (0, task.total)


def test_the_network_to_take_along_is_a_copy_of_its_own(scheduler):
    task = job(scheduler, epochs=4)
    run(task.one_epoch)
    taken = task.network()
    assert task.network() is taken and not any(
        parameter.requires_grad for parameter in taken.parameters()
    )
    weights_before = weights(taken)
    assert same(weights_before, weights(task.solver))
    run(task.one_epoch)
    assert same(weights_before, weights(taken)) and not same(
        weights_before, weights(task.network())
    )


def test_a_baseline_is_measured_by_the_optimum_of_the_atoms_that_the_run_starts_from(scheduler):
    task, baseline = job(scheduler), build("fista")
    measured = training_job.measure_baseline(baseline, task, 0.1)
    assert measured["made"].shape == (3, 12)
    assert measured["excess"] > 0 and 0 < measured["nonzero"] <= 1
    event = next(
        training.fit(
            build("fista"),
            small(),
            epochs=1,
            batch_size=16,
            validation=small(20, 1),
            from_start=True,
        )
    )
    assert measured["excess"] == pytest.approx(event.excess, rel=1e-3)
    assert measured["objective"] == pytest.approx(event.objective, rel=1e-5)
    assert (
        measured["accuracy"] is None
    )  # without labels in the loss there is nothing to compare with


def test_a_baseline_of_a_run_with_labels_is_classified_from_its_codes(scheduler):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    images, tests = data.load("digits"), data.load("digits", split="test")
    B = dictionary.learn(images.pixels, 30, max_epochs=2)
    options = {"loss": "supervised", "epochs": 1, "batch_size": 64, "seed": 0}
    solver, settings = solvers.build("slstm", B, classes=10), training.Settings()
    task = training_job.Training(
        solver, images, tests, tests.pixels[:3], settings, scheduler, **options
    )
    baseline = solvers.build("fista", B)
    measured = training_job.measure_baseline(baseline, task, 0.1)
    with torch.no_grad():
        codes, test_codes = (baseline(rows.pixels, 0.1).numpy() for rows in (images, tests))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    score = model.fit(codes, images.labels.numpy()).score(test_codes, tests.labels.numpy())
    assert measured["accuracy"] == pytest.approx(score, abs=1e-9) and 0.5 < score < 1


# Many -----------------------------------------------------------------------------------------------------------------


def test_jobs_beyond_the_limit_wait_in_line_and_take_their_turn(scheduler):
    scheduler.limits = replace(scheduler.limits, threads=1)
    first, second, third = (job(scheduler, epochs=10_000) for _ in range(3))
    for task in (first, second, third):
        task.play()
    until(lambda: first.step > 0)
    assert [task.status for task in (first, second, third)] == ["training", "waiting", "waiting"]
    assert [scheduler.place(task) for task in (first, second, third)] == [None, 1, 2]
    second.pause()
    assert second.status == "ready" and scheduler.place(third) == 1
    first.pause()
    until(lambda: third.step > 0)
    assert second.step == 0
    third.pause()
    settle(third)
    assert first.status == third.status == "paused"


def test_a_job_without_its_reader_ends_and_waits_for_them(scheduler):
    task = job(scheduler, epochs=10_000)
    task.play()
    until(lambda: task.step > 0)
    task.gone = time.monotonic()
    settle(task)
    assert task.status == "paused"
    step, task.gone = task.step, None
    task.play()
    until(lambda: task.step > step)
    task.close()
    settle(task)
    assert task.status == "ended" and not task.can_go_on
    task.play()
    assert task.status == "ended"


def test_what_breaks_one_leaves_the_other_alone(scheduler, monkeypatch, caplog):
    broken, nan, healthy = (
        job(scheduler),
        job(scheduler, settings=training.Settings(rate=1e30)),
        job(scheduler),
    )

    class Broken:
        def __iter__(self):
            return self

        def __next__(self):
            raise RuntimeError("out of order")

    broken._events = Broken()
    for task in (broken, nan, healthy):
        task.play()
    for task in (broken, nan, healthy):
        settle(task)
    assert "RuntimeError" in broken.stopped and not broken.can_go_on
    assert "out of order" in caplog.text
    assert "not finite" in nan.stopped and "lower the rate" in nan.stopped
    nan.change(rate=1e-3)
    run(nan.play)
    assert nan.stopped == "finished" and all(
        torch.isfinite(p).all() for p in nan.solver.parameters()
    )
    plain = build()
    fit(plain, epochs=2)
    assert healthy.stopped == "finished" and same(weights(healthy.solver), weights(plain))


def test_a_job_is_bounded_in_time_and_memory(scheduler):
    scheduler.limits = replace(scheduler.limits, seconds=0.2)
    task = job(scheduler, epochs=10_000)
    run(task.play)
    assert task.stopped == "limit" and not task.can_go_on
    scheduler.limits = replace(scheduler.limits, megabytes=0.001)
    with pytest.raises(ValueError, match="fewer atoms"):
        job(scheduler)


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("SC2VIZ_TRAIN_AT_ONCE", "5")
    monkeypatch.setenv("SC2VIZ_TRAIN_AWAY", "2.5")
    limits = scheduling.Limits.from_environment()
    assert (limits.threads, limits.absence) == (5, 2.5) and isinstance(limits.threads, int)
    for wrong in ("none", "-1", "nan", "inf"):
        monkeypatch.setenv("SC2VIZ_TRAIN_SECONDS", wrong)
        with pytest.raises(ValueError, match="SC2VIZ_TRAIN_SECONDS"):
            scheduling.Limits.from_environment()


def test_a_finished_training_keeps_its_curve_and_not_its_runs(scheduler):
    def runs():
        gc.collect()
        return sum(type(thing) is training.Loop for thing in gc.get_objects())

    runs_before, task = runs(), job(scheduler, epochs=10_000)
    for count in range(3):
        step = task.step
        task.play()
        until(lambda step=step: task.step > step)
        task.stop()
        settle(task)
        assert task.stopped == "interrupted" and len(task.history) > count and task.can_go_on
    assert runs() == runs_before


def test_many_starts_and_stops_leave_neither_threads_nor_tensors(scheduler):
    def start_and_stop():
        task = job(scheduler, n=40, epochs=10_000)
        task.play()
        until(lambda: task.step > 1)
        task.pause()
        task.play()
        task.close()
        settle(task)

    def alive():
        gc.collect()
        return sum(type(thing) in (torch.Tensor, torch.nn.Parameter) for thing in gc.get_objects())

    start_and_stop()
    until(lambda: not any(thread.name == "training" for thread in threading.enumerate()))
    threads, tensors = threading.active_count(), alive()
    for _ in range(30):
        start_and_stop()
    until(lambda: threading.active_count() <= threads)
    assert alive() <= tensors
