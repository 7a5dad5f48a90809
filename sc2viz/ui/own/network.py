"""The reader's own training: their job, in their session alone, and the network that it trains."""

from sc2viz.jobs import training_job
from sc2viz.ui import progress, session
from sc2viz.ui.own import memory


def job() -> training_job.Job | None:
    return session.JOB.get()


def begin(fresh: training_job.Job) -> training_job.Job:
    """Put `fresh` in the place of the reader's job. ValueError where the session cannot hold it."""
    memory.check(session.JOB, fresh, fresh.solver.label)
    old = job()
    if old is not None:
        old.close()
    session.JOB.set(fresh)
    present()
    return fresh


def present() -> None:
    """Note, at every run of the app, that the reader is here. When their connection ends, Streamlit tells their job."""
    if job() is not None:
        progress.here("job", [job()])
