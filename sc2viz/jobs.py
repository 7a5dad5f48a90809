"""Training in the background: a job belongs to one reader, outlives the runs of the page, and is only looked at by it.

A `Job` wraps `training.fit`. It holds no thread of its own: the `Office` lends one for as long as the job has something to
do, to so many jobs at a time, and the others wait in line. A job keeps what can be shown of it: an event for the curves,
a frame for the pictures, both bounded in number.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import math
import os
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sc2viz import evaluation, lasso, training
from sc2viz.data import Images
from sc2viz.solvers import Solver

PACE = 0.3  # seconds between events: the page looks a little less often
MOST_EVENTS = 1000  # kept for the curves; then every second one goes
MOST_CHANGES = 100
NICE = 15  # the priority of training threads, from 0, as pages have it, to 19, the last
CLASSIFIED = 4000  # pictures, more or less, that a baseline's codes are classified from: a tenth of a second …
MOST_CLASSES = 100  # … with ten classes
GROWTH = 1.08  # of the step between frames, so that the beginning, where most happens, has most of them
_log = logging.getLogger("sc2viz")


@dataclass(frozen=True)
class Limits:
    """What jobs may take. Each is set by an environment variable, such as SC2VIZ_TRAIN_AT_ONCE=4."""

    at_once: int = 2  # jobs that train at the same time, a thread each; the others wait
    seconds: float = 600.0  # of training a job, without its pauses
    megabytes: float = 500.0  # a job may need
    away: float = 20.0  # seconds that a job goes on when its reader is gone
    frames: int = 48  # of the time machine, and …
    frame_megabytes: float = 8.0  # … what they may take together, though eight are always kept

    @classmethod
    def from_environment(cls) -> Limits:
        """ValueError, which names the variable, where one is not a positive number."""
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
    """How things were at a step: the atoms, and what became of the job's pictures."""

    step: int
    lam: float
    event: training.Event | None  # None before anything was measured
    atoms: np.ndarray  # (d_x, d_s) float16
    codes: np.ndarray  # (n, d_s) float32
    made: np.ndarray  # (n, d_x) float16, the reconstructions


class Job:
    """A run of `training.fit` that can be played, paused and interfered with, from any thread.

    solver      trained in place by the job alone; `network()` is a copy to take along
    images      to train on; `tests`: the rows that events measure; `pictures` (n, d_x): those that frames show
    options     what else `fit` takes: loss, epochs, batch_size, preset, seed
    setup       whatever its maker wants to remember of it; loaded: whether the solver was trained before
    """

    def __init__(self, solver: Solver, images: Images, tests: Images, pictures: Tensor, settings: training.Settings,
                 office: Office, *, setup: Any = None, loaded: bool = False, **options):  # fmt: skip
        self.limits, self.office = office.limits, office
        self.solver, self.images, self.tests, self.pictures = solver, images, tests, pictures
        self.settings, self.options, self.setup, self.loaded = settings, options, setup, loaded
        self.first_settings = vars(settings).copy()
        needed = megabytes(solver, len(tests), options["batch_size"])
        if needed > self.limits.megabytes:
            raise ValueError(
                f"this run would need about {needed:,.0f} MB, and a run may have {self.limits.megabytes:,.0f}: "
                "choose fewer atoms, fewer iterations T or smaller batches"
            )
        self.id = secrets.token_hex(8)
        self.epochs = options["epochs"]
        self.steps_an_epoch = -(-len(images) // options["batch_size"])
        self.until = 0.0  # the step up to which the reader wants it to go
        self.seconds = 0.0  # of training
        self.stopped: str | None = None  # why the run ended, as in Event.stopped; "limit": its seconds are used up
        self.gone: float | None = None  # when its reader was seen to be gone
        self.closed = False
        self.beside: dict = {}  # what its page remembers of the baselines
        self.history: list[training.Event] = []
        self.changes: list[tuple[int, dict[str, Any]]] = []  # (step, what was set from there on)
        self._pending: dict[str, Any] = {}
        self._state = self._save = self._copy = None
        self._events = self._fit()  # which refuses what does not fit together
        self._own = threading.RLock()  # held while weights move
        self.frame = self._look(None)
        size = sum(part.nbytes for part in (self.frame.atoms, self.frame.codes, self.frame.made))
        self.most_frames = int(min(self.limits.frames, max(8, self.limits.frame_megabytes * 1e6 // size)))
        self._kept = [self.frame]

    @property
    def step(self) -> int:
        return self.frame.step

    @property
    def total(self) -> int:
        """The step at which it will be finished."""
        return self.epochs * self.steps_an_epoch

    @property
    def status(self) -> str:
        """ "ready", before it was ever played; "waiting" in line; "training"; "paused"; "ended", see `stopped`."""
        if self.office.place(self) is not None:
            return "waiting"
        if self.office.serves(self):
            return "training"
        return "ended" if self.stopped or self.closed else "paused" if self.history else "ready"

    @property
    def frames(self) -> list[Frame]:
        """From the start to now, at most `most_frames`."""
        kept = list(self._kept)
        return kept if kept[-1] is self.frame else [*kept, self.frame]

    def play(self) -> None:
        """Go on; after the end, for as many epochs more."""
        self._go(math.inf)

    def one_step(self) -> None:
        self._go(self.step + 1)

    def one_epoch(self) -> None:
        """Up to the end of the epoch at hand."""
        self._go((self.step // self.steps_an_epoch + 1) * self.steps_an_epoch)

    def pause(self) -> None:
        """After the step at hand."""
        self.until = 0
        self.office.withdraw(self)
        self.settings.every = 1

    def stop(self) -> None:
        """End the run after the step at hand; `play` takes it up again."""
        if self.office.serves(self):
            self.settings.stop = True
            self.settings.every = 1
        else:
            self.pause()
            self._end(self.stopped or "interrupted")

    def change(self, **values) -> None:
        """Set `training.Settings` from the next step on; what changes is noted in `changes`."""
        now = {name: self._pending.get(name, getattr(self.settings, name)) for name in values}
        fresh = {name: value for name, value in values.items() if value != now[name]}
        if not fresh:
            return
        self._pending = {**self._pending, **fresh}
        if not self.history and not self.office.serves(self):
            self._apply()
            self.first_settings = vars(self.settings).copy()
            self.frame = self._look(None)
            self._kept = [self.frame]
        else:
            self.settings.every = 1

    def close(self) -> None:
        """End for good and let go of what training needs; what can be shown stays."""
        self.closed = True
        self.pause()
        with self._own:
            self._events = self._state = self._save = None

    def network(self) -> Solver:
        """A copy of the network as it is now, ready to code."""
        with self._own:
            if self._copy is None or self._copy[0] != self.step:
                twin = copy.deepcopy(self.solver).eval().requires_grad_(False)
                self._copy = self.step, twin
            return self._copy[1]

    def train(self) -> None:
        """Train until there is no more to do: the office's thread runs it."""
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
                    event, self._save = replace(event, state=None), event.state  # an event that is kept keeps no run
                    frame = self._look(event)
                self.seconds += time.perf_counter() - began
                self._record(event, frame)
                out_of_time = self.seconds >= self.limits.seconds
                if event.stopped or out_of_time:
                    self._end(event.stopped or "limit", resumable=not out_of_time)
        except Exception as error:
            _log.exception("a training job failed")
            self.stopped = str(error) if isinstance(error, ValueError) else f"it failed ({type(error).__name__})"
            self._events = self._state = self._save = None

    @property
    def can_go_on(self) -> bool:
        """Not where it was closed, failed, or has used up its seconds."""
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
        self.office.submit(self)

    def _fit(self) -> Iterator[training.Event]:
        return training.fit(self.solver, self.images, **{**self.options, "epochs": self.epochs}, settings=self.settings,
                            validation=self.tests, resume=self._state, from_start=not self.history)  # fmt: skip

    def _next_event(self) -> int:
        """`Settings.every` for an event in `PACE` seconds and at the step where it is to pause; often at the beginning."""
        ahead = 1
        if self.history and self.history[-1].samples_per_second > 0:
            pace = PACE * self.history[-1].samples_per_second / self.options["batch_size"]
            ahead = max(1, min(int(pace), self.step // 4))
        until = self.until  # another thread may change it
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
        """Let go of the run, but for what taking it up again needs."""
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


class Office:
    """Lends threads to jobs: `limits.at_once` train at a time, the others wait in the order in which they came."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self._line: deque[Job] = deque()
        self._served: set[Job] = set()
        self._lock = threading.Lock()

    def submit(self, job: Job) -> None:
        with self._lock:
            if job not in self._served and job not in self._line:
                self._line.append(job)
                self._admit()

    def withdraw(self, job: Job) -> None:
        """Leave the line."""
        with self._lock:
            if job in self._line:
                self._line.remove(job)

    def place(self, job: Job) -> int | None:
        """1 for the next in line, and so on; None where it does not wait."""
        with self._lock:
            return self._line.index(job) + 1 if job in self._line else None

    def serves(self, job: Job) -> bool:
        return job in self._served

    def _admit(self) -> None:
        while self._line and len(self._served) < self.limits.at_once:
            job = self._line.popleft()
            self._served.add(job)
            threading.Thread(target=self._serve, args=(job,), name="training", daemon=True).start()

    def _serve(self, job: Job) -> None:
        if sys.platform == "linux":  # where a thread has a priority of its own: pages come first
            with contextlib.suppress(OSError):  # a host that does not allow it trains all the same
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            job.train()
        finally:
            with self._lock:
                self._served.discard(job)
                if job.wants_to_train:  # played again while it was leaving
                    self._line.append(job)
                self._admit()


def megabytes(solver: Solver, rows: int, batch_size: int) -> float:
    """Roughly what training `solver` takes, in batches of `batch_size` and measured on `rows`.

    Weights eight times over (gradients, Adam's moments, the last good ones and their moments, two copies), a dozen values
    an atom, iteration and sample for the backward pass, and the events' trajectory of five values. Whatever the weights,
    W_e with its parts and gradients is eight matrices (d_s, d_s), and the exact solver's Gram matrix with its eigenvectors
    and inverses sixteen.
    """
    d_x, d_s = solver.dictionary.shape
    squares = (8 + 16) * d_s**2
    weights = 8 * sum(parameter.numel() for parameter in solver.parameters())
    backward = batch_size * (12 * d_s * solver.steps + 2 * d_x)
    measuring = rows * (5 * d_s * solver.steps + 3 * d_x)
    return 4e-6 * (weights + squares + backward + measuring)


@torch.no_grad()
def beside(solver: Solver, job: Job, lam: float) -> dict[str, Any]:
    """What `solver` makes of the job's pictures and tests at λ, in as many iterations as the job's: reconstructions, F,
    excess in %, share of non-zeros; and where the job learns labels, the share of them that logistic regression tells
    from the codes, fitted on about `CLASSIFIED` pictures of the job."""
    B, x, steps = solver.dictionary, job.tests.pixels, job.solver.steps
    codes, unit = solver(x, lam, steps), lasso.normalised(B)
    best = lasso.objective(x, lasso.solve(x, unit, lam, tol=1e-3).codes, unit, lam)
    F = lasso.honest_objective(x, codes, B, lam)
    accuracy, images = None, job.images[:: -(-len(job.images) // CLASSIFIED)]
    labelled = job.solver.C is not None and images.labels is not None and job.tests.labels is not None
    if labelled and 1 < len(images.labels.unique()) <= MOST_CLASSES:
        fitted, _ = evaluation.classifier(images, evaluation.encode(solver, images.pixels, lam, steps=steps), (1.0,))
        accuracy = float(fitted.score(codes.numpy(), job.tests.labels.numpy()))
    return {
        "made": (solver(job.pictures, lam, steps) @ B.T).numpy(),
        "objective": F.mean().item(),
        "excess": evaluation.excess(F, best).item(),
        "nonzero": evaluation.nonzero_share(codes).mean().item(),
        "accuracy": accuracy,
    }
