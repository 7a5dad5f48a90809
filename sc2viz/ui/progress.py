"""Work that goes on while its reader looks: how far it is, and a button that stops it."""

from collections.abc import Callable

import streamlit as st

from sc2viz.jobs.scheduling import Job
from sc2viz.ui import errors
from sc2viz.words import _

LOOK = 0.5  # seconds between two looks at the progress


def goes_on(
    job: Job,
    describe: Callable[[], str],
    about: str,
    *,
    label: str = "",
    key: str | None = None,
    stop: Callable[[], None] | None = None,
) -> bool:
    """Draw how far a job is and a button that stops it, while it goes on; return whether it does. In the end the page runs
    anew.

    describe: what is being done, once it has begun. about: what stopping does; "" where there is no button. stop: what the
    button does, by default to cancel the job.
    """

    def draw() -> None:
        if job.done:
            st.rerun()
        place = job.place
        text = _("Place {place} in the queue.", place=place) if place else describe()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.share, text)
            if about:
                st.button(
                    label or _("Stop"),
                    icon=":material/stop:",
                    key=key,
                    on_click=stop or job.cancel,
                    help=about,
                    disabled=job.cancelled,
                )

    if job.done:
        return False
    errors.fragment(draw, LOOK)()
    return True
