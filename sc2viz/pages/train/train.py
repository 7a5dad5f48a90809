"""Train live: train a network, watch it, change settings during the run, and step through the training afterwards."""

import functools

import streamlit as st

from sc2viz.jobs import training_job
from sc2viz.pages.train import describe_training, downloads, form, lessons, panels
from sc2viz.solvers import Failed
from sc2viz.ui import (
    boards,
    describe_models,
    models,
    page,
    pen,
    results,
    session,
    sets,
    sidebar,
    url,
)
from sc2viz.ui.cache import Named, cached, digest
from sc2viz.ui.errors import fragment, guarded
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

SCRUBBER = "training"
LOOK = 0.4  # seconds between two redraws during training


def train_live() -> None:
    view = sidebar.current()
    tools = page.head(_("Train live"), choices=True)
    with tools:
        pen.switch(view)
        lesson = form.choose_lesson()
    pen.canvas(view, ())
    bar = st.container(horizontal=True, vertical_alignment="bottom", key="train-bar")
    keys = bar.container(
        horizontal=True, vertical_alignment="center", width="content", key="train-keys"
    )
    keys.empty()  # so that the keys have their room before it is known which they are
    with bar.container(
        horizontal=True, vertical_alignment="bottom", width="content", key="train-settings"
    ):
        setup = form.choose(view)
    if form.waits(setup, view):
        with keys:
            form.buttons(None)
        return
    try:
        job = form.job(setup, view)
    except Failed as error:  # of a solver from outside the package: the reader chooses another
        page.notes([plain(error)])
        return
    with keys:
        form.buttons(job)
    notes = st.container()
    going = job.status in ("training", "waiting")
    baseline, failed = _working(job, form.baseline(job))
    fragment(_watch, LOOK if going else None)(job, baseline, view.dark)
    with notes:
        page.notes(failed)
        if lesson:
            lam = lesson.lam or lessons.MEASURED_AT
            now = _(
                "The sliders are now at λ = {lam:g} and T = {steps}.", lam=lam, steps=lesson.steps
            )
            st.markdown(f":material/visibility: {_(lesson.watch)} {now}")
        if job.status != "ready" and (job.setup != setup) and not job.loaded:
            page.notes(
                [
                    _(
                        "The settings have changed, but this run keeps its own. Reset starts a run with the new ones."
                    )
                ]
            )
    if not going:  # below what is shown, so that a pause leaves that where it is
        downloads.lead_on(view.data)
    with tools, guarded():
        files = downloads.files(job, baseline, _measured(job, baseline, job.frame.lam))
        page.explained([job.setup.solver], files, downloads.snippet(job), charts=False)


def _working(job: training_job.Job, model: models.Model) -> tuple[models.Model, list[str]]:
    """The baseline; where its solver fails, that by default, and a sentence on the other."""
    _models, failed = results.each([model], lambda each: _measured(job, each, job.frame.lam))
    return (models.public(job.setup.data)[url.default("beside")] if failed else model), failed


def _measured(job: training_job.Job, model: models.Model, lam: float) -> dict:
    """The numbers of the baseline at a λ. The job keeps them, because the page is redrawn several times a second."""
    at = model.id, lam
    if at not in job.baselines:
        if len(job.baselines) > 2 * training_job.MOST_CHANGES:
            job.baselines.clear()
        data = job.setup.data
        public = (
            not sets.private(data)
            and job.shared is sets.dictionary(data)
            and session.OWN_PICTURE.get() is None
        )
        same = Named(
            (data, job.solver.steps, job.solver.C is None, digest([job.pictures, job.shared])), job
        )
        # A copy, because panels write into it.
        job.baselines[at] = {**_baseline(model, same, lam, private=not public)}
    return job.baselines[at]


@cached
def _baseline(model: models.Model, job: Named, lam: float) -> dict:
    return training_job.measure_baseline(models.build(model), job.value, lam)


def _watch(job: training_job.Job, model: models.Model, dark: bool) -> None:
    """Show the run: the latest frame during training, and all frames otherwise."""
    going = job.status in ("training", "waiting")
    with st.container(horizontal=True, vertical_alignment="center", key="train-status"):
        st.progress(min(job.step / job.total, 1.0), describe_training.status(job), width="stretch")
        if job.stopped:
            st.caption(f":material/flag: {describe_training.ending(job)}", width="stretch")
        why = st.container(width="content", key="train-why")
    if model.traits.learned:
        page.notes(describe_models.notes([model], job.solver.steps, job.frame.lam))
    frames = [job.frame] if going else job.frames
    groups, curves, captions, names = panels.build(
        job, frames, model, functools.partial(_measured, job, model), dark
    )
    at = boards.scrubber(
        SCRUBBER,
        len(frames),
        groups,
        curves,
        [sentence for sentence, _why in captions],
        unit=_("frame"),
        start=len(frames) - 1,
        names=names,
        layout="training",
        live=going or len(frames) == 1,
        plays=_("Replay"),
    )
    with why:
        page.explain(captions[at][1])
    if not going and session.WAS_GOING.pop():
        st.rerun()  # the whole page is drawn anew once the training has ended, with other buttons
    session.WAS_GOING.set(going)


train_live()
