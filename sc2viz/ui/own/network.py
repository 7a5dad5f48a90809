"""The reader's own training: their job, in their session alone, and the network that it trains."""

import math

from sc2viz import lasso
from sc2viz.jobs import training_job
from sc2viz.ui import progress, session
from sc2viz.ui.own import memory


def job() -> training_job.Training | None:
    return session.JOB.get()


def begin(fresh: training_job.Training) -> training_job.Training:
    """Put `fresh` in the place of the reader's job. ValueError where the session cannot hold it."""
    memory.check(session.JOB, fresh, fresh.solver.label)
    old = job()
    if old is not None:
        old.close()
    session.JOB.set(fresh)
    present()
    return fresh


def has_atoms(d_x: int, positive: bool = False) -> bool:
    """Whether there is a network for rows of d_x numbers whose atoms another run can take; with `positive`, one whose codes
    are ≥ 0. Nothing is copied, so that a page that asks does not wait for a training that goes on."""
    known = job()
    if known is None or not (known.base or known.step or known.loaded):
        return False
    if known.base is not None:
        return len(known.base.B) == d_x and (known.base.positive or not positive)
    is_positive = known.solver.traits.positive
    return len(known.solver.dictionary) == d_x and (is_positive or not positive)


def base(d_x: int) -> training_job.Base | None:
    """The network whose atoms another run can take: the reader's, or the one whose atoms that has; None without one."""
    if not has_atoms(d_x):
        return None
    known = job()
    if known.base is not None:
        return known.base
    network = known.network()
    return training_job.Base(
        network.label,
        lasso.normalised(network.dictionary.detach()),
        network.offset,
        network.traits.positive,
        known.history[-1].excess if known.history else math.nan,
    )


def present() -> None:
    """Note, at every run of the app, that the reader is here. When their connection ends, Streamlit tells their job."""
    if job() is not None:
        progress.here("job", [job()])
