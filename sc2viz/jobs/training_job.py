"""Training in the background. A job belongs to one reader and goes on between the runs of the page, which only reads it.

A `Training` wraps `training.fit` and has no thread of its own: a scheduler (`scheduling`) runs it. It keeps a bounded number of
events for the curves and of frames for the pictures.

`Training._lock` guards the weights and the run of `fit` (`_events`, `_state`, `_save`, `_copy`). Pages read all other
attributes without a lock, because they are replaced as a whole or only appended to.
"""

import copy
import math
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np
import torch
from cachetools import LRUCache, cachedmethod
from torch import Tensor

from sc2viz import evaluation, lasso, training
from sc2viz.data import Images
from sc2viz.jobs.reel import Filmed, thin
from sc2viz.jobs.scheduling import Scheduler
from sc2viz.solvers import Solver, finite

PACE = 0.3  # seconds between events, a little less than between two looks of the page
MAX_EVENTS, MAX_CHANGES = 1000, 100  # that are kept
# A classifier of a baseline's codes learns from about so many pictures, a tenth of a second for ten classes, and has at most
# so many classes.
CLASSIFIED, MAX_CLASSES = 4000, 100


@dataclass(frozen=True, eq=False)
class Frame:
    """The state at one step: the atoms, and the codes and reconstructions of the job's pictures."""

    step: int
    lam: float
    event: training.Event | None  # the event that measured this state; None before the first one
    atoms: np.ndarray  # (d_x, d_s) float16
    codes: np.ndarray  # (n, d_s) float32
    reconstructions: np.ndarray  # (n, d_x) float16

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        return self.atoms.nbytes + self.codes.nbytes + self.reconstructions.nbytes


@dataclass(frozen=True, eq=False)
class Base:
    """A trained network whose atoms another run takes and keeps."""

    name: str
    B: Tensor  # (d_x, d_s) of norm 1
    offset: Tensor | None  # (d_x,)
    positive: bool  # whether its codes are ≥ 0
    excess: float  # % above exact codes on its atoms; nan where that was not measured

    def subtract_offset(self, pixels: Tensor) -> Tensor:
        """Return rows (n, d_x) less the offset."""
        return pixels if self.offset is None else pixels - self.offset


class Training(Filmed):
    """A run of `training.fit` that any thread can start, pause, stop and change.

    solver      the solver, which only the job trains, in place; `network()` returns a copy
    images      the training data
    tests       the rows on which events are measured
    pictures    (n, d_x) the pictures that frames show
    options     further arguments of `fit`: loss, epochs, batch_size, preset, seed
    setup       any description of the run, for whoever made the job
    shared      the dictionary (d_x, d_s) by whose optimum F is ranked; by default the one that the run starts from
    loaded      whether the solver came from a file, already trained
    base        the network whose atoms the run has and keeps; images, tests and pictures are less its offset
    """

    growth = 1.08  # the step of a frame over that of the frame before

    def __init__(
        self,
        solver: Solver,
        images: Images,
        tests: Images,
        pictures: Tensor,
        settings: training.Settings,
        scheduler: Scheduler,
        *,
        setup: Any = None,
        loaded: bool = False,
        shared: Tensor | None = None,
        base: Base | None = None,
        **options,
    ):
        super().__init__(scheduler)
        self.solver, self.images, self.tests, self.pictures = solver, images, tests, pictures
        self.settings, self.options, self.setup = settings, options, setup
        self.loaded, self.base = loaded, base
        self.first_settings = vars(settings).copy()
        self.shared = lasso.normalised(solver.dictionary.detach()) if shared is None else shared
        self._optima: LRUCache[float, Tensor] = LRUCache(MAX_CHANGES)
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
        self.seconds = 0.0  # seconds that the job has trained
        # Why the run ended, as in `Event.stopped`, or "limit" where its seconds are used up
        self.stopped: str | None = None
        self.closed = False
        self.history: list[training.Event] = []
        # (step, the settings that changed there)
        self.changes: list[tuple[int, dict[str, Any]]] = []
        self._pending: dict[str, Any] = {}
        self._state = self._save = self._copy = None
        # ValueError where solver, images and options do not fit together
        self._events = self._fit()
        self._lock = threading.RLock()  # is held while the weights and the run change
        self.keep_frame(0, self._make_frame(None))

    @property
    def step(self) -> int:
        """The step at which the network is."""
        return self.frame.step

    @property
    def nbytes(self) -> int:
        """About what the job keeps, without its data: five times the weights (its solver, the copy of `network`, what it
        saves to go on from, and Adam's two moments), and its frames."""
        weights = sum(tensor.nbytes for tensor in self.solver.state_dict().values())
        return 5 * weights + sum(frame.nbytes for frame in self.frames)

    @property
    def total(self) -> int:
        """The step at which the run will be finished."""
        return self.epochs * self.steps_an_epoch

    @property
    def status(self) -> str:
        """One of "ready" (never started), "waiting" (in the queue), "training", "paused" and "ended" (see `stopped`)."""
        if self.place is not None:
            return "waiting"
        if self.scheduler.runs(self):
            return "training"
        return "ended" if self.stopped or self.closed else "paused" if self.history else "ready"

    def play(self) -> None:
        """Train on; after the end of the run, train for the same number of epochs again."""
        self._train_until(math.inf)

    def one_step(self) -> None:
        """Train for one step, then pause."""
        self._train_until(self.step + 1)

    def one_epoch(self) -> None:
        """Train to the end of the current epoch, then pause."""
        self._train_until((self.step // self.steps_an_epoch + 1) * self.steps_an_epoch)

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
        """Have the run end after the step at hand, because the server ends."""
        self.until = 0
        self.settings.stop, self.settings.every = True, 1

    def change(self, **values) -> None:
        """Set values of `training.Settings` from the next step on, and record in `changes` those that differ."""
        current = vars(self.settings) | self._pending
        fresh = {name: value for name, value in values.items() if value != current[name]}
        if not fresh:
            return
        self._pending = {**self._pending, **fresh}
        if self.history or self.scheduler.runs(self):
            self.settings.every = 1
            return
        self._apply_changes()
        self.first_settings = vars(self.settings).copy()
        self.keep_frame(0, self._make_frame(None))

    def close(self) -> None:
        """End the run for good and free what training needs; events and frames stay."""
        self.closed = True
        self.pause()
        with self._lock:
            self._events = self._state = self._save = None

    @cachedmethod(attrgetter("_optima"))
    def optimum(self, lam: float) -> Tensor:
        """Return F* of the tests on the shared dictionary at λ, (n,)."""
        x = self.tests.pixels
        codes = lasso.solve(x, self.shared, lam, tol=1e-3).codes
        return lasso.objective(x, codes, self.shared, lam)

    def distance(self, event: training.Event) -> float:
        """Return how far an event's F lies from the optimum, in %, by the one ruler (`evaluation.rank`)."""
        F = torch.tensor([event.objective], dtype=torch.float32)
        return evaluation.excess(F, self.optimum(event.lam).mean()[None]).item()

    def network(self) -> Solver:
        """Return a copy of the network at the current step, in evaluation mode; the same one until the next step."""
        with self._lock:
            if self._copy is None or self._copy[0] != self.step:
                twin = copy.deepcopy(self.solver).eval().requires_grad_(False)
                self._copy = self.step, twin
            return self._copy[1]

    def train(self) -> None:
        """Train until the job is to pause or to end; a thread of the scheduler calls this."""
        try:
            while self.wants_to_train:
                start = time.perf_counter()
                with self._lock:
                    self._apply_changes()
                    if self._events is None:
                        self._events = self._fit()
                        self._state = None
                    self.settings.every = self._next_event()
                    event = next(self._events)
                    # The event without the run's state, which events that are kept must not hold.
                    event, self._save = replace(event, state=None), event.state
                    frame = self._make_frame(event)
                self.seconds += time.perf_counter() - start
                self.history = thin([*self.history, event], MAX_EVENTS)
                self.keep_frame(event.step, frame)
                out_of_time = self.seconds >= self.limits.seconds
                if event.stopped or out_of_time:
                    self._end(event.stopped or "limit", resumable=not out_of_time)
        except Exception as error:
            self.stopped = self._describe_failure(error)
            self._events = self._state = self._save = None

    @property
    def can_go_on(self) -> bool:
        """Whether the job can train on: it was not closed, did not fail, and has seconds left."""
        return not self.closed and (not self.stopped or self._state is not None)

    @property
    def wants_to_train(self) -> bool:
        """Whether the reader wants more steps, and the run can make them."""
        return self.until > self.step and not (self.stopped or self.closed or self.is_abandoned)

    def _train_until(self, until: float) -> None:
        """Have the scheduler train until step `until`, ∞ for the end of the run; where the run is finished, add epochs.
        Nothing where it cannot go on."""
        if not self.can_go_on:
            return
        while self.step >= self.total:
            self.epochs += self.options["epochs"]
        self.settings.stop, self.stopped = False, None
        self.until = until
        self.scheduler.submit(self)

    def _fit(self) -> Iterator[training.Event]:
        """Begin or resume a run of `training.fit`, of which the iterator that is returned does the work."""
        return training.fit(
            self.solver,
            self.images,
            **{**self.options, "epochs": self.epochs},
            settings=self.settings,
            validation=self.tests,
            resume=self._state,
            from_start=not self.history,
        )

    def _next_event(self) -> int:
        """Return `Settings.every` such that the next event comes after `PACE` seconds, sooner at the beginning, or at the
        pause."""
        ahead = 1
        if self.history and self.history[-1].samples_per_second > 0:
            pace = PACE * self.history[-1].samples_per_second / self.options["batch_size"]
            ahead = max(1, min(int(pace), self.step // 4))
        until = self.until  # `until` is read once, because another thread may change it
        return int(min(self.step + ahead, until)) if until > self.step else 1

    def _apply_changes(self) -> None:
        """Set the settings that `change` has asked for, and record them."""
        pending, self._pending = self._pending, {}
        for name, value in pending.items():
            setattr(self.settings, name, value)
        if pending and self.history:
            self.changes = [*self.changes, (self.step, pending)][-MAX_CHANGES:]

    def _end(self, reason: str, resumable: bool = True) -> None:
        """End the run and keep only the state that is needed to continue it."""
        with self._lock:
            if resumable and self._save:
                self._state = self._save()
            self._events, self._save, self.stopped = None, None, reason

    @torch.no_grad()
    def _make_frame(self, event: training.Event | None) -> Frame:
        """Return the frame of the current state: the atoms, with codes and reconstructions of the job's pictures. event: the
        one that has measured it; None before the first."""
        lam = event.lam if event else self.settings.lam or self.settings.measured_at
        B = self.solver.dictionary
        codes = finite(self.solver, self.solver(self.pictures, lam))
        atoms, reconstructions = (
            tensor.numpy().astype(np.float16) for tensor in (B, self.solver.reconstruct(codes))
        )
        step = event.step if event else 0
        return Frame(step, lam, event, atoms, codes.numpy(), reconstructions)


def megabytes(solver: Solver, rows: int, batch_size: int, horizon: int | None = None) -> float:
    """Return an estimate of the memory, in MB, of training `solver` in batches of `batch_size` and measuring it on `rows`
    rows.

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
def measure_baseline(solver: Solver, job: Training, lam: float) -> dict[str, Any]:
    """Measure `solver` on the job's pictures and tests at λ, with the job's number of iterations.

    Returns the reconstructions, F, its distance to the optimum in % (`evaluation.rank`), the share of non-zeros and, if the
    job learns labels, the accuracy of logistic regression on the codes, which is fitted on about `CLASSIFIED` training
    pictures of the job.
    """
    B, x, steps = solver.dictionary, job.tests.pixels, job.solver.steps
    codes, x = finite(solver, solver(x, lam, steps)), solver.centred(x)
    F = lasso.honest_objective(x, codes, B, lam)
    accuracy, images = None, job.images[:: -(-len(job.images) // CLASSIFIED)]
    labelled = (
        job.solver.C is not None and images.labels is not None and job.tests.labels is not None
    )
    if labelled and 1 < len(images.labels.unique()) <= MAX_CLASSES:
        fitted, _ = evaluation.classifier(
            images, evaluation.encode(solver, images.pixels, lam, steps=steps), (1.0,)
        )
        accuracy = float(fitted.score(codes.numpy(), job.tests.labels.numpy()))
    return {
        "made": solver.reconstruct(solver(job.pictures, lam, steps)).numpy(),
        "objective": F.mean().item(),
        "excess": evaluation.rank(x, codes, B, lam, job.optimum(lam)).item(),
        "nonzero": evaluation.nonzero_share(codes).mean().item(),
        "accuracy": accuracy,
    }
