"""Work that goes on while its reader looks: how far it is, and a button that stops it."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from sc2viz.jobs.scheduling import Job
from sc2viz.ui import errors, session_end
from sc2viz.words import _

LOOK = 0.5  # seconds between two looks at the progress


def here(name: str, jobs: Sequence[Job]) -> None:
    """Note, at every run of a page, that the reader of these jobs is here. When their connection ends, the jobs are told.
    name: what stands for them in the session."""
    if jobs:
        for job in jobs:
            job.gone = None
        session_end.then(name, partial(session_end.note, jobs))


def goes_on(
    job: Job,
    describe: Callable[[], str],
    about: str,
    *,
    label: str = "",
    key: str | None = None,
    stop: Callable[[], None] | None = None,
) -> bool:
    """Whether a job goes on: its progress and a button that stops it are then drawn, and in the end the page runs anew.

    describe: what is being done, once it has begun. about: what stopping does; "" where there is no button. stop: what the
    button does, by default to cancel the job.
    """
    if job.done:
        return False
    errors.fragment(_look, LOOK)(job, describe, about, label or _("Stop"), key, stop or job.cancel)
    return True


def _look(
    job: Job,
    describe: Callable[[], str],
    about: str,
    label: str,
    key: str | None,
    stop: Callable[[], None],
) -> None:
    if job.done:
        st.rerun()
    place = job.place
    text = _("Place {place} in the queue.", place=place) if place else describe()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text, width="stretch")
        if about:
            st.button(
                label,
                icon=":material/stop:",
                key=key,
                on_click=stop,
                help=about,
                disabled=job.cancelled,
            )
