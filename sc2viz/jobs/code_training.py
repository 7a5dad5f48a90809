"""A network that learns in the background to find the true codes of one law, on the true atoms."""

import time
from dataclasses import replace

import torch

from sc2viz import training
from sc2viz.data import Images
from sc2viz.jobs.scheduling import Job, Scheduler
from sc2viz.solvers import Solver
from sc2viz.training import losses

BATCHES, SIZE = 1600, 128  # as many as the networks that ship, of as many signals
LOOKS = 16  # events of a run, each of which looks at signals that are not trained on
HELD_OUT = 100  # such signals
TRIED = 2  # steps that are timed for an estimate


class CodeTraining(Job):
    """A network that is trained. solver: built on the atoms of `rows`, which have a law; it is trained in
    place, at `lam` where it has a λ. batches: of fresh signals by that law."""

    def __init__(
        self,
        solver: Solver,
        rows: Images,
        lam: float,
        scheduler: Scheduler,
        batches: int = BATCHES,
    ):
        super().__init__(scheduler)
        self.solver, self.rows, self.lam = solver, rows, lam
        self.total = batches
        self.nmse = float("nan")  # after the batches that are done, on signals held out, in dB

    @property
    def nbytes(self) -> int:
        """The bytes that the job keeps."""
        return sum(weights.nbytes for weights in self.solver.state_dict().values())

    def _do(self) -> None:
        """Train the network, and note after some of the batches how well it recovers codes that were held out."""
        loss, every = losses.RECOVERING[0], max(1, self.total // LOOKS)
        recipe = training.recipe(self.solver, loss, "recommended")
        for event in training.fit(
            self.solver,
            self.rows.fresh(SIZE, 0),
            loss,
            settings=replace(recipe, lam=self.lam, every=every),
            epochs=self.total,
            batch_size=SIZE,
            validation=self.rows.fresh(HELD_OUT, 0, 1),
        ):
            self.step, self.nmse = event.step, event.nmse
            if not self._goes_on():
                break

    def _finish(self) -> None:
        """Set the network to evaluation, without gradients."""
        self.solver = self.solver.eval().requires_grad_(False)


def estimate_seconds(solver: Solver, rows: Images) -> float:
    """Return about how long a training takes one core, 0 where the solver learns nothing: the batches times a step at all
    layers, which are in use in half of them. rows: by whose law signals are made."""
    batch, lam = rows.fresh(SIZE, 0), torch.tensor(0.1, dtype=torch.float32)
    parameters = [parameter for parameter in solver.parameters() if parameter.requires_grad]
    times = []
    for _ in range(TRIED if parameters else 0):
        start = time.thread_time()
        cost = losses.recovery(solver, batch.pixels, lam, batch.codes).mean()
        torch.autograd.grad(cost, parameters, allow_unused=True)
        times.append(time.thread_time() - start)
    return 0.75 * BATCHES * min(times, default=0.0)
