"""The reader's own training: their job, in their session alone, and the network that it trains."""

import concurrent.futures.process  # noqa: F401 (joblib imports it, which fails in a thread once the interpreter ends)
from functools import cache, partial

import streamlit as st

from sc2viz.background import scheduling, training_job
from sc2viz.ui import background, leaving, session, startup
from sc2viz.ui.own import memory


@st.cache_resource(show_spinner=False)
def scheduler() -> scheduling.Scheduler:
    """The scheduler of training, which all readers of this server share."""
    return background.scheduler(_import)


@cache
def _import() -> None:
    """Import what only training needs, so that a server on which nobody trains does not pay for it."""
    import sklearn.linear_model  # noqa: F401 (the exact solver's last resort)

    startup.freeze()


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
        job().gone = None
        leaving.then("job", partial(leaving.note, [job()]))
