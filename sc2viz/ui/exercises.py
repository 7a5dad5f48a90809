"""Exercises: something to do on a page, which the page judges by its own numbers, whatever the picture.

A right answer gets the reason, and any other a hint. Another picture, λ or T asks the question anew.
"""

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from sc2viz.ui import session
from sc2viz.words import _

TRIES = 2  # wrong answers after which the reader may see the right one


def ask(
    key: str,
    title: str,
    question: str,
    judge: Callable[[Any], tuple[bool, str]],
    view: Hashable,
    solution: str = "",
    asks: bool = True,
) -> None:
    """Draw an exercise, closed until the reader opens it, and what became of the last answer.

    key: names it, one a page. judge: says of an answer whether it is right, and the reason or else a hint. view: what
    the question is about. solution: what the reader may see after wrong answers, "" for nothing. asks: whether there is a
    number to type; else the page alone is judged.
    """
    name, given = f"exercise-{key}", session.ANSWERS.get().get(key)
    view, answers = given if given and given[0] == view else (view, ())
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
        st.markdown(question)
        with (
            st.form(f"{name}-form", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            if asks:
                st.number_input(
                    _("Your answer"),
                    value=None,
                    step=0.001,
                    format="%.4g",
                    key=f"{name}-answer",
                    width=160,
                )
            st.form_submit_button(_("Check"), on_click=_take, args=(key, view, answers))
        if not answers:
            return
        right, said = judge(answers[-1])
        (st.success if right else st.info)(
            said, icon=":material/check:" if right else ":material/lightbulb:"
        )
        if not right and solution and len(answers) >= TRIES:
            with st.expander(_("Show the answer"), type="compact"):
                st.markdown(solution)


def _take(key: str, view: Hashable, before: tuple) -> None:
    """Keep an answer beside those before it; nothing typed is no answer."""
    answer = st.session_state.get(f"exercise-{key}-answer", True)
    if answer is not None:
        session.ANSWERS.set({**session.ANSWERS.get(), key: (view, (*before, answer))})
