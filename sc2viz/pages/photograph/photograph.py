"""Photograph: sparse coding of a whole photograph, patch by patch. It is cleaned, filled in, or written with few numbers.

chosen_photo    the photograph, its noise and the dictionary, as the sidebar says
tasks           what can be done: what is computed, drawn, said and taken away
answers         what is computed for it, in the background
pictures        the divider, and answers side by side: divider.js, noise.js for σ, painter.js for the brush
clicked_patch   the patch at the pixel that was clicked, and its code
"""

from pathlib import Path

import streamlit as st

from sc2viz.jobs.shared_jobs import Task
from sc2viz.pages.photograph import answers, chosen_photo
from sc2viz.pages.photograph.pictures import Results, ShownAnswer
from sc2viz.pages.photograph.tasks import TASKS, PhotoTask
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
        page.caption(
            _(
                "Bring a photograph, clean or noisy. It stays in the server’s memory while this page is open."
            )
        )
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
    task.results = _gather(task, learning)
    with divider_column:
        task.draw_divider()
        _draw_progress(_(task.settled), learning)
    with sentence:
        page.caption(task.describe(), task.explain())
        page.notes(task.results.failures)
    with figure_column:
        task.draw_figure()
    if more_place:
        with more_place:
            task.draw_more()
    with tools:
        task.take_away(chosen)


def _gather(task: PhotoTask, learning: Task | None) -> Results:
    """The results that are there, while others are being made: first a coarse one of each model, and those of other methods;
    then, unless the reader has stopped that, fine ones."""
    desk, by_label = answers.desk(), {model.label: model for model in task.ready}
    courses = {label: task.tasks(model) for label, model in by_label.items()}
    desk.view = tuple(course[-1].key for course in courses.values())
    courses |= {label: [method] for label, method in task.other_methods().items()}
    best = {
        label: course[-1] if desk.find(course[-1]) is not None else course[0]
        for label, course in courses.items()
    }
    fine = [course[-1] for label, course in courses.items() if best[label] is not course[-1]]
    first = [*([learning] if learning else []), *best.values()]
    desk.ask(first, [] if desk.is_stopped else [*fine, *task.later()])
    cache.of_session().leave_room(own.memory.nbytes(desk.results))
    if learning and not task.photo.dictionary.is_ready and learning.key in desk.results:
        st.rerun()  # the dictionary was learned after the page had begun to run
    found_answers = [
        ShownAnswer(label, result, by_label.get(label), best[label] is not courses[label][-1])
        for label, at_best in best.items()
        if (result := desk.results.get(at_best.key)) is not None
    ]
    failures = [
        f"{_(label)}: {plain(job.problem.removeprefix(f'{label} '))}"
        for label, course in courses.items()
        for job in (desk.jobs.get(step.key) for step in course)
        if job and job.problem
    ]
    solved = [answer for answer in found_answers if answer.model]
    compared = [answer for answer in found_answers if not answer.model]
    return Results(task.source, solved, compared, failures)


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
