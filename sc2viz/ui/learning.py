"""What stands in the place of a page while the dictionary that it needs is being learned."""

import streamlit as st

from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.ui import progress, sets, sidebar
from sc2viz.words import _, localized


def draw_progress_of_view() -> bool:
    """Draw the progress of the view's dictionary while it is being learned, and return whether it is; the page then opens by
    itself."""
    job = sets.ensure_learning(sidebar.current().data)
    about = _("End after this epoch, and go on with the atoms learned so far.")
    return job is not None and draw_progress(job, _("The page then opens."), about)


def draw_progress(job: Learning, result: str, about: str = "") -> bool:
    """Draw the progress of a dictionary while it is being learned, and return whether it is; in the end the page runs anew.

    result: a sentence that says what happens in the end. about: what the button does that ends the learning; "": there is no
    such button. ValueError where the dictionary could not be learned.
    """
    if job.problem:
        raise ValueError(_("The dictionary could not be learned: {reason}", reason=job.problem))
    if job.done:
        return False
    st.header(_("Learning {atoms} atoms", atoms=job.asked[0]), anchor=False)
    sentence = _(
        "The atoms are learned from the training rows of this data set, in the background."
    )
    st.markdown(f"{sentence} {result}")
    return progress.goes_on(job, lambda: _describe(job), about, label=_("Cancel"))


def _describe(job: Learning) -> str:
    """Return how far the learning is, in a sentence."""
    epoch = _("Epoch {epoch}", epoch=len(job.objectives) + 1)
    if job.objectives:
        F = localized(f"{job.objectives[-1]:.4g}")
        epoch = _("{epoch}, mean objective on held-out rows {F}", epoch=epoch, F=F)
    return _("{epoch}, ending after this epoch.", epoch=epoch) if job.cancelled else f"{epoch}."
