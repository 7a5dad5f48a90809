"""Training in the background. A job belongs to one reader and goes on between the runs of the page, which only reads it.

A `Job` wraps `training.fit` and has no thread of its own. The `Scheduler` runs a limited number of jobs at a time, each in a
thread, and the others wait in a queue. A job keeps a bounded number of events for the curves and of frames for the
pictures.

Locks: `Job._own` guards the weights and the run of `fit` (`_events`, `_state`, `_save`, `_copy`); `Scheduler._lock` guards
the queue and the set of running jobs. Pages read all other attributes without a lock, because they are replaced as a whole
or only appended to.
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import logging
import math
import os
import secrets
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sc2viz import dictionary, evaluation, lasso, training
from sc2viz.data import Images
from sc2viz.solvers import Solver

PACE = 0.3  # seconds between events, a little less than between two looks of the page
MOST_EVENTS = 1000  # kept for the curves; when there are more, every second one is dropped
MOST_CHANGES = 100
NICE = 15  # the priority of training threads; pages have 0, the highest, and 19 is the lowest
CLASSIFIED = 4000  # about this many pictures train the classifier of a baseline's codes: a tenth of a second …
MOST_CLASSES = 100  # … for ten classes; there is no classifier for more classes than this
ENDING = 10.0  # seconds that jobs may take to end when the server ends
GROWTH = 1.08  # the ratio of the steps of two frames, so that most frames show the beginning, where most changes
_log = logging.getLogger("sc2viz")


@dataclass(frozen=True)
class Limits:
    """The limits on jobs. An environment variable such as SC2VIZ_TRAIN_AT_ONCE=4 sets each of them."""

    at_once: int = 2  # jobs that train at the same time, each in one thread; the others wait
    seconds: float = 600.0  # of training per job, not counting pauses
    megabytes: float = 500.0  # that a job may need
    away: float = 20.0  # seconds that a job goes on training after its reader has disconnected
    frames: int = 48  # that a job keeps, and …
    frame_megabytes: float = 8.0  # … the memory of all of them; at least eight are kept

    @classmethod
    def from_environment(cls) -> Limits:
        """Read the limits. Raises ValueError, which names the variable, if one is not a positive number."""
        chosen = {}
        for field in fields(cls):
            name = f"SC2VIZ_TRAIN_{field.name.upper()}"
            if name in os.environ:
                try:
                    value = float(os.environ[name])
                except ValueError:
                    value = math.nan
                if not (value > 0 and math.isfinite(value)):
                    raise ValueError(f"{name} must be a number > 0, got {os.environ[name]!r}")
                chosen[field.name] = max(1, int(value)) if field.type == "int" else value
        return cls(**chosen)


@dataclass(frozen=True, eq=False)
class Frame:
    """The state at one step: the atoms, and the codes and reconstructions of the job's pictures."""

    step: int
    lam: float
    event: training.Event | None  # None if nothing has been measured yet
    atoms: np.ndarray  # (d_x, d_s) float16
    codes: np.ndarray  # (n, d_s) float32
    made: np.ndarray  # (n, d_x) float16, the reconstructions


class Job:
    """A run of `training.fit` that any thread can start, pause, stop and change.

    solver      the solver, which only the job trains, in place; `network()` returns a copy
    images      the training data
    tests       the rows on which events are measured
    pictures    (n, d_x) the pictures that frames show
    options     further arguments of `fit`: loss, epochs, batch_size, preset, seed
    setup       any description of the run, for whoever made the job
    shared      the dictionary (d_x, d_s) by whose optimum F is ranked; by default the one that the run starts from
    loaded      whether the solver came from a file, already trained
    """

    def __init__(self, solver: Solver, images: Images, tests: Images, pictures: Tensor, settings: training.Settings,
                 scheduler: Scheduler, *, setup: Any = None, loaded: bool = False, shared: Tensor | None = None,
                 **options):  # fmt: skip
        self.limits, self.scheduler = scheduler.limits, scheduler
        self.solver, self.images, self.tests, self.pictures = solver, images, tests, pictures
        self.settings, self.options, self.setup, self.loaded = settings, options, setup, loaded
        self.first_settings = vars(settings).copy()
        self.shared = lasso.normalised(solver.dictionary.detach()) if shared is None else shared
        self._optima: dict[float, Tensor] = {}
        needed = megabytes(solver, len(tests), options["batch_size"], settings.horizon)
        if needed > self.limits.megabytes:
            raise ValueError(
                f"this run would need about {needed:,.0f} MB, but the limit is {self.limits.megabytes:,.0f} MB: "
                "choose fewer atoms, fewer iterations T or smaller batches"
            )
        self.id = secrets.token_hex(8)
        self.epochs = options["epochs"]
        self.steps_an_epoch = -(-len(images) // options["batch_size"])
        self.until = 0.0  # the step up to which the reader wants to train
        self.seconds = 0.0  # of training
        self.stopped: str | None = None  # why the run ended, as in Event.stopped; "limit": its seconds are used up
        self.gone: float | None = None  # when its reader disconnected
        self.closed = False
        self.baselines: dict = {}  # the page keeps the baselines' results here
        self.history: list[training.Event] = []
        self.changes: list[tuple[int, dict[str, Any]]] = []  # (step, the settings that changed there)
        self._pending: dict[str, Any] = {}
        self._state = self._save = self._copy = None
        self._events = self._fit()  # raises ValueError if solver, images and options do not fit together
        self._own = threading.RLock()  # held while the weights change
        self.frame = self._look(None)
        size = sum(part.nbytes for part in (self.frame.atoms, self.frame.codes, self.frame.made))
        self.most_frames = int(min(self.limits.frames, max(8, self.limits.frame_megabytes * 1e6 // size)))
        self._kept = [self.frame]

    @property
    def step(self) -> int:
        return self.frame.step

    @property
    def nbytes(self) -> int:
        """About what the job keeps, without its data: five times the weights (its solver, the copy of `network`, what it
        saves to go on from, and Adam's two moments), and its frames."""
        weights = sum(part.nbytes for part in self.solver.state_dict().values())
        frames = [(frame.atoms, frame.codes, frame.made) for frame in self.frames]
        return 5 * weights + sum(part.nbytes for frame in frames for part in frame)

    @property
    def total(self) -> int:
        """The step at which the run will be finished."""
        return self.epochs * self.steps_an_epoch

    @property
    def status(self) -> str:
        """One of "ready" (never started), "waiting" (in the queue), "training", "paused" and "ended" (see `stopped`)."""
        if self.scheduler.place(self) is not None:
            return "waiting"
        if self.scheduler.runs(self):
            return "training"
        return "ended" if self.stopped or self.closed else "paused" if self.history else "ready"

    @property
    def frames(self) -> list[Frame]:
        """The frames from the start to now, at most `most_frames`."""
        kept = list(self._kept)
        return kept if kept[-1] is self.frame else [*kept, self.frame]

    def play(self) -> None:
        """Train on; after the end of the run, train for the same number of epochs again."""
        self._go(math.inf)

    def one_step(self) -> None:
        """Train for one step, then pause."""
        self._go(self.step + 1)

    def one_epoch(self) -> None:
        """Train to the end of the current epoch, then pause."""
        self._go((self.step // self.steps_an_epoch + 1) * self.steps_an_epoch)

    def pause(self) -> None:
        """Pause after the current step."""
        self.until = 0
        self.scheduler.withdraw(self)
        self.settings.every = 1

    def stop(self) -> None:
        """End the run after the current step; `play` continues it."""
        if self.scheduler.runs(self):
            self.settings.stop = True
            self.settings.every = 1
        else:
            self.pause()
            self._end(self.stopped or "interrupted")

    def end(self) -> None:
        """End the run after the step at hand, because the server ends."""
        self.until = 0
        self.settings.stop, self.settings.every = True, 1

    def change(self, **values) -> None:
        """Set values of `training.Settings` from the next step on, and record in `changes` those that differ."""
        now = {name: self._pending.get(name, getattr(self.settings, name)) for name in values}
        fresh = {name: value for name, value in values.items() if value != now[name]}
        if not fresh:
            return
        self._pending = {**self._pending, **fresh}
        if not self.history and not self.scheduler.runs(self):
            self._apply()
            self.first_settings = vars(self.settings).copy()
            self.frame = self._look(None)
            self._kept = [self.frame]
        else:
            self.settings.every = 1

    def close(self) -> None:
        """End the run for good and free what training needs; events and frames stay."""
        self.closed = True
        self.pause()
        with self._own:
            self._events = self._state = self._save = None

    def optimum(self, lam: float) -> Tensor:
        """F* of the tests on the shared dictionary at λ, (n,)."""
        if lam not in self._optima:
            x = self.tests.pixels
            codes = lasso.solve(x, self.shared, lam, tol=1e-3).codes
            self._optima = {**dict([*self._optima.items()][-15:]), lam: lasso.objective(x, codes, self.shared, lam)}
        return self._optima[lam]

    def distance(self, event: training.Event) -> float:
        """How far an event's F lies from the optimum, in %, by the one ruler (`evaluation.rank`)."""
        return evaluation.excess(torch.tensor([event.objective]), self.optimum(event.lam).mean()[None]).item()

    def network(self) -> Solver:
        """A copy of the network at the current step, in evaluation mode."""
        with self._own:
            if self._copy is None or self._copy[0] != self.step:
                twin = copy.deepcopy(self.solver).eval().requires_grad_(False)
                self._copy = self.step, twin
            return self._copy[1]

    def train(self) -> None:
        """Train for as long as the job wants to; a thread of the scheduler calls this."""
        try:
            while self.wants_to_train:
                began = time.perf_counter()
                with self._own:
                    self._apply()
                    if self._events is None:
                        self._events = self._fit()
                        self._state = None
                    self.settings.every = self._next_event()
                    event = next(self._events)
                    event, self._save = replace(event, state=None), event.state  # kept events must not hold the run's state
                    frame = self._look(event)
                self.seconds += time.perf_counter() - began
                self._record(event, frame)
                out_of_time = self.seconds >= self.limits.seconds
                if event.stopped or out_of_time:
                    self._end(event.stopped or "limit", resumable=not out_of_time)
        except Exception as error:
            _log.exception("a training job failed")
            self.stopped = str(error) if isinstance(error, ValueError) else f"Training failed ({type(error).__name__})"
            self._events = self._state = self._save = None

    @property
    def can_go_on(self) -> bool:
        """Whether the job can train on: it was not closed, did not fail, and has seconds left."""
        return not self.closed and (not self.stopped or self._state is not None)

    @property
    def wants_to_train(self) -> bool:
        away = self.gone is not None and time.monotonic() - self.gone > self.limits.away
        return self.until > self.step and not self.stopped and not self.closed and not away

    def _go(self, until: float) -> None:
        if not self.can_go_on:
            return
        while self.step >= self.total:
            self.epochs += self.options["epochs"]
        self.settings.stop, self.stopped = False, None
        self.until = until
        self.scheduler.submit(self)

    def _fit(self) -> Iterator[training.Event]:
        return training.fit(self.solver, self.images, **{**self.options, "epochs": self.epochs}, settings=self.settings,
                            validation=self.tests, resume=self._state, from_start=not self.history)  # fmt: skip

    def _next_event(self) -> int:
        """`Settings.every` such that the next event comes after `PACE` seconds, sooner at the beginning, or at the pause."""
        ahead = 1
        if self.history and self.history[-1].samples_per_second > 0:
            pace = PACE * self.history[-1].samples_per_second / self.options["batch_size"]
            ahead = max(1, min(int(pace), self.step // 4))
        until = self.until  # read once, because another thread may change it
        return int(min(self.step + ahead, until)) if until > self.step else 1

    def _apply(self) -> None:
        pending, self._pending = self._pending, {}
        for name, value in pending.items():
            setattr(self.settings, name, value)
        if pending and self.history:
            self.changes = [*self.changes, (self.step, pending)][-MOST_CHANGES:]

    def _record(self, event: training.Event, frame: Frame) -> None:
        self.history.append(event)
        if len(self.history) > MOST_EVENTS:
            self.history = self.history[:-1:2] + self.history[-1:]
        if not event.step:
            self._kept = [frame]
        elif event.step > GROWTH * self._kept[-1].step:
            kept = self._kept
            while len(kept) > self.most_frames - 2:
                kept = [*kept[:-1:2], kept[-1]]
            self._kept = [*kept, frame]
        self.frame = frame

    def _end(self, why: str, resumable: bool = True) -> None:
        """End the run and keep only the state that is needed to continue it."""
        with self._own:
            if resumable and self._save:
                self._state = self._save()
            self._events, self._save, self.stopped = None, None, why

    @torch.no_grad()
    def _look(self, event: training.Event | None) -> Frame:
        lam = event.lam if event else self.settings.lam or self.settings.measured_at
        B = self.solver.dictionary
        codes = self.solver(self.pictures, lam)
        made = (codes @ B.T).numpy().astype(np.float16)
        return Frame(event.step if event else 0, lam, event, B.numpy().astype(np.float16), codes.numpy(), made)


class Learning:
    """A dictionary that is learned in the background, by a thread of the scheduler.

    x         (n, d_x) the training rows
    n_atoms   d_s
    lam       λ; None: every λ
    epochs    at most; None: until the objective settles
    positive  whether codes and atoms are ≥ 0
    """

    def __init__(self, x: Tensor, n_atoms: int, lam: float | None, scheduler: Scheduler, seed: int = 0,
                 epochs: int | None = None, positive: bool = False):  # fmt: skip
        self.x, self.asked, self.scheduler, self.seed, self.epochs = x, (n_atoms, lam), scheduler, seed, epochs
        self.positive = positive
        self.passed = 0.0  # epochs done
        self._ended = threading.Event()
        self.dictionary = x.new_zeros(x.shape[1], n_atoms)  # (d_x, d_s), until the first epoch is done
        self.objectives: list[float] = []  # on held-out rows, after each epoch
        self.problem = ""  # why it failed
        self.done = self.cancelled = False
        self.gone: float | None = None  # when its reader disconnected

    @property
    def nbytes(self) -> int:
        """What the job keeps, without its data."""
        return self.dictionary.nbytes

    @property
    def share(self) -> float:
        """About how much is done, in [0, 1]: without `epochs`, learning has no fixed number of them."""
        return min(self.passed / self.epochs, 1.0) if self.epochs else 1 - 0.85**self.passed

    @property
    def wants_to_train(self) -> bool:
        away = self.gone is not None and time.monotonic() - self.gone > self.scheduler.limits.away
        return not (self.done or away or self.cancelled and self.objectives)

    def start(self) -> None:
        self.scheduler.submit(self)

    def end(self) -> None:
        """The server ends; `_report` notices that."""

    def cancel(self) -> None:
        """End after the epoch at hand, with the atoms learned so far."""
        self.cancelled = True

    def train(self) -> None:
        """Learn until learning is done; a thread of the scheduler calls this."""
        began = time.perf_counter()
        try:
            most = {"max_epochs": self.epochs} if self.epochs else {}
            options = {"seed": self.seed, "positive": self.positive, **most}
            for progress in dictionary.learning(self.x, *self.asked, report=self._report, **options):
                self.dictionary = progress.dictionary
                self.objectives.append(progress.objective)
                if not self.wants_to_train or time.perf_counter() - began > self.scheduler.limits.seconds:
                    break
        except Enough:
            pass
        except InterruptedError as error:
            self.problem = str(error)
        except Exception as error:
            _log.exception("a dictionary could not be learned")
            self.problem = str(error) if isinstance(error, ValueError) else f"Learning failed ({type(error).__name__})"
        self._finish()
        self.done = True
        self.x = None
        self._ended.set()

    def _finish(self) -> None:
        """What is done with the atoms before others hear that they are learned."""

    def wait(self, seconds: float) -> None:
        """Return when learning is done, or after so many seconds."""
        self._ended.wait(seconds)

    def _report(self, batch: dictionary.Batch) -> None:
        self.passed = batch.epochs
        if self.scheduler.closed:
            raise InterruptedError("the server ends")


class Enough(Exception):
    """A learning ends within an epoch, with what it has."""


class Scheduler:
    """Runs jobs in threads: `limits.at_once` at a time, the others in the order in which they were submitted.

    Before the interpreter ends it ends the jobs, because a thread that is still inside torch then would abort the process.
    `prepare` is called before each job, in its thread.
    """

    def __init__(self, limits: Limits, prepare: Callable[[], None] = lambda: None):
        self.limits, self.prepare = limits, prepare
        self.closed = False
        self._queue: deque[Job | Learning] = deque()
        self._running: dict[Job | Learning, threading.Thread] = {}
        self._lock = threading.Lock()
        atexit.register(_close, weakref.ref(self))

    def submit(self, job: Job | Learning) -> None:
        with self._lock:
            if not self.closed and job not in self._running and job not in self._queue:
                self._queue.append(job)
                self._admit()

    def withdraw(self, job: Job | Learning) -> None:
        """Remove the job from the queue."""
        with self._lock:
            if job in self._queue:
                self._queue.remove(job)

    def place(self, job: Job | Learning) -> int | None:
        """The job's place in the queue, counted from 1; None if it is not waiting."""
        with self._lock:
            return self._queue.index(job) + 1 if job in self._queue else None

    def runs(self, job: Job | Learning) -> bool:
        """Whether the job is training now."""
        return job in self._running

    def close(self, seconds: float = ENDING) -> None:
        """End all jobs, each after its step or batch at hand, and wait for that at most `seconds`."""
        with self._lock:
            self.closed = True
            self._queue.clear()
            threads = list(self._running.values())
            for job in self._running:
                job.end()
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _admit(self) -> None:
        while self._queue and len(self._running) < self.limits.at_once:
            job = self._queue.popleft()
            self._running[job] = threading.Thread(target=self._run, args=(job,), name="training", daemon=True)
            self._running[job].start()

    def _run(self, job: Job | Learning) -> None:
        if sys.platform == "linux":  # threads have priorities of their own on Linux, so that pages can come first
            with contextlib.suppress(OSError):  # some hosts do not allow it
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            self.prepare()
            job.train()
        finally:
            with self._lock:
                del self._running[job]
                if job.wants_to_train and not self.closed:  # it was started again after `train` had returned
                    self._queue.append(job)
                self._admit()


def _close(scheduler: weakref.ref[Scheduler]) -> None:
    if (alive := scheduler()) is not None:
        alive.close()


def megabytes(solver: Solver, rows: int, batch_size: int, horizon: int | None = None) -> float:
    """Estimate the memory, in MB, of training `solver` in batches of `batch_size` and measuring it on `rows` rows.

    `horizon`: the most iterations that the loss is taken at. The estimate counts the weights eight times (for the gradients,
    Adam's two moments, the last good weights with their moments, and two copies), twelve values per atom, iteration and
    sample for the backward pass, and five for the trajectory of an event. W_e with its parts and gradients adds eight
    matrices (d_s, d_s), and the exact solver's Gram matrix with its eigenvectors and inverses adds sixteen.
    """
    d_x, d_s = solver.dictionary.shape
    squares = (8 + 16) * d_s**2
    weights = 8 * sum(parameter.numel() for parameter in solver.parameters())
    backward = batch_size * (12 * d_s * max(solver.steps, horizon or 0) + 2 * d_x)
    measuring = rows * (5 * d_s * solver.steps + 3 * d_x)
    return 4e-6 * (weights + squares + backward + measuring)


@torch.no_grad()
def measure_baseline(solver: Solver, job: Job, lam: float) -> dict[str, Any]:
    """Measure `solver` on the job's pictures and tests at λ, with the job's number of iterations.

    Returns the reconstructions, F, its distance to the optimum in % (`evaluation.rank`), the share of non-zeros and, if the
    job learns labels, the accuracy of logistic regression on the codes, which is fitted on about `CLASSIFIED` training
    pictures of the job.
    """
    B, x, steps = solver.dictionary, job.tests.pixels, job.solver.steps
    codes = solver(x, lam, steps)
    F = lasso.honest_objective(x, codes, B, lam)
    accuracy, images = None, job.images[:: -(-len(job.images) // CLASSIFIED)]
    labelled = job.solver.C is not None and images.labels is not None and job.tests.labels is not None
    if labelled and 1 < len(images.labels.unique()) <= MOST_CLASSES:
        fitted, _ = evaluation.classifier(images, evaluation.encode(solver, images.pixels, lam, steps=steps), (1.0,))
        accuracy = float(fitted.score(codes.numpy(), job.tests.labels.numpy()))
    return {
        "made": (solver(job.pictures, lam, steps) @ B.T).numpy(),
        "objective": F.mean().item(),
        "excess": evaluation.rank(x, codes, B, lam, job.optimum(lam)).item(),
        "nonzero": evaluation.nonzero_share(codes).mean().item(),
        "accuracy": accuracy,
    }
