"""What stands in the place of a page while the dictionary that it needs is being learned."""

from collections.abc import Callable

import streamlit as st

from sc2viz.background import scheduling
from sc2viz.ui import errors, sets, sidebar

LOOK = 0.4  # seconds between two looks at the progress


def waits() -> bool:
    """Whether the view's dictionary is still being learned: the progress is then drawn, and the page opens by itself."""
    job = sets.learning(sidebar.current().data)
    return job is not None and unfinished(job, "The page then opens.", job.cancel)


def unfinished(job: scheduling.Learning, then: str, cancel: Callable[[], None] | None = None) -> bool:
    """Whether a dictionary is still being learned: the progress is then drawn, and in the end the page runs anew.

    then: a sentence that says what happens in the end. cancel: what the button does that ends the learning; None: there is
    no such button. ValueError where the dictionary could not be learned.
    """
    if job.problem:
        raise ValueError(f"The dictionary could not be learned: {job.problem}")
    if job.done:
        return False
    st.fragment(errors.guard(_progress), run_every=LOOK)(job, then, cancel)
    return True


def _progress(job: scheduling.Learning, then: str, cancel: Callable[[], None] | None) -> None:
    if job.done:
        st.rerun()
    atoms, lam = job.asked
    what = "every λ" if lam is None else f"λ = {lam:g}"
    st.header(f"Learning {atoms} atoms for {what}", anchor=False)
    place = job.scheduler.place(job)
    said = f"Place {place} in the queue" if place else f"Epoch {len(job.objectives) + 1}"
    if job.objectives:
        said += f", mean objective on held-out rows {job.objectives[-1]:.4g}"
    if job.cancelled:
        said += ", ending after this epoch"
    st.progress(job.share, f"{said}.")
    st.markdown(f"The atoms are learned from the training rows of this data set, in the background. {then}")
    if cancel is not None:
        st.button("Cancel", icon=":material/stop:", on_click=cancel, disabled=job.cancelled,
                  help="End after this epoch, and go on with the atoms learned so far.")  # fmt: skip
