"""Train live: a network learns while one watches, and interferes; afterwards its training can be scrubbed through."""

import streamlit as st

from sc2viz import jobs
from sc2viz.pages.train import describe_training, downloads, form, lessons, panels
from sc2viz.ui import models, page, phrases, sidebar, stage
from sc2viz.ui.errors import guard, guarded

SCRUBBER = "training"
LOOK = 0.4  # seconds between looks at a job that trains


@guard
def train_live() -> None:
    view = sidebar.current()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Train live", width="stretch", anchor=False)
        tools = st.container(horizontal=True, width="content")
    playing = st.session_state.get("_lesson")
    form.lesson_buttons(playing)
    bar = st.container(horizontal=True, vertical_alignment="bottom", key="train-bar")
    keys = bar.container(horizontal=True, vertical_alignment="center", width="content", key="train-keys")
    with bar:
        setup = form.choose(view)
    job = form.job(setup, view)
    with keys:
        form.buttons(job)
    notes = st.container()
    going = job.status in ("training", "waiting")
    beside = form.baseline(job)
    st.fragment(guard(_watch), run_every=LOOK if going else None)(job, beside, view.dark)
    with notes:
        lesson = next((lesson for lesson in lessons.LESSONS if lesson.title == playing), None)
        if lesson:
            lam = lesson.lam or lessons.MEASURED_AT
            st.markdown(f":material/visibility: {lesson.watch} (The bench is at λ = {lam:g} and T = {lesson.steps} for it.)")
        if job.status != "ready" and (job.setup != setup) and not job.loaded:
            st.caption(":material/info: The settings have changed: Reset begins anew with them. This run keeps its own.")
        if not going:
            downloads.lead_on(view.data)
    with tools, guarded():
        phrases.equations([job.setup.solver])
        phrases.glossary()
        page.take_away(downloads.files(job, beside, _beside(job, beside)), downloads.snippet(job), charts=False)


def _beside(job: jobs.Job, model: models.Model) -> dict:
    """The baseline's numbers; kept with the job, for it is looked at many times a second."""
    at = model.id, job.frame.lam
    if at not in job.baselines:
        if len(job.baselines) > 16:
            job.baselines.clear()
        job.baselines[at] = jobs.measure_baseline(models.build(model), job, job.frame.lam)
    return job.baselines[at]


def _watch(job: jobs.Job, model: models.Model, dark: bool) -> None:
    """The run as it is now: the latest frame while it trains, and all of them when it does not."""
    going = job.status in ("training", "waiting")
    st.progress(min(job.step / job.total, 1.0), describe_training.status(job))
    if job.stopped:
        st.caption(f":material/flag: {describe_training.ending(job)}")
    if model.traits.learned:
        page.notes(models.notes([model], job.solver.steps, job.frame.lam))
    frames = [job.frame] if going else job.frames
    reel = panels.shoot(job, frames, model, _beside(job, model), dark)
    stage.scrubber(
        SCRUBBER, len(frames), reel.groups, reel.curves, reel.captions, unit="frame", start=len(frames) - 1,
        names=reel.names, layout="training", live=going or len(frames) == 1,
    )  # fmt: skip
    if not going and st.session_state.pop("_was_going", False):
        st.rerun()  # the buttons, and no more looking
    st.session_state["_was_going"] = going


train_live()
