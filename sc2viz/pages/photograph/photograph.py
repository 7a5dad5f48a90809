"""Photograph: sparse coding of a whole photograph, patch by patch. It is cleaned, filled in, or written with few numbers.

chosen_photo    the photograph, its noise and the dictionary, as the sidebar says
tasks           what can be done: what is computed, drawn, said and taken away; the divider, and answers side by side:
                divider.js, noise.js for σ, painter.js for the brush
answers         what is computed for it, in the background
clicked_patch   the patch at the pixel that was clicked, and its code
"""

from pathlib import Path

import streamlit as st

from sc2viz.jobs.shared_jobs import Task
from sc2viz.pages.photograph import answers, chosen_photo
from sc2viz.pages.photograph.tasks import TASKS, PhotoTask, ShownAnswer
from sc2viz.photographs import coding
from sc2viz.ui import cache, chips, own, page, progress, url
from sc2viz.ui.untrusted import plain
from sc2viz.words import _


def draw_page() -> None:
    st.html(Path(__file__).with_name("photograph.css"))
    tools = page.head(_("Photograph"), choices=True)
    with tools:
        name = url.widget("do")
    photo = chosen_photo.choose(name)
    if photo is None:
        invitation = _(
            "Bring a photograph, clean or noisy. It stays in the server’s memory while this page is open."
        )
        page.caption(invitation)
        own.photograph.controls(chosen_photo.begin_anew)
        return
    sentence = st.container(key="photo-sentence")
    sentence.empty()  # so that it has its room before it is written
    divider_column, figure_column = st.columns([1.12, 1], gap="large")
    # A link to a clicked patch, or to another method before the divider, opens More.
    more_place = page.details("row" in st.query_params or url.value("front") == url.PEER)
    task = TASKS[name](photo, is_compared=more_place is not None)
    with more_place or st.container():
        about = _("The {limit} solvers chosen last work on the photograph.", limit=task.limit)
        models = answers.known_models(photo)
        chosen = chips.choose(
            models,
            task.limit,
            about,
            task.default_solvers,
            rows=1,
            is_drawn=more_place is not None,
        )
    task.photo, learning = answers.learn_dictionary(photo, chosen)
    is_ready = task.photo.dictionary.is_ready
    task.ready = [model for model in chosen if is_ready or not answers.is_built(model)]
    with figure_column:
        task.draw_controls()
    failures = _gather(task, learning)
    with divider_column:
        task.draw_divider()
        _draw_progress(_(task.settled), learning)
    with sentence:
        page.caption(task.describe(), task.explain())
        page.notes(failures)
    with figure_column:
        task.draw_figure()
    if more_place:
        with more_place:
            task.draw_more()
    with tools:
        task.take_away(chosen)


def _gather(task: PhotoTask, learning: Task | None) -> list[str]:
    """Give a task the answers that are there, while others are being made: first a coarse one of each model, and those of
    other methods; then, unless the reader has stopped that, fine ones. Returns a sentence for each that failed."""
    desk, by_label = answers.desk(), {model.label: model for model in task.ready}
    courses = {label: task.tasks(model) for label, model in by_label.items()}
    desk.view = tuple(course[-1].key for course in courses.values())
    courses |= {label: [method] for label, method in task.other_methods().items()}
    first, fine = [learning] if learning else [], []
    for course in courses.values():
        *coarse, best = course
        if coarse and desk.find(best) is None:
            first, fine = [*first, *coarse], [*fine, best]
        else:
            first.append(best)
    desk.ask(first, [] if desk.is_stopped else [*fine, *task.later()])
    cache.of_session().leave_room(own.memory.nbytes(desk.results))
    if learning and not task.photo.dictionary.is_ready and learning.key in desk.results:
        st.rerun()  # the dictionary was learned after the page had begun to run
    shown_answers, failures = [], []
    for label, course in courses.items():
        for step in course:
            job, result = desk.jobs.get(step.key), desk.results.get(step.key)
            if job and job.problem:
                failures.append(f"{_(label)}: {plain(job.problem.removeprefix(f'{label} '))}")
            if result is not None and step in first:
                is_coarse = step is not course[-1]
                shown_answers.append(ShownAnswer(label, result, by_label.get(label), is_coarse))
    task.answers = shown_answers
    return list(dict.fromkeys(failures))  # a coarse answer and a fine one fail alike


def _draw_progress(settled: str, learning: Task | None) -> None:
    """Draw how far the answers are, with a way to stop the finer ones; or say what to do next."""
    desk = answers.desk()

    def describe() -> str:
        if learning and learning.key in desk.jobs:
            share = 100 * desk.jobs[learning.key].share
            return _(
                "{n} atoms are learned from the photograph: {share:.0f} %",
                n=coding.ATOMS,
                share=share,
            )
        if desk.is_first:
            return _("A first answer …")
        return _("Further answers: {share:.0f} %", share=100 * desk.share)

    with st.container(horizontal=True, vertical_alignment="center", key="photo-progress"):
        if desk.pending:
            about = "" if desk.is_first else _("Keep what there is.")
            if not progress.goes_on(desk, describe, about):
                st.rerun()
        elif desk.is_stopped:
            st.caption(_("Further answers were stopped."), width="stretch")
            st.button(_("Refine"), icon=":material/play_arrow:", on_click=desk.go_on)
        else:
            st.caption(settled)


draw_page()
