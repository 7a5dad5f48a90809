"""Exercises: something to do on a page, which the page judges by its own numbers, whatever the picture.

A right answer gets the reason, and any other a hint. Another picture, λ or T asks the question anew.
"""

from collections.abc import Callable, Hashable

import streamlit as st

from sc2viz.classroom.question import Question, Truth
from sc2viz.ui import session
from sc2viz.words import _

TRIES = 2  # wrong answers after which the reader may see the right one


def ask(
    key: str,
    title: str,
    question: Question,
    truth: Truth,
    hint: Callable[[float], str],
    view: Hashable,
    solution: str = "",
    answer: float | None = None,
) -> None:
    """Draw an exercise, closed until the reader opens it, and what became of the last answer.

    key: names it, one a page. hint: of an answer that is not right. view: what the question is about. solution: what the
    reader may see after wrong answers, "" for nothing. answer: the page's own number, where the reader types none.
    """
    name, (asked_view, answers) = f"exercise-{key}", session.answers.get(key, (view, ()))
    answers = answers if asked_view == view else ()
    place = st.expander(
        _("Exercise: {title}", title=title),
        icon=":material/quiz:",
        expanded=bool(answers),
        key=name,
        on_change="rerun",
    )
    if not place.open:
        return
    with place:
        st.markdown(question.text)
        with (
            st.form(f"{name}-form", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            if answer is None:
                st.number_input(
                    _("Your answer"),
                    value=None,
                    step=question.step,
                    format="%.4g",
                    key=f"{name}-answer",
                    width=160,
                )
            st.form_submit_button(_("Check"), on_click=_take, args=(key, view, answers, answer))
        if not answers:
            return
        latest = answers[-1] if answer is None else answer
        if truth.holds(latest):
            st.success(truth.sentence, icon=":material/check:")
            return
        st.info(hint(latest), icon=":material/lightbulb:")
        if solution and len(answers) >= TRIES:
            with st.expander(_("Show the answer"), type="compact"):
                st.markdown(solution)


def _take(key: str, view: Hashable, answers: tuple, answer: float | None) -> None:
    """Keep an answer behind those before it; nothing typed is no answer."""
    answer = st.session_state.get(f"exercise-{key}-answer", answer)
    if answer is not None:
        session.answers = {**session.answers, key: (view, (*answers, answer))}
