"""The reader's own training: their job, in their session alone, and the network that it trains."""

import math

from sc2viz import lasso
from sc2viz.jobs import training_job
from sc2viz.ui import session
from sc2viz.ui.own import memory


def job() -> training_job.Training | None:
    """Return the reader's training; None where there is none."""
    return session.job


def begin(fresh: training_job.Training) -> training_job.Training:
    """Put `fresh`, which is not started here, in the place of the reader's job, which is closed; return it. ValueError where
    the session cannot hold it."""
    memory.check("job", fresh, fresh.solver.label)
    if previous := job():
        previous.close()
    session.job = fresh
    memory.present()
    return fresh


def has_atoms(d_x: int, positive: bool = False) -> bool:
    """Whether there is a network for rows of d_x numbers whose atoms another run can take; with `positive`, one whose codes
    are ≥ 0. Nothing is copied, so that a page that asks does not wait for a training that goes on."""
    run = job()
    if run is None or not (run.base or run.step or run.loaded):
        return False
    B, is_positive = run.solver.dictionary, run.solver.traits.positive
    if run.base is not None:
        B, is_positive = run.base.B, run.base.positive
    return len(B) == d_x and (is_positive or not positive)


def base(d_x: int) -> training_job.Base | None:
    """Return the network whose atoms another run can take: the reader's, or the one whose atoms that has; None without
    one."""
    if not has_atoms(d_x):
        return None
    run = job()
    if run.base is not None:
        return run.base
    network = run.network()
    return training_job.Base(
        network.label,
        lasso.normalised(network.dictionary.detach()),
        network.offset,
        network.traits.positive,
        run.history[-1].excess if run.history else math.nan,
    )
