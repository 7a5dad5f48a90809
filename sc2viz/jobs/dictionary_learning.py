"""A dictionary that is learned in the background, and a film of it: its atoms after more and more samples."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from sc2viz import dictionary
from sc2viz.jobs.reel import Filmed, thin
from sc2viz.jobs.scheduling import Enough, Job, Scheduler

# That a film takes at most, by the rule of `dictionary.learn`
EPOCHS = {"online": 20, "cross-fitted": 60}
MAX_BATCHES = 2000  # of which the objectives are kept


class Learning(Job):
    """A dictionary that is learned.

    x         (n, d_x) the training rows
    n_atoms   d_s
    lam       λ; None: every λ
    epochs    at most; None: until the objective settles
    positive  whether codes and atoms are ≥ 0
    rule      of `dictionary.learn`
    """

    doing = "learning"

    def __init__(
        self,
        x: Tensor,
        n_atoms: int,
        lam: float | None,
        scheduler: Scheduler,
        seed: int = 0,
        epochs: int | None = None,
        positive: bool = False,
        rule: str = "online",
    ):
        super().__init__(scheduler)
        self.x, self.asked, self.epochs, self.rule = x, (n_atoms, lam), epochs, rule
        self.options = {"seed": seed, "positive": positive, "rule": rule}
        if epochs:
            self.options["max_epochs"] = epochs
        self.passed = 0.0  # epochs that are done, a fraction
        self.dictionary = x.new_zeros(x.shape[1], n_atoms)  # until the first epoch is done
        self.objectives: list[float] = []  # the mean F on held-out rows after each epoch

    @property
    def nbytes(self) -> int:
        """The bytes that the job keeps, without its training rows."""
        return self.dictionary.nbytes

    @property
    def share(self) -> float:
        """About which share of the learning is done, in [0, 1]; without `epochs` nobody knows how many epochs there will
        be."""
        return min(self.passed / self.epochs, 1.0) if self.epochs else 1 - 0.85**self.passed

    @property
    def wants_to_train(self) -> bool:
        """Whether the learning goes on. Cancelled, it ends after the epoch at hand, with the atoms learned so far."""
        return not (self.done or self.is_abandoned or self.cancelled and self.objectives)

    def end(self) -> None:
        """Do nothing where the server ends: `_report` notices that, and ends the job after the batch at hand."""

    def _do(self) -> None:
        """Learn epoch by epoch, and keep the atoms and the objective after each of them."""
        for progress in dictionary.learning(
            self.x, *self.asked, report=self._report, **self.options
        ):
            self.dictionary = progress.dictionary
            self.objectives.append(progress.objective)
            if not self._goes_on():
                break

    def _finish(self) -> None:
        """Forget the training rows, which nothing needs any more."""
        self.x = None

    def _report(self, batch: dictionary.Batch) -> None:
        """Note how far the learning is, after each batch; ValueError, which ends the job, where the server ends."""
        self.passed = batch.epochs
        if self.scheduler.closed:
            raise ValueError("the server ends")


class FilmFrame(NamedTuple):
    """The atoms B (d_x, d_s), float16, after so many samples, and how many were replaced by then."""

    samples: int
    atoms: np.ndarray
    replaced: int = 0

    @property
    def nbytes(self) -> int:
        return self.atoms.nbytes


class Film(Filmed, Learning):
    """A `Learning` that keeps frames, and that ends after the batch at hand when it is cancelled or its reader has left.

    blank     the mean objective of codes that are all zero, ½‖x‖²
    history   (samples, mean objective) of each batch
    setup     any description, for whoever made it
    finish    what is made of the dictionary in the end, in the background, while `finishing`; `result` holds it
    """

    wants_to_train = Job.wants_to_train
    growth = 1.18  # the number of samples at a frame over that at the frame before

    def __init__(
        self,
        x: Tensor,
        n_atoms: int,
        lam: float,
        scheduler: Scheduler,
        *,
        epochs: int | None = None,
        rule: str = "online",
        setup: Any = None,
        finish: Callable[[Tensor], Any] = lambda B: None,
        **options,
    ):
        epochs = epochs or EPOCHS[rule]
        super().__init__(x, n_atoms, lam, scheduler, epochs=epochs, rule=rule, **options)
        self.setup, self.finish, self.finishing = setup, finish, False
        self.blank = 0.5 * x.square().sum(1).mean().item()
        self.history: list[tuple[int, float]] = []

    @property
    def nbytes(self) -> int:
        """The bytes that the job keeps, its frames among them."""
        return super().nbytes + sum(frame.nbytes for frame in self.frames)

    @property
    def share(self) -> float:
        """About which share of the learning is done, in [0, 1]; online, most of it settles well before `epochs`."""
        return max(super().share, 1 - 0.85**self.passed if self.rule == "online" else 0.0)

    def cancel(self) -> None:
        """End the learning after the batch at hand, with the atoms learned so far; at once where it has not begun."""
        self.cancelled = True
        if self.place is not None:
            self.scheduler.withdraw(self)
            self._close()

    def _finish(self) -> None:
        """Forget the training rows, and have `finish` make the `result` of the dictionary, unless the job failed or its
        reader has left."""
        super()._finish()
        if self.frame is not None and not (self.problem or self.is_abandoned):
            self.finishing = True
            self.result = self.finish(self.dictionary)

    def _report(self, batch: dictionary.Batch) -> None:
        """Keep a frame and the objective of each batch; where nobody wants the rest, keep the atoms and end the job."""
        super()._report(batch)
        atoms = batch.dictionary.numpy().astype(np.float16)
        self.keep_frame(batch.samples, FilmFrame(batch.samples, atoms, batch.replaced))
        if batch.samples:
            self.history.append((batch.samples, batch.objective))
            self.history = thin(self.history, MAX_BATCHES)
        if not self.wants_to_train:
            self.dictionary = batch.dictionary.clone()
            raise Enough
