"""What stands in the place of a page while the dictionary that it needs is being learned."""

import streamlit as st

from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.ui import progress, sets, sidebar


def waits() -> bool:
    """Whether the view's dictionary is still being learned: the progress is then drawn, and the page opens by itself."""
    job = sets.learning(sidebar.current().data)
    about = "End after this epoch, and go on with the atoms learned so far."
    return job is not None and unfinished(job, "The page then opens.", about)


def unfinished(job: Learning, then: str, about: str = "") -> bool:
    """Whether a dictionary is still being learned: the progress is then drawn, and in the end the page runs anew.

    then: a sentence that says what happens in the end. about: what the button does that ends the learning; "": there is no
    such button. ValueError where the dictionary could not be learned.
    """
    if job.problem:
        raise ValueError(f"The dictionary could not be learned: {job.problem}")
    if job.done:
        return False
    atoms, lam = job.asked
    st.header(f"Learning {atoms} atoms for {'every λ' if lam is None else f'λ = {lam:g}'}", anchor=False)
    st.markdown(f"The atoms are learned from the training rows of this data set, in the background. {then}")
    return progress.goes_on(job, lambda: _said(job), about, label="Cancel")


def _said(job: Learning) -> str:
    said = f"Epoch {len(job.objectives) + 1}"
    if job.objectives:
        said += f", mean objective on held-out rows {job.objectives[-1]:.4g}"
    return f"{said}{', ending after this epoch' if job.cancelled else ''}."
