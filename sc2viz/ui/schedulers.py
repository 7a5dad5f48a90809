"""Work in the background of the server."""

import concurrent.futures.process  # noqa: F401 (joblib imports it, which fails in a thread once the interpreter ends)
from functools import cache

import streamlit as st

from sc2viz.jobs.scheduling import Limits, Scheduler
from sc2viz.ui import startup


@st.cache_resource(show_spinner=False)
def scheduler(kind: str) -> Scheduler:
    """Return the scheduler of one kind of work, which all readers of this server share. Long work of one kind then keeps
    nobody waiting who asked for another kind."""
    return Scheduler(Limits.from_environment(), prepare if kind == "training" else lambda: None)


@cache
def prepare() -> None:
    """Import what only training needs, so that a server on which nobody trains does not pay for it."""
    import sklearn.linear_model  # noqa: F401 (the accuracy of what is trained)

    startup.freeze()
